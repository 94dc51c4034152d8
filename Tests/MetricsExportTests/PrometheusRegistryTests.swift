import Metrics
import MetricsExport
import Testing

@Suite("Metrics as Prometheus reads them")
struct PrometheusRegistryTests {
    @Test("M6: each kind of metric in the text format, with its help and its dimensions")
    func kinds() {
        let registry = PrometheusRegistry(
            bounds: [.milliseconds(1), .milliseconds(10)], help: ["a.wait": "how long \"it\"\ntook"])
        let timer = Timer(label: "a.wait", dimensions: [("pool.name", "x\"y\\z\n")], factory: registry)
        timer.recordNanoseconds(500_000)
        timer.recordNanoseconds(5_000_000)
        timer.recordNanoseconds(50_000_000)
        Counter(label: "b.timeouts", factory: registry).increment(by: 3)
        FloatingPointCounter(label: "c.time", factory: registry).increment(by: 0.5)
        let meter = Meter(label: "d-size", factory: registry)
        meter.set(2.5)
        meter.decrement(by: 1)
        let recorder = Recorder(label: "e", dimensions: [], aggregate: true, factory: registry)
        recorder.record(2)
        recorder.record(3)
        #expect(
            registry.text() == """
                # HELP a_wait_seconds how long "it"\\ntook
                # TYPE a_wait_seconds histogram
                a_wait_seconds_bucket{pool_name="x\\"y\\\\z\\n",le="0.001"} 1
                a_wait_seconds_bucket{pool_name="x\\"y\\\\z\\n",le="0.01"} 2
                a_wait_seconds_bucket{pool_name="x\\"y\\\\z\\n",le="+Inf"} 3
                a_wait_seconds_sum{pool_name="x\\"y\\\\z\\n"} 0.0555
                a_wait_seconds_count{pool_name="x\\"y\\\\z\\n"} 3
                # TYPE b_timeouts_total counter
                b_timeouts_total 3
                # TYPE c_time_total counter
                c_time_total 0.5
                # TYPE d_size gauge
                d_size 1.5
                # TYPE e summary
                e_sum 5
                e_count 2

                """)
    }

    @Test("M6: whatever names and values hold, the text is valid, also while others record")
    func valid() async {
        let registry = PrometheusRegistry(help: ["1 ü": "a\r\nb\\"])
        for value in ["", "a b", "\r\n", "\n", "{}", "le=\"1\"", "\\", "é\u{301}", "# HELP"] {
            for label in ["1 ü", "x.y", "__name__", "trailing "] {
                Counter(label: label, dimensions: [("1st.name", value), ("é", "x")], factory: registry).increment()
                Timer(label: "t.\(label)", dimensions: [("pool", value)], factory: registry).recordNanoseconds(7)
                Meter(label: "m.\(label)", dimensions: [("pool", value)], factory: registry).set(Double.infinity)
            }
        }
        await withTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    let timer = Timer(label: "busy", dimensions: [("pool", "a")], factory: registry)
                    for number in 0..<5_000 as Range<Int64> { timer.recordNanoseconds(number * 1_000_000) }
                }
            }
            for _ in 0..<20 {
                let problems = PrometheusText(registry.text()).problems
                #expect(problems.isEmpty, "\(problems.prefix(5))")
                await Task.yield()
            }
        }
    }

    @Test(
        "What is no valid text is found out",
        arguments: [
            "a 1", "# TYPE a counter\na{b=\"c\" 1\n", "# TYPE a counter\na x\n", "# TYPE a counter\n9a 1\n",
            "# TYPE a counter\na{b=\"c\nd\"} 1\n", "# TYPE a counter\na 1\n# TYPE a counter\n", "a_total 1\n",
            "# TYPE a counter\na 1\na 1\n", "# TYPE a gauge\na 1\n# TYPE b gauge\na{x=\"y\"} 1\n",
            "# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n",
            "# TYPE a histogram\na_bucket{le=\"1\"} 1\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 2\n",
            "# TYPE a histogram\na_bucket{le=\"1\"} 1\na_sum 1\na_count 1\n",
        ])
    func invalid(_ text: String) {
        #expect(!PrometheusText(text).problems.isEmpty)
    }

    @Test("M6: who asks twice for a metric gets the same one; other dimensions are another series")
    func series() {
        let registry = PrometheusRegistry()
        for state in ["idle", "used", "idle"] {
            Counter(label: "n", dimensions: [("state", state)], factory: registry).increment()
        }
        #expect(registry.text().contains("n_total{state=\"idle\"} 2\nn_total{state=\"used\"} 1\n"))
    }

    @Test("M6: a metric that is destroyed is gone from the text")
    func destroyed() {
        let registry = PrometheusRegistry()
        let kept = Meter(label: "m", dimensions: [("pool", "a")], factory: registry)
        let gone = Meter(label: "m", dimensions: [("pool", "b")], factory: registry)
        kept.set(1)
        gone.set(2)
        gone.destroy()
        #expect(registry.text() == "# TYPE m gauge\nm{pool=\"a\"} 1\n")
        kept.destroy()
        #expect(registry.text() == "\n")
    }

    @Test("M6: one name as two kinds shows the first, says so, and ends nobody")
    func conflict() {
        let registry = PrometheusRegistry()
        Meter(label: "x_total", factory: registry).set(1)
        Counter(label: "x", factory: registry).increment()
        let text = registry.text()
        #expect(text.contains("# not shown: x_total as a counter, since it is a gauge\n"))
        #expect(text.hasSuffix("# TYPE x_total gauge\nx_total 1\n"))
    }

    @Test("M3, M6: a process's memory, processor time, threads and files under OpenTelemetry's names")
    func process() {
        let registry = PrometheusRegistry(help: ProcessMetrics.help)
        let process = ProcessMetrics(name: "tests", factory: registry)
        registry.beforeText { process.update() }
        for name in [
            "process_memory_usage", "process_cpu_time_total", "process_thread_count",
            "process_open_file_descriptor_count",
        ] {
            let line = registry.text().split(separator: "\n").first { $0.hasPrefix("\(name){") }
            let value = line?.split(separator: " ").last.flatMap { Double($0) }
            #expect((value ?? 0) > 0, "\(name) is \(String(describing: line))")
        }
    }
}
