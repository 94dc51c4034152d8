@testable import Histories

/// A small history in shorthand.
///
/// A transaction is a string such as `"ax1 ry12 gz_ wz3"`: append 1 to list x, read list y as [1 2], read (get) register z as nil, write 3 to z. A leading `!`
/// says that it failed, a `?` that it ended in doubt. Each key is in another store.
struct Story {
    private(set) var history = History()
    private var log = HistoryLog()
    private var open: [Int: String] = [:]

    /// All begin before any of them ends; each in a process of its own.
    mutating func concurrent(_ transactions: String...) {
        let processes = transactions.map { begin($0) }
        for process in processes { end(process) }
    }

    /// One after the other, each in a process of its own.
    mutating func inTurn(_ transactions: String...) {
        for transaction in transactions { end(begin(transaction)) }
    }

    @discardableResult
    mutating func begin(_ transaction: String, process: Int? = nil) -> Int {
        let process = process ?? log.newProcess()
        open[process] = transaction
        record { try $0.invoke(Self.steps(transaction), process: process, time: 10 * $0.nextIndex) }
        return process
    }

    mutating func end(_ process: Int) {
        guard let transaction = open.removeValue(forKey: process) else { return }
        let outcome: TransactionOutcome =
            switch transaction.first {
            case "!": .fail
            case "?": .info
            default: .ok(Self.steps(transaction))
            }
        record { try $0.complete(outcome, process: process, time: 10 * $0.nextIndex) }
    }

    private mutating func record(_ step: (inout HistoryLog) throws -> HistoryOperation) {
        do {
            history.operations.append(try step(&log))
        } catch {
            fatalError("the story itself is wrong: \(error)")
        }
    }

    static func steps(_ transaction: String) -> [MicroOperation] {
        let stores = ["sqlite", "kuzu", "redis"]
        return transaction.drop { $0 == "!" || $0 == "?" }.split(separator: " ").map { word in
            let letters = Array(word)
            let number = Int(letters[1].asciiValue ?? 0) - Int(Character("x").asciiValue ?? 0) + 3
            let key = "\(stores[number % 3])/\(letters[1])"
            let digits = letters[2...].compactMap(\.wholeNumberValue)
            switch letters[0] {
            case "a": return .append(key: key, value: digits[0])
            case "w": return .write(key: key, value: digits[0])
            case "g": return .read(key: key, digits.first.map { .register($0) } ?? .nothing)
            default: return .read(key: key, .list(digits))
            }
        }
    }

    static func concurrent(_ transactions: String..., then: String...) -> History {
        var story = Story()
        let processes = transactions.map { story.begin($0) }
        for process in processes { story.end(process) }
        for transaction in then { story.inTurn(transaction) }
        return story.history
    }

    static func inTurn(_ transactions: String...) -> History {
        var story = Story()
        for transaction in transactions { story.inTurn(transaction) }
        return story.history
    }

    /// One after the other, all in the same process.
    static func inOneProcess(_ transactions: String...) -> History {
        var story = Story()
        for transaction in transactions { story.end(story.begin(transaction, process: 0)) }
        return story.history
    }

    static func told(_ tell: (inout Story) -> Void) -> History {
        var story = Story()
        tell(&story)
        return story.history
    }
}

/// The names of all that is found.
func anomalies(in history: History) -> Set<String> {
    Set(HistoryChecker().check(history).found.keys.map(\.description))
}
