import Stores

/// One run of a unit's body.
///
/// `@unchecked`: as ``SimulatedWorld``.
final class Attempt: @unchecked Sendable {
    let id: Int
    let work: Work
    var deeds: [Deed] = []
    var isBodyDone = false
    var openSavepoints = 0
    private var writes = 0

    init(id: Int, work: Work) {
        self.id = id
        self.work = work
    }

    /// A value that nobody else writes.
    func newValue() -> Int {
        writes += 1
        return id * 64 + writes
    }

    /// The keys of Redis that it changes in the end.
    var changedKeys: Set<SimulatedPlace> { changed(in: .redis) }

    /// The nodes of the graph that it changes in the end.
    var changedGraph: Set<SimulatedPlace> { changed(in: .graph) }

    private func changed(in store: StoreKind) -> Set<SimulatedPlace> {
        var stack: [Set<SimulatedPlace>] = [[]]
        for deed in deeds {
            switch deed {
            case .set(let place, _), .remove(let place), .addMember(let place, _), .removeMember(let place, _):
                if place.store == store { stack[stack.count - 1].insert(place) }
            case .savepoint: stack.append(stack[stack.count - 1])
            case .rollback: stack.removeLast()
            case .release: stack.remove(at: stack.count - 2)
            case .read: break
            }
        }
        return stack[0]
    }

    /// Whose value it is.
    static func id(of value: Int) -> Int { value / 64 }
}

/// What a client wants done: run as one unit, in one or more attempts.
final class Work: @unchecked Sendable {
    let id: Int
    let key: String?
    var attempts: [Attempt] = []
    /// The last number that anybody had been told of when it began.
    let lowest: UInt64
    let began: Int
    var isOver = false

    init(id: Int, key: String?, lowest: UInt64, began: Int) {
        self.id = id
        self.key = key
        self.lowest = lowest
        self.began = began
    }
}

/// What is true in a simulation, whatever the stores say: the decided units in their order.
final class Truth {
    private(set) var attempts: [Int: Attempt] = [:]
    /// By number, from 0, where nothing is.
    private(set) var models: [Model] = [Model()]
    private(set) var decided: [Attempt?] = [nil]
    private var numbers: [Int: UInt64] = [:]
    private var keys: [String: Attempt] = [:]
    /// The highest number that a client was told of.
    var acknowledged: UInt64 = 0
    private var lastWork = 0
    /// What only read, or read at a number: seen at one place of the order.
    var readers: [Reader] = []

    struct Reader {
        var name: String
        var lowest: UInt64
        var highest: UInt64
        var began: Int
        var ended: Int
        var deeds: [Deed]
    }

    var last: UInt64 { UInt64(models.count - 1) }

    func begin(_ key: String?, at step: Int) -> Work {
        lastWork += 1
        return Work(id: lastWork, key: key, lowest: acknowledged, began: step)
    }

    func attempt(of work: Work) -> Attempt {
        let attempt = Attempt(id: attempts.count + 1, work: work)
        attempts[attempt.id] = attempt
        work.attempts.append(attempt)
        return attempt
    }

    func number(of attempt: Attempt) -> UInt64? { numbers[attempt.id] }

    /// Takes a decision in.
    ///
    /// - Returns: what is wrong with it.
    func decide(_ attempt: Attempt, _ number: UInt64) -> String? {
        guard number == last + 1 else { return "number \(number) was decided after \(last)" }
        guard numbers[attempt.id] == nil else { return "attempt \(attempt.id) was decided twice" }
        for other in attempt.work.attempts where numbers[other.id] != nil {
            return "work \(attempt.work.id) was decided twice"
        }
        if let key = attempt.work.key {
            if let other = keys[key] { return "\(key) was decided twice: by attempts \(other.id) and \(attempt.id)" }
            keys[key] = attempt
        }
        var model = models[Int(last)]
        let wrong = model.run(attempt.deeds)
        models.append(model)
        decided.append(attempt)
        numbers[attempt.id] = number
        guard let wrong else { return nil }
        return "I3: attempt \(attempt.id), decided as \(number), \(wrong) before it. Its deeds: \(attempt.deeds)"
    }

    /// Whether deeds that only read, or left nothing, are explained by a place between two numbers.
    func place(of deeds: [Deed], from lowest: UInt64, through highest: UInt64) -> UInt64? {
        guard lowest <= highest else { return nil }
        return (lowest...min(highest, last)).first { number in
            var model = models[Int(number)]
            return model.run(deeds) == nil
        }
    }

    /// Gives every reader its place, in real time's order.
    ///
    /// - Returns: those that have none.
    func placeReaders() -> [String] {
        var placed: [(ended: Int, place: UInt64)] = []
        var wrong: [String] = []
        for reader in readers.sorted(by: { ($0.began, $0.ended) < ($1.began, $1.ended) }) {
            let before = placed.filter { $0.ended < reader.began }.map(\.place).max() ?? 0
            let lowest = max(before, reader.lowest)
            if let place = place(of: reader.deeds, from: lowest, through: reader.highest) {
                placed.append((reader.ended, place))
            } else {
                wrong.append(
                    "I3: \(reader.name) fits nowhere between \(lowest) and \(reader.highest). Its deeds: \(reader.deeds)"
                )
            }
        }
        return wrong
    }
}
