import Stores

/// Compares what is in the stores with what was acknowledged. Plain values in and out.
package struct CrashChecker: Sendable {
    let seed: UInt64
    let hasGraph: Bool
    let history: CrashHistory
    let state: CrashState
    /// Redis has lost more than the journal holds, and was told to drop what it knew: what it held before. Nothing was
    /// run since.
    let discarded: CrashContents?

    private var cacheWasDiscarded: Bool { discarded != nil }

    /// All that is wrong; nothing when all promises were kept.
    func violations() -> [CrashViolation] {
        var found = units() + log()
        found += markers()
        // What follows would only repeat it.
        guard found.isEmpty else { return found }
        found += order()
        found += numbers()
        found += contents()
        found += results()
        return found
    }

    private var stores: [StoreKind] { hasGraph ? [.sqlite, .graph, .redis] : [.sqlite, .redis] }
    /// Those whose list is whole.
    private var listed: [StoreKind] { stores.filter { $0 != .redis || !cacheWasDiscarded } }

    private func unit(_ number: Int) -> CrashUnit { CrashUnit(number: number, seed: seed, hasGraph: hasGraph) }

    private func words(_ number: Int) -> String {
        let unit = unit(number)
        let stores = unit.stores.map(\.rawValue).joined(separator: ", ")
        return "unit \(number) (\(stores)\(unit.isRolledBack ? "; rolls back" : ""))"
    }

    // MARK: I1, I2: all or nothing

    private func units() -> [CrashViolation] {
        var found: [CrashViolation] = []
        let present = Dictionary(uniqueKeysWithValues: listed.map { ($0, Set(state.units(in: $0))) })
        func stores(with number: Int) -> [StoreKind] { listed.filter { present[$0]?.contains(number) == true } }
        func names(_ stores: [StoreKind]) -> String {
            stores.isEmpty ? "no store" : stores.map(\.rawValue).joined(separator: ", ")
        }
        for (number, attempt) in history.attempts.sorted(by: { $0.key < $1.key }) {
            let unit = unit(number)
            let wanted = listed.filter(unit.stores.contains)
            let there = stores(with: number)
            switch attempt.outcome {
            case .acknowledged where there != wanted || unit.isRolledBack:
                found.append(CrashViolation("I1", "\(words(number)) was acknowledged, and is in \(names(there))"))
            case .inDoubt where !there.isEmpty && (there != wanted || unit.isRolledBack):
                found.append(CrashViolation("I2", "\(words(number)) was cut short, and is in \(names(there))"))
            case .failed(let text) where !there.isEmpty:
                found.append(CrashViolation("I2", "\(words(number)) failed (\(text)), and is in \(names(there))"))
            case .repeated(let earlier):
                if !there.isEmpty {
                    found.append(CrashViolation("I5", "\(words(number)) repeats \(earlier), and is in \(names(there))"))
                }
                let isSame = self.unit(earlier).idempotencyKey == unit.idempotencyKey
                if !isSame || stores(with: earlier) != listed.filter(self.unit(earlier).stores.contains) {
                    found.append(
                        CrashViolation(
                            "I5",
                            "\(words(number)) was told to repeat \(words(earlier)), in \(names(stores(with: earlier)))")
                    )
                }
            default: break
            }
        }
        for store in listed {
            for number in state.units(in: store) where history.attempts[number] == nil {
                found.append(CrashViolation("I2", "\(store.rawValue) has unit \(number), which nobody has run"))
            }
        }
        return found
    }

    /// Each in its place, and once.
    private func log() -> [CrashViolation] {
        listed.compactMap { store in
            let log = state.parts[store]?.log ?? []
            let isWhole = log.map(\.position) == Array(1..<(log.count + 1)) && Set(log.map(\.unit)).count == log.count
            guard !isWhole else { return nil }
            return CrashViolation("I5", "the list of \(store.rawValue) has gaps or doubles: \(log.suffix(50))")
        }
    }

    // MARK: I3, I5: order

    private func order() -> [CrashViolation] {
        var found: [CrashViolation] = []
        let places = Dictionary(
            uniqueKeysWithValues: listed.map { store in
                (store, Dictionary(uniqueKeysWithValues: state.units(in: store).enumerated().map { ($1, $0) }))
            })
        for (index, first) in listed.enumerated() {
            for second in listed[(index + 1)...] {
                guard let other = places[second] else { continue }
                let common = state.units(in: first).filter { other[$0] != nil }
                for (earlier, later) in zip(common, common.dropFirst())
                where other[earlier, default: 0] > other[later, default: 0] {
                    found.append(
                        CrashViolation(
                            "I3",
                            "\(first.rawValue) has unit \(earlier) before \(later), \(second.rawValue) the other way round"
                        ))
                }
            }
        }
        for store in listed { found += realTime(store) }
        return found
    }

    /// What had ended before another began comes before it.
    private func realTime(_ store: StoreKind) -> [CrashViolation] {
        var found: [CrashViolation] = []
        var latest: (number: Int, began: Int) = (0, 0)
        for number in state.units(in: store) {
            guard let attempt = history.attempts[number] else { continue }
            if attempt.ended < latest.began {
                found.append(
                    CrashViolation(
                        "I3",
                        "\(store.rawValue) has unit \(latest.number) before \(number), which had ended before it began")
                )
            }
            if attempt.began > latest.began { latest = (number, attempt.began) }
        }
        return found
    }

    private func numbers() -> [CrashViolation] {
        var found: [CrashViolation] = []
        for store in listed {
            var last: (unit: Int, number: UInt64) = (0, 0)
            for unit in state.units(in: store) {
                guard case .acknowledged(let number)? = history.attempts[unit]?.outcome else { continue }
                if number <= last.number {
                    found.append(
                        CrashViolation(
                            "I5",
                            "\(store.rawValue) has unit \(unit), number \(number), after \(last.unit), number \(last.number)"
                        ))
                }
                last = (unit, number)
            }
        }
        let decided = Set(listed.flatMap(state.units))
        let last = state.parts[.sqlite]?.marker ?? 0
        if !cacheWasDiscarded, UInt64(decided.count) != last {
            found.append(
                CrashViolation("I5", "SQLite has decided \(last) numbers, and the stores have \(decided.count) units"))
        }
        return found
    }

    // MARK: I4: markers

    private func markers() -> [CrashViolation] {
        guard let records = state.parts[.sqlite] else { return [CrashViolation("I4", "SQLite was not read")] }
        var found: [CrashViolation] = []
        for store in stores.dropFirst() {
            guard let part = state.parts[store] else { continue }
            if part.identity != records.identity {
                let identities = "\(part.identity ?? "none") and \(records.identity ?? "none")"
                found.append(CrashViolation("I4", "\(store.rawValue) and SQLite have the identities \(identities)"))
            }
            if part.marker > records.marker {
                found.append(
                    CrashViolation(
                        "I4", "\(store.rawValue) has number \(part.marker), and SQLite knows \(records.marker)"))
            }
            let lastAcknowledged = history.attempts.compactMap { number, attempt -> UInt64? in
                guard case .acknowledged(let decided) = attempt.outcome else { return nil }
                return unit(number).stores.contains(store) ? decided : nil
            }.max()
            let least = max(state.lastInJournal[store] ?? 0, lastAcknowledged ?? 0)
            if part.marker < least {
                found.append(
                    CrashViolation("I4", "\(store.rawValue) has number \(part.marker), and was to have \(least)"))
            }
        }
        if let cache = state.parts[.redis], cache.epoch != records.epoch {
            found.append(CrashViolation("I4", "Redis has the epoch \(cache.epoch), and SQLite \(records.epoch)"))
        }
        return found
    }

    // MARK: I5: each once in effect

    private func contents() -> [CrashViolation] {
        var found: [CrashViolation] = []
        for store in stores {
            let former = store == .redis ? discarded : nil
            let expected = former ?? CrashUnit.contents(of: store, after: state.units(in: store).map(unit))
            let actual = state.parts[store]?.contents ?? [:]
            for name in Set(expected.keys).union(actual.keys).sorted() where expected[name] != actual[name] {
                // What was dropped may be missing; it must not be another value.
                if former != nil, actual[name] == nil { continue }
                let (there, wanted) = (actual[name] ?? "missing", expected[name] ?? "missing")
                found.append(CrashViolation("I5", "\(store.rawValue): \(name) is \(there), and should be \(wanted)"))
            }
        }
        found += state.everlasting.map { CrashViolation("I5", "redis: \($0) was to expire, and never does") }
        return found
    }

    private func results() -> [CrashViolation] {
        var expected: [String: Int] = [:]
        var found: [CrashViolation] = []
        for number in Set(listed.flatMap(state.units)).sorted() {
            guard let key = unit(number).idempotencyKey else { continue }
            if let other = expected[key] {
                found.append(
                    CrashViolation("I5", "units \(other) and \(number) have both happened, under one idempotency key"))
            }
            expected[key] = number
        }
        guard !cacheWasDiscarded else { return found }
        for key in Set(expected.keys).union(state.results.keys).sorted() where expected[key] != state.results[key] {
            let there = state.results[key].map(String.init) ?? "none"
            let wanted = expected[key].map(String.init) ?? "none"
            found.append(
                CrashViolation("I5", "the idempotency key \(key) stands for unit \(there), and should for \(wanted)"))
        }
        return found
    }
}
