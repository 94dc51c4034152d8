import GRDB
import GraphClient
import RedisClient
import Stores

/// One run of a verifier.
struct VerifierRun {
    let verifier: ConsistencyVerifier
    var report = ConsistencyReport()
    var part = ConsistencyReport.Part(mapping: "")
    /// Rows that were not up to date yet, by what their keys are made of.
    var late: Set<[DatabaseValue]> = []

    var coordinator: Coordinator { verifier.coordinator }
    var configuration: ConsistencyVerifier.Configuration { verifier.configuration }

    /// The most late rows that are looked at again.
    static let maximumLate = 10_000

    init(_ verifier: ConsistencyVerifier) {
        self.verifier = verifier
    }

    mutating func verify(_ mapping: StoreMapping, place: String) async throws {
        let verified = try await coordinator.sqlite.read { database in
            try VerifiedMapping(mapping, place: place, in: database)
        }
        if let target = mapping.graph {
            guard let graph = coordinator.graph else { throw TransactionError.notConfigured(.graph) }
            try await GraphView.check(target, at: place) { question in
                try await graph.query(question).compactMap { row in
                    if case .string(let text) = row[0] { text } else { nil }
                }
            }
        }
        if verified.cache != nil, coordinator.core.participants.cache == nil {
            throw TransactionError.notConfigured(.redis)
        }
        part = ConsistencyReport.Part(mapping: verified.name)
        late = []
        var after: [DatabaseValue]?
        repeat {
            after = try await verifyPage(of: verified, after: after)
        } while after != nil
        if let cache = verified.cache, configuration.findsStrayKeys { try await findStrays(of: verified, cache) }
        try await verifyLate(of: verified)
        report.parts.append(part)
    }

    // MARK: Pages

    /// Compares the rows after a key, and what the graph has between them.
    ///
    /// - Returns: the last key; nil at the end.
    private mutating func verifyPage(
        of mapping: VerifiedMapping, after: [DatabaseValue]?
    ) async throws -> [DatabaseValue]? {
        let page = configuration.page
        let stores: Set<StoreKind> = mapping.graph == nil ? [.sqlite, .redis] : [.sqlite, .graph, .redis]
        let outcome = try await inSnapshot(of: stores) { snapshot in
            var rows = try await snapshot.sqlite { try mapping.rows(after: after, limit: page, in: $0) }
            var last = rows.count < page ? nil : rows.last?.key
            var found = PageOutcome()
            if let graph = mapping.graph {
                let limit = page * 2
                let (cypher, parameters) = graph.query(after: after, through: last, limit: limit)
                let elements = try await snapshot.graph(cypher, parameters).map {
                    GraphElement($0, keyCount: graph.keyTerms.count)
                }
                if elements.count == limit, let reached = elements.last?.key {
                    // There is more than fits: the rows beyond have to wait for the next page.
                    rows.removeAll { ValueAgreement.isAfter($0.key, reached) }
                    last = reached
                }
                found.differences += GraphComparison(mapping: mapping, graph: graph).differences(rows, elements)
                found.part.graphElements = elements.count
            }
            if let cache = mapping.cache {
                found.add(try await CacheComparison(mapping: mapping, cache: cache).compare(rows, in: snapshot))
            }
            found.part.rows = rows.count
            found.last = last
            return found
        }
        take(outcome)
        return outcome.last
    }

    mutating func take(_ outcome: PageOutcome) {
        part.rows += outcome.part.rows
        part.graphElements += outcome.part.graphElements
        part.keys += outcome.part.keys
        part.differences += outcome.differences.count
        let room = configuration.listedDifferences - report.differences.count
        report.differences += outcome.differences.prefix(max(0, room))
        for key in outcome.late {
            if late.count < Self.maximumLate { late.insert(key) } else { part.pending += 1 }
        }
    }

    /// Tries again what fails for a reason that passes, such as a snapshot that became too old.
    mutating func inSnapshot<Value: Sendable>(
        of stores: Set<StoreKind>, _ body: (Snapshot) async throws -> Value
    ) async throws -> Value {
        var attempts = 0
        while true {
            do {
                report.snapshots += 1
                return try await coordinator.snapshot(of: stores, body)
            } catch let error as TransactionError where error.isTransient && attempts < 10 {
                attempts += 1
            }
        }
    }

    // MARK: Keys without rows

    private mutating func findStrays(of mapping: VerifiedMapping, _ cache: MappedTable) async throws {
        guard let participant = coordinator.core.participants.cache as? RedisParticipant else { return }
        // SCAN may name a key several times.
        var reported: Set<CacheKey> = []
        var cursor = RedisKeyCursor(participant.redis, matching: cache.mapping.key.glob)
        while let keys = try await cursor.next() {
            let candidates = keys.filter { !reported.contains($0) && !cache.candidates(for: $0).isEmpty }
            guard !candidates.isEmpty else { continue }
            let outcome = try await inSnapshot(of: [.sqlite, .redis]) { snapshot in
                try await CacheComparison(mapping: mapping, cache: cache).strays(candidates, in: snapshot)
            }
            reported.formUnion(outcome.strays)
            take(outcome)
        }
    }

    // MARK: Late ones

    /// Looks again at rows whose keys were not up to date, until they are or time is up.
    private mutating func verifyLate(of mapping: VerifiedMapping) async throws {
        guard let cache = mapping.cache else { return }
        let deadline = ContinuousClock.now + configuration.patience
        var pause = Duration.milliseconds(5)
        while !late.isEmpty {
            let columns = Array(late)
            late = []
            for start in stride(from: 0, to: columns.count, by: configuration.page) {
                let some = Array(columns[start..<min(start + configuration.page, columns.count)])
                let outcome = try await inSnapshot(of: [.sqlite, .redis]) { snapshot in
                    try await CacheComparison(mapping: mapping, cache: cache).compare(columns: some, in: snapshot)
                }
                take(outcome)
            }
            if late.isEmpty { return }
            guard ContinuousClock.now < deadline else { break }
            try await Task.sleep(for: pause)
            pause = min(pause * 2, .milliseconds(200))
        }
        part.pending += late.count
    }
}

/// What a page came to.
struct PageOutcome: Sendable {
    var part = ConsistencyReport.Part(mapping: "")
    var differences: [Difference] = []
    /// What the keys are made of that are not up to date yet.
    var late: [[DatabaseValue]] = []
    var strays: [CacheKey] = []
    var last: [DatabaseValue]?

    mutating func add(_ other: PageOutcome) {
        part.keys += other.part.keys
        differences += other.differences
        late += other.late
    }
}
