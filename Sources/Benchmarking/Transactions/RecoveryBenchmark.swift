/// How long it takes to bring a graph and a Redis on that know nothing of 10 000 decided units.
struct RecoveryBenchmark {
    let benchmarker: Benchmarker

    func run() async throws {
        try await RecoverySubject.with(prepare: benchmarker.prepare) { subject in
            try await benchmarker.measure(.recoveryTime, limitedBy: "reading the journal's JSON") {
                try await subject.recover()
            }
        }
    }
}
