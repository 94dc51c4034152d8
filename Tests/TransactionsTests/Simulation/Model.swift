import Stores

/// Where something is kept.
struct SimulatedPlace: Hashable, Sendable, CustomStringConvertible {
    var store: StoreKind
    var key: Int

    /// Redis has strings and sets, the other stores numbers.
    var isSet: Bool { store == .redis && key % 3 == 2 }

    var description: String { "\(store.rawValue)/\(key)" }
}

/// What is kept there.
enum Content: Hashable, CustomStringConvertible {
    case nothing
    case number(Int)
    case members(Set<Int>)

    var description: String {
        switch self {
        case .nothing: "nothing"
        case .number(let number): "\(number)"
        case .members(let members): "\(members.sorted())"
        }
    }
}

/// What all stores together hold: the truth, computed from what units did, not from what any store keeps.
struct Model: Hashable {
    private(set) var contents: [SimulatedPlace: Content] = [:]

    subscript(place: SimulatedPlace) -> Content {
        get { contents[place] ?? .nothing }
        set { contents[place] = newValue == .nothing ? nil : newValue }
    }

    func contents(of store: StoreKind) -> [SimulatedPlace: Content] { contents.filter { $0.key.store == store } }
}

/// Something that a unit did and saw.
enum Deed: CustomStringConvertible {
    case read(SimulatedPlace, Content)
    case set(SimulatedPlace, Int)
    case remove(SimulatedPlace)
    case addMember(SimulatedPlace, Int)
    case removeMember(SimulatedPlace, Int)
    case savepoint, rollback, release

    var description: String {
        switch self {
        case .read(let place, let content): "read \(place): \(content)"
        case .set(let place, let number): "set \(place) to \(number)"
        case .remove(let place): "remove \(place)"
        case .addMember(let place, let member): "add \(member) to \(place)"
        case .removeMember(let place, let member): "remove \(member) from \(place)"
        case .savepoint: "savepoint"
        case .rollback: "roll back"
        case .release: "release"
        }
    }

    var isWrite: Bool {
        switch self {
        case .set, .remove, .addMember, .removeMember: true
        default: false
        }
    }
}

extension Model {
    /// What is true after a unit, if it ran here.
    ///
    /// - Returns: the first of its reads that is not true here, if there is one.
    mutating func run(_ deeds: [Deed]) -> String? {
        var savepoints: [Model] = []
        var wrong: String?
        for deed in deeds {
            switch deed {
            case .read(let place, let content):
                if self[place] != content, wrong == nil {
                    wrong = "read \(content) from \(place), which holds \(self[place])"
                }
            case .set(let place, let number): self[place] = .number(number)
            case .remove(let place): self[place] = .nothing
            case .addMember(let place, let member): self[place] = .members(members(place).union([member]))
            case .removeMember(let place, let member):
                let rest = members(place).subtracting([member])
                self[place] = rest.isEmpty ? .nothing : .members(rest)
            case .savepoint: savepoints.append(self)
            case .rollback: if let last = savepoints.popLast() { self = last }
            case .release: _ = savepoints.popLast()
            }
        }
        return wrong
    }

    private func members(_ place: SimulatedPlace) -> Set<Int> {
        if case .members(let members) = self[place] { members } else { [] }
    }
}
