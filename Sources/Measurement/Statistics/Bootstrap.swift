/// How sure a figure of a sample is, by drawing samples from the sample (Efron, Annals of Statistics 1979).
///
/// The interval is the one by percentiles. The accelerated one (BCa) needs the jackknife's estimate of a median's skewness, which doesn't
/// converge (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, section 11.6).
struct Bootstrap {
    /// How many samples are drawn.
    static let usualResamples = 2_000

    private var generator: SplitMix64
    private let resamples: Int

    init(seed: UInt64, resamples: Int = Bootstrap.usualResamples) {
        generator = SplitMix64(seed: seed)
        self.resamples = resamples
    }

    /// The medians of samples drawn from `values`, each as large.
    mutating func medians(of values: [Double]) -> [Double] {
        var sample = Sample(values)
        return (0..<resamples).map { _ in sample.drawMedian(&generator) }
    }

    /// The medians of the medians of runs drawn from `runs`, of each of which a sample is drawn: what runs have in common stays together (Davison and
    /// Hinkley, Bootstrap Methods and their Application, 1997, section 3.8).
    mutating func medians(ofRuns runs: [[Double]]) -> [Double] {
        if runs.count == 1 { return medians(of: runs[0]) }
        var samples = runs.map(Sample.init)
        return (0..<resamples).map { _ in
            runs.indices.map { _ in samples[Int.random(in: runs.indices, using: &generator)].drawMedian(&generator) }
                .median
        }
    }

    /// Where the middle of the figures lies with a confidence.
    static func interval(_ figures: [Double], confidence: Double) -> ClosedRange<Double> {
        let sorted = figures.sorted()
        let outside = min(Int(Double(sorted.count) * (1 - confidence) / 2), (sorted.count - 1) / 2)
        return sorted[outside]...sorted[sorted.count - 1 - outside]
    }

    /// Values that samples are drawn from.
    private struct Sample {
        let sorted: [Double]
        /// How often each value was drawn: counted, what is drawn needn't be sorted.
        var drawn: [Int]

        init(_ values: [Double]) {
            sorted = values.sorted()
            drawn = [Int](repeating: 0, count: values.count)
        }

        mutating func drawMedian(_ generator: inout SplitMix64) -> Double {
            for index in drawn.indices { drawn[index] = 0 }
            for _ in sorted { drawn[Int.random(in: drawn.indices, using: &generator)] += 1 }
            var passed = 0
            var lower: Double?
            for (index, times) in drawn.enumerated() where times > 0 {
                passed += times
                if lower == nil, passed >= (sorted.count + 1) / 2 { lower = sorted[index] }
                if let lower, passed >= sorted.count / 2 + 1 { return (lower + sorted[index]) / 2 }
            }
            return .nan
        }
    }
}
