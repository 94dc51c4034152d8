/// What tasks do on the stores at the same time. Each returns the seconds that it took.
extension BenchmarkStores {
    /// Of tasks that write at the same time, so that units share commits, and how many users each adds.
    static let (tasks, rounds) = (25, 8)

    /// Units, one after the other.
    func addAlone(_ count: Int, _ times: PhaseTimes? = nil) async throws -> Double {
        try await seconds { for _ in 0..<count { try await coordinator.addUser(ids.next(), times) } }
    }

    /// The same writes without anything that keeps the stores together.
    func addAlonePlain(_ count: Int, _ times: PhaseTimes) async throws -> Double {
        try await seconds { for _ in 0..<count { try await plain.addUser(ids.next(), times) } }
    }

    func addTogether(_ times: PhaseTimes? = nil, isBatched: Bool = false) async throws -> Double {
        try await seconds {
            try await inParallel(Self.tasks) { _ in
                for _ in 0..<Self.rounds { try await coordinator.addUser(ids.next(), times, isBatched: isBatched) }
            }
        }
    }

    func addTogetherPlain(_ times: PhaseTimes = PhaseTimes()) async throws -> Double {
        try await seconds {
            try await inParallel(Self.tasks) { _ in
                for _ in 0..<Self.rounds { try await plain.addUser(ids.next(), times) }
            }
        }
    }

    /// Users that both sides have, for ``mix(known:read:write:)``.
    ///
    /// - Returns: the last of 100.
    func addKnown() async throws -> Int {
        for _ in 0..<100 {
            let id = ids.next()
            try await coordinator.addUser(id)
            try await plain.addUser(id)
        }
        return ids.latest
    }

    /// Of tasks that read nine times as often as they write: how many, and how often each writes.
    static let (readers, writes) = (10, 5)

    /// - Parameter known: the last of 100 users that can be read.
    func mix(
        known: Int, read: @escaping @Sendable (Int) async throws -> Void,
        write: @escaping @Sendable (Int) async throws -> Void
    ) async throws -> Double {
        try await seconds {
            try await inParallel(Self.readers) { task in
                for round in 0..<Self.writes {
                    for step in 0..<9 { try await read(known - (task * 9 + round + step) % 100) }
                    try await write(ids.next())
                }
            }
        }
    }
}
