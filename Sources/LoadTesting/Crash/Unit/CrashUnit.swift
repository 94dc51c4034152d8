import Measurement
import Stores

/// One transaction of a crash test. Its number and the seed say all that it does, so that whoever knows both can tell
/// what must be in the stores, without a word from the process that ran it.
package struct CrashUnit: Sendable, Hashable {
    /// What is done in one store, or in all that the unit touches.
    enum Action: Sendable, Hashable {
        case setItem(Int, to: Int)
        case deleteItem(Int)
        /// If both items are there.
        case link(Int, Int)
        case add(Int, toCounter: Int)
        /// A path between two places, with a weight; the one that is there gets another weight.
        case connect(Int, Int, weight: Int)
        case disconnect(Int, Int)
        case tag(place: Int, [Int])
        case cache(CacheAction)
    }

    /// What only Redis has.
    enum CacheAction: Sendable, Hashable {
        /// Makes a key of one of three types, whatever it was before.
        case keep(key: Int, form: Form, value: Int, until: Int64?)
        case expire(key: Int, at: Int64?)
        case drop(key: Int)
        case setField(hash: Int, field: Int, value: Int)
        case addToField(hash: Int, field: Int, amount: Int)
        case removeField(hash: Int, field: Int)
        case addMember(set: Int, member: Int)
        case removeMember(set: Int, member: Int)
        case setScore(ranking: Int, member: Int, score: Int)
        case removeScored(ranking: Int, member: Int)
        /// A key of the unit's own that expires within milliseconds.
        case brief
    }

    enum Form: String, Sendable, CaseIterable {
        case string, hash, set
    }

    /// How its body goes.
    enum Course: Sendable, Hashable {
        case plain
        /// The second half of its steps is within a savepoint.
        case savepoint
        /// Writes that must not stay are within a savepoint, which throws or, if it may, lets the graph fail.
        case poisonedSavepoint(graphFails: Bool)
    }

    /// Its number; no two units have the same.
    package let number: Int
    /// The stores that it touches, in the order in which it does.
    package let stores: [StoreKind]
    let actions: [Action]
    let course: Course
    /// The body throws at its end.
    package let isRolledBack: Bool
    /// Shared with a few other units: only one of them may happen.
    package let idempotencyKey: String?
}

extension CrashUnit {
    /// Numbers of one kind of thing: few, so that units meet.
    static let items = 12
    private static let counters = 4
    /// Places are there from the beginning, and far apart in the graph: see ``CrashStores/spacing``.
    static let places = 6
    private static let keys = 4
    /// Far enough, and the same for everybody.
    private static let distantMoment: Int64 = 4_102_444_800_000

    /// - Parameter hasGraph: whether the stores have one.
    package init(number: Int, seed: UInt64, hasGraph: Bool) {
        var random = SplitMix64(seed: seed).split(number)
        func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &random) }
        func chance(_ percent: Int) -> Bool { below(100) < percent }
        let all: [StoreKind] = hasGraph ? [.sqlite, .graph, .redis] : [.sqlite, .redis]
        var stores = all
        var actions: [Action] = []
        switch below(10) {
        case 0...1:
            // Relationships and lists that the graph's checkpoints could mix up.
            for _ in 0...below(3) {
                let (from, to) = (below(Self.places), below(Self.places))
                switch below(5) {
                case 0, 1: actions.append(.connect(from, to, weight: below(1_000)))
                case 2, 3: actions.append(.disconnect(from, to))
                default: actions.append(.tag(place: from, (0..<below(4)).map { _ in below(1_000) }))
                }
            }
        case 2...4:
            // What is the same in all stores.
            for _ in 0...below(2) {
                let item = below(Self.items)
                actions.append(chance(75) ? .setItem(item, to: below(1_000)) : .deleteItem(item))
            }
            if chance(40) { actions.append(.link(below(Self.items), below(Self.items))) }
        case 5...7:
            // Some of the stores, with changes that are wrong when they are made twice.
            stores = all.filter { _ in chance(60) }
            if stores.isEmpty { stores = [all[below(all.count)]] }
            for _ in 0...below(2) { actions.append(.add(below(9) + 1, toCounter: below(Self.counters))) }
        default:
            stores = chance(50) ? [.redis] : [.sqlite, .redis]
            for _ in 0...below(3) { actions.append(.cache(Self.cacheAction(below))) }
        }
        // Mostly the same order; else there would be little but deadlocks.
        if chance(15) { stores.shuffle(using: &random) }
        self.number = number
        self.stores = stores
        self.actions = actions
        course =
            switch below(10) {
            case 0, 1: .savepoint
            case 2: .poisonedSavepoint(graphFails: stores.contains(.graph) && chance(40))
            default: .plain
            }
        isRolledBack = chance(10)
        idempotencyKey = chance(20) ? "request-\(number / 20_000)-\(below(40))" : nil
    }

    private static func cacheAction(_ below: (Int) -> Int) -> CacheAction {
        let key = below(keys)
        let member = below(3)
        let value = below(1_000)
        let moment = below(2) == 0 ? distantMoment + Int64(value) : nil
        switch below(12) {
        case 0, 1: return .keep(key: key, form: Form.allCases[below(3)], value: value, until: moment)
        case 2: return .expire(key: key, at: moment)
        case 3: return .drop(key: key)
        case 4: return .setField(hash: key, field: member, value: value)
        case 5: return .addToField(hash: key, field: member, amount: value)
        case 6: return .removeField(hash: key, field: member)
        case 7: return .addMember(set: key, member: member)
        case 8: return .removeMember(set: key, member: member)
        case 9: return .setScore(ranking: key, member: member, score: value)
        case 10: return .removeScored(ranking: key, member: member)
        default: return .brief
        }
    }
}
