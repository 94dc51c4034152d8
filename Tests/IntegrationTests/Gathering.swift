/// A place where tasks wait for each other: all go on once a number of them is there. Whoever comes later goes through.
actor Gathering {
    private let size: Int
    private var present = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(of size: Int) {
        self.size = size
    }

    func join() async {
        present += 1
        if present < size { return await withCheckedContinuation { waiting.append($0) } }
        for continuation in waiting { continuation.resume() }
        waiting = []
    }
}

/// Looks until a condition is fulfilled; the suite's time limit ends it otherwise.
func eventually(_ condition: () async throws -> Bool) async throws {
    while try await !condition() { try await Task.sleep(for: .milliseconds(5)) }
}
