import Measurement

@testable import Histories

/// Stores as simple as can be, run by clients that take turns at random, and wrong in a way that is chosen.
struct SimulatedStores {
    enum Flaw: String, CaseIterable {
        /// Strictly serializable: what was read is checked at commit.
        case none
        /// Writes are seen before they are committed.
        case readUncommitted
        /// Each read sees what is committed at its time; writers lock their keys, and fail if another one has.
        case readCommitted
        /// All reads are of one snapshot; the second writer of a key fails. Allows write skew.
        case snapshotIsolation
        /// Transactions that only read may get an old snapshot.
        case staleReads
        /// Whole values are written back from a snapshot, over what others wrote.
        case lostUpdates
        /// A commit reaches one store after the other.
        case tornAcrossStores
        /// At a crash one store falls back to an older state.
        case lostAfterCrash
    }

    private struct Client {
        var process: Int
        var steps: [MicroOperation] = []
        var done = 0
        var snapshot: [String: [Int]] = [:]
        /// How many commits each key had had when it was read.
        var versionsRead: [String: Int] = [:]
        var own: [String: [Int]] = [:]
        /// What is still to reach its store.
        var unwritten: [String: [Int]]?
        var isBusy = false
        var isDoomed = false
    }

    private let flaw: Flaw
    private var generator: WorkloadGenerator
    private var random: SplitMix64
    private var log = HistoryLog()
    private var clients: [Client] = []
    private var state: [String: [Int]] = [:]
    private var versions: [String: Int] = [:]
    private var past: [[String: [Int]]] = []
    /// Transactions whose client was told nothing, and which are yet to be decided.
    private var adrift: [Client] = []
    /// The process that has locked a key.
    private var locks: [String: Int] = [:]
    private(set) var history = History()

    /// - Parameter faults: how many in a hundred transactions fail, and as many end in doubt.
    static func run(
        _ flaw: Flaw, _ shape: WorkloadShape, transactions: Int, seed: UInt64, faults: Int = 5, finalReads: Bool = true
    ) -> History {
        var stores = SimulatedStores(flaw, shape, seed)
        stores.run(transactions: transactions, faults: faults)
        if finalReads { stores.readEverything() }
        return stores.history
    }

    private init(_ flaw: Flaw, _ shape: WorkloadShape, _ seed: UInt64) {
        self.flaw = flaw
        generator = WorkloadGenerator(shape, seed: seed)
        random = SplitMix64(seed: ~seed)
        for _ in 0..<shape.clients { clients.append(Client(process: log.newProcess())) }
    }

    private mutating func run(transactions: Int, faults: Int) {
        var begun = 0
        while begun < transactions || clients.contains(where: \.isBusy) {
            let number = Int.random(in: 0..<clients.count, using: &random)
            if !clients[number].isBusy {
                guard begun < transactions else { continue }
                begin(generator.next(), number)
                begun += 1
            } else if clients[number].unwritten != nil {
                writeOneStore(number)
            } else if clients[number].done < clients[number].steps.count {
                step(number)
            } else {
                finish(number, luck: Int.random(in: 0..<100, using: &random), faults: faults)
            }
            if flaw == .lostAfterCrash, begun % 40 == 39, !clients[number].isBusy { crash() }
            decideAdrift()
        }
    }

    private mutating func readEverything() {
        for steps in generator.finalReads() {
            begin(steps, 0)
            clients[0].snapshot = state
            while clients[0].done < steps.count { step(0, mayBeStale: false) }
            end(0, .ok(clients[0].steps))
        }
    }

    private mutating func begin(_ steps: [MicroOperation], _ number: Int) {
        var client = Client(process: clients[number].process, steps: steps, isBusy: true)
        if flaw == .snapshotIsolation || flaw == .lostUpdates { client.snapshot = state }
        if flaw == .staleReads, steps.isReadOnly, let old = past.suffix(10).randomElement(using: &random) {
            client.snapshot = old
        }
        clients[number] = client
        record { try $0.invoke(steps, process: client.process, time: $0.nextIndex) }
    }

    private mutating func end(_ number: Int, _ outcome: TransactionOutcome) {
        let process = clients[number].process
        record { try $0.complete(outcome, process: process, time: $0.nextIndex) }
        clients[number] = Client(process: outcome == .info ? log.newProcess() : process)
    }

