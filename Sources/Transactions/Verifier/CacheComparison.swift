import GRDB
import RedisClient
import Stores

/// Compares rows with their keys of Redis, as of a snapshot.
struct CacheComparison: Sendable {
    let mapping: VerifiedMapping
    let cache: MappedTable

    /// The most questions to Redis at one time.
    private static let concurrency = 64

    func compare(_ rows: [VerifiedMapping.Row], in snapshot: Snapshot) async throws -> PageOutcome {
        let keyed = rows.filter { $0.cacheKey != nil }
        let found = try await each(keyed) { row in
            try await difference(of: row, in: snapshot)
        }
        var outcome = PageOutcome()
        outcome.part.keys = keyed.count
        try await sort(
            zip(keyed.map(\.cacheColumns), found).compactMap { pair in pair.1.map { (pair.0, $0) } }, into: &outcome,
            snapshot)
        return outcome
    }

    /// The same for rows by what their keys are made of; a row may be gone.
    func compare(columns: [[DatabaseValue]], in snapshot: Snapshot) async throws -> PageOutcome {
        let rows = try await snapshot.sqlite { database in
            try columns.map { values in
                try mapping.row(ofCacheColumns: values, in: database)
                    ?? VerifiedMapping.Row(
                        key: [], properties: [], cacheColumns: values, cacheKey: cache.mapping.key.key(values))
            }
        }
        var outcome = try await compare(rows, in: snapshot)
        // They were counted before.
        outcome.part.keys = 0
        return outcome
    }

    /// Keys of Redis that stand for no row, looked at again.
    func strays(_ keys: [CacheKey], in snapshot: Snapshot) async throws -> PageOutcome {
        let orphans = try await snapshot.sqlite { database in
            try keys.filter { try cache.row(of: $0, in: database) == nil }
        }
        var outcome = PageOutcome()
        let existing = try await each(orphans) { try await snapshot.ask(.exists, $0) == .flag(true) }
        var seen: Set<CacheKey> = []
        var differences: [([DatabaseValue], Difference)] = []
        for (key, exists) in zip(orphans, existing) where exists && seen.insert(key).inserted {
            guard let columns = cache.candidates(for: key).first else { continue }
            differences.append((columns, difference(.extra, key)))
        }
        outcome.part.keys = differences.count
        outcome.strays = differences.map { CacheKey($0.1.key) }
        try await sort(differences, into: &outcome, snapshot)
        return outcome
    }

    /// What is noted as not up to date yet is no difference.
    private func sort(
        _ differences: [([DatabaseValue], Difference)], into outcome: inout PageOutcome, _ snapshot: Snapshot
    ) async throws {
        guard !differences.isEmpty else { return }
        let keys = Set(differences.map(\.0))
        let pending = try await snapshot.sqlite { try ChangeLog.pending(of: keys, mapping: cache, in: $0) }
        for (columns, difference) in differences {
            if pending.contains(columns) {
                outcome.late.append(columns)
            } else {
                outcome.differences.append(difference)
            }
        }
    }

    // MARK: One key

    private func difference(of row: VerifiedMapping.Row, in snapshot: Snapshot) async throws -> Difference? {
        guard let key = row.cacheKey else { return nil }
        do {
            switch row.cacheValue {
            case nil:
                guard try await snapshot.ask(.exists, key) == .flag(true) else { return nil }
                return difference(.extra, key)
            case .string(let expected):
                guard case .bytes(let found) = try await snapshot.ask(.string, key) else { return missing(row, key) }
                if agree(expected, found) { return nil }
                return difference(
                    .different, key, expected: row.cacheValue?.reportText, found: CacheValue.string(found).reportText)
            case .hash(let expected):
                guard case .fields(let found) = try await snapshot.ask(.fields, key), !found.isEmpty else {
                    return missing(row, key)
                }
                return difference(expected, found, key)
            }
        } catch let error as TransactionError where error.code == .wrongType || error.code == .storeFailed {
            return difference(.different, key, expected: row.cacheValue?.reportText, found: error.message)
        }
    }

    private func agree(_ expected: Bytes, _ found: Bytes) -> Bool {
        if case .json = cache.mapping.value { return ValueAgreement.agree(json: expected, found) }
        return expected == found
    }

    private func missing(_ row: VerifiedMapping.Row, _ key: CacheKey) -> Difference? {
        cache.mapping.expiry == nil ? difference(.missing, key, expected: row.cacheValue?.reportText) : nil
    }

    /// The first field that differs.
    private func difference(_ expected: [String: Bytes], _ found: [Bytes: Bytes], _ key: CacheKey) -> Difference? {
        let names = Set(expected.keys).union(found.keys.map { String(decoding: $0, as: UTF8.self) })
        for name in names.sorted() {
            let (wanted, present) = (expected[name], found[Bytes(name.utf8)])
            guard wanted != present else { continue }
            return difference(
                .different, key, field: name, expected: wanted.map { CacheValue.string($0).reportText },
                found: present.map { CacheValue.string($0).reportText })
        }
        return nil
    }

    private func difference(
        _ kind: Difference.Kind, _ key: CacheKey, field: String? = nil, expected: String? = nil, found: String? = nil
    ) -> Difference {
        Difference(
            mapping: mapping.name, store: .redis, kind: kind, key: String(decoding: key.bytes, as: UTF8.self),
            field: field, expected: expected, found: found)
    }

    /// Calls `body` for each element, some at a time, and gives the results in order.
    private func each<Element: Sendable, Value: Sendable>(
        _ elements: [Element], _ body: @escaping @Sendable (Element) async throws -> Value
    ) async throws -> [Value] {
        try await withThrowingTaskGroup(of: (Int, Value).self) { group in
            var results: [Value?] = Array(repeating: nil, count: elements.count)
            var next = 0
            func add() {
                guard next < elements.count else { return }
                let (index, element) = (next, elements[next])
                group.addTask { (index, try await body(element)) }
                next += 1
            }
            for _ in 0..<Self.concurrency { add() }
            while let (index, value) = try await group.next() {
                results[index] = value
                add()
            }
            return results.compactMap { $0 }
        }
    }
}
