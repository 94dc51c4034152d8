import Stores

/// What a store holds, flat: each thing by its name.
package typealias CrashContents = [String: String]

extension CrashUnit {
    /// What a store must hold after these units, in this order.
    static func contents(of store: StoreKind, after units: [CrashUnit]) -> CrashContents {
        var contents = CrashContents()
        for unit in units {
            for action in unit.actions { unit.apply(action, to: &contents, in: store) }
        }
        return contents
    }

    private func apply(_ action: Action, to contents: inout CrashContents, in store: StoreKind) {
        let isCache = store == .redis
        switch action {
        case .setItem(let item, let value):
            contents[Name.item(item, isCache)] = "\(value)"
        case .deleteItem(let item):
            contents[Name.item(item, isCache)] = nil
            for other in 0..<Self.items {
                contents[Name.link(item, other)] = nil
                contents[Name.link(other, item)] = nil
            }
        case .link(let from, let to):
            guard !isCache, contents[Name.item(from, false)] != nil, contents[Name.item(to, false)] != nil else {
                return
            }
            contents[Name.link(from, to)] = ""
        case .add(let amount, let counter):
            let name = Name.counter(counter, isCache)
            contents[name] = "\((contents[name].flatMap { Int($0) } ?? 0) + amount)"
        case .connect(let from, let to, let weight):
            if !isCache { contents[Name.path(from, to)] = "\(weight)" }
        case .disconnect(let from, let to):
            contents[Name.path(from, to)] = nil
        case .tag(let place, let tags):
            if !isCache { contents[Name.place(place)] = Name.list(tags) }
        case .cache(let action):
            if isCache { apply(action, to: &contents) }
        }
    }

    private func apply(_ action: CacheAction, to contents: inout CrashContents) {
        switch action {
        case .keep(let key, let form, let value, let moment):
            contents[Name.kept(key)] = "\(form) \(value)"
            contents[Name.expiry(key)] = moment.map { "\($0)" }
        case .expire(let key, let moment):
            guard contents[Name.kept(key)] != nil else { return }
            contents[Name.expiry(key)] = moment.map { "\($0)" }
        case .drop(let key):
            contents[Name.kept(key)] = nil
            contents[Name.expiry(key)] = nil
        case .setField(let hash, let field, let value):
            contents[Name.field(hash, "\(field)")] = "\(value)"
        case .addToField(let hash, let field, let amount):
            let name = Name.field(hash, "\(field)")
            contents[name] = "\((contents[name].flatMap { Int($0) } ?? 0) + amount)"
        case .removeField(let hash, let field):
            contents[Name.field(hash, "\(field)")] = nil
        case .addMember(let set, let member):
            contents[Name.member(set, "\(member)")] = ""
        case .removeMember(let set, let member):
            contents[Name.member(set, "\(member)")] = nil
        case .setScore(let ranking, let member, let score):
            contents[Name.scored(ranking, "\(member)")] = "\(score)"
        case .removeScored(let ranking, let member):
            contents[Name.scored(ranking, "\(member)")] = nil
        case .brief: break
        }
    }

    /// What things are called in ``CrashContents``; keys of Redis by their own names.
    enum Name {
        static func item(_ number: Int, _ isCache: Bool) -> String {
            isCache ? "crash:item:\(number)" : "item \(number)"
        }
        static func counter(_ number: Int, _ isCache: Bool) -> String {
            isCache ? "crash:counter:\(number)" : "counter \(number)"
        }
        static func link(_ from: Int, _ to: Int) -> String { "link \(from)-\(to)" }
        static func path(_ from: Int, _ to: Int) -> String { "path \(from)-\(to)" }
        static func place(_ number: Int) -> String { "place \(number)" }
        static func list(_ numbers: [Int]) -> String { "\(numbers)" }
        static func kept(_ key: Int) -> String { "crash:kept:\(key)" }
        static func expiry(_ key: Int) -> String { "crash:kept:\(key) expires" }
        static func hash(_ key: Int) -> String { "crash:hash:\(key)" }
        static func set(_ key: Int) -> String { "crash:set:\(key)" }
        static func ranking(_ key: Int) -> String { "crash:ranking:\(key)" }
        static func field(_ key: Int, _ field: String) -> String { "\(hash(key)) \(field)" }
        static func member(_ key: Int, _ member: String) -> String { "\(set(key)) \(member)" }
        static func scored(_ key: Int, _ member: String) -> String { "\(ranking(key)) \(member)" }
        static func brief(_ unit: Int) -> String { "crash:brief:\(unit)" }
        /// The units that Redis has, by their places.
        static let log = "crash:log"
        static let logEnd = "crash:logEnd"
        /// What no transaction leaves behind.
        static let poison = "crash:poison"
    }
}