    private mutating func step(_ number: Int, mayBeStale: Bool = true) {
        var client = clients[number]
        defer {
            client.done += 1
            clients[number] = client
        }
        let step = client.steps[client.done]
        let key = step.key
        if let value = step.written {
            client.own[key, default: []].append(value)
            if flaw == .readUncommitted { state[key, default: []].append(value) }
            if flaw == .readCommitted, locks[key] ?? client.process != client.process { client.isDoomed = true }
            if flaw == .readCommitted, !client.isDoomed { locks[key] = client.process }
            return
        }
        let readsSnapshot =
            flaw == .snapshotIsolation || flaw == .lostUpdates
            || (flaw == .staleReads && client.steps.isReadOnly && mayBeStale)
        var values = (readsSnapshot ? client.snapshot : state)[key, default: []]
        if client.versionsRead[key] == nil { client.versionsRead[key] = versions[key, default: 0] }
        if flaw != .readUncommitted { values += client.own[key, default: []] }
        if generator.shape.kind == .listAppend {
            client.steps[client.done] = .read(key: key, .list(values))
        } else {
            client.steps[client.done] = .read(key: key, values.last.map { .register($0) } ?? .nothing)
        }
    }

    private mutating func finish(_ number: Int, luck: Int, faults: Int) {
        let client = clients[number]
        if luck < faults || client.isDoomed {
            undo(client)
            end(number, .fail)
        } else if luck < 2 * faults {
            adrift.append(client)
            end(number, .info)
        } else if flaw == .tornAcrossStores, isAllowed(client) {
            clients[number].unwritten = client.own
        } else if commit(client) {
            end(number, .ok(client.steps))
        } else {
            end(number, .fail)
        }
    }

    private func isAllowed(_ client: Client) -> Bool {
        let stable: ([String: [Int]].Keys) -> Bool = { keys in
            keys.allSatisfy { versions[$0, default: 0] == client.versionsRead[$0] ?? versions[$0, default: 0] }
        }
        switch flaw {
        case .readUncommitted, .readCommitted, .lostUpdates: return true
        case .staleReads where client.steps.isReadOnly: return true
        case .snapshotIsolation:
            return client.own.keys.allSatisfy { state[$0, default: []] == client.snapshot[$0, default: []] }
        default:
            return client.versionsRead.keys.allSatisfy { versions[$0] ?? 0 == client.versionsRead[$0] }
                && stable(client.own.keys)
        }
    }

    private mutating func commit(_ client: Client) -> Bool {
        guard isAllowed(client) else { return false }
        if flaw == .staleReads || flaw == .lostAfterCrash {
            past.append(state)
            if past.count > 12 { past.removeFirst() }
        }
        for (key, values) in client.own { install(values, key, client) }
        unlock(client)
        return true
    }

    private mutating func install(_ values: [Int], _ key: String, _ client: Client) {
        versions[key, default: 0] += 1
        switch flaw {
        case .readUncommitted: break
        case .lostUpdates: state[key] = client.snapshot[key, default: []] + values
        default: state[key, default: []] += values
        }
    }

    private mutating func writeOneStore(_ number: Int) {
        let client = clients[number]
        guard var unwritten = client.unwritten, let store = unwritten.keys.map({ $0.prefix(2) }).min() else {
            end(number, .ok(client.steps))
            return
        }
        for (key, values) in unwritten where key.hasPrefix(store) {
            install(values, key, client)
            unwritten[key] = nil
        }
        clients[number].unwritten = unwritten
    }

    /// What is in doubt is decided some time later.
    private mutating func decideAdrift() {
        guard !adrift.isEmpty, Int.random(in: 0..<20, using: &random) == 0 else { return }
        let client = adrift.removeFirst()
        if Bool.random(using: &random) {
            _ = commit(client)
        } else {
            undo(client)
        }
    }

    private mutating func unlock(_ client: Client) {
        for key in client.own.keys where locks[key] == client.process { locks[key] = nil }
    }

    private mutating func undo(_ client: Client) {
        unlock(client)
        guard flaw == .readUncommitted else { return }
        for (key, values) in client.own { state[key]?.removeAll { values.contains($0) } }
    }

    /// One store loses its last commits; all clients' transactions end in doubt, and none of them takes effect.
    private mutating func crash() {
        guard let old = past.suffix(6).first else { return }
        for key in state.keys where key.hasPrefix("redis") { state[key] = old[key] }
        for number in clients.indices where clients[number].isBusy { end(number, .info) }
        past = []
    }

    private mutating func record(_ step: (inout HistoryLog) throws -> HistoryOperation) {
        do {
            history.operations.append(try step(&log))
        } catch {
            fatalError("the simulation itself is wrong: \(error)")
        }
    }
}
