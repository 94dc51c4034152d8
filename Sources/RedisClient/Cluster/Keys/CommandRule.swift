/// What a cluster client has to know of a command: where its keys stand, whether it only reads, whether it can be divided.
struct CommandRule: Sendable, Hashable {
    /// Where keys stand. Positions count from the command's first word, which is 0, as in COMMAND INFO.
    enum Keys: Sendable, Hashable {
        case none
        /// `last` counts from the end if it is negative.
        case range(first: Int, last: Int, step: Int)
        /// The number of keys stands at a position, and the keys right after it.
        case counted(at: Int)
        /// A key at 1, then the number of keys and the keys.
        case destinationAndCounted
        /// After STREAMS the first half of what follows.
        case streams
        /// A key at 1, and one after each of these words.
        case firstAndAfter([String])
        /// Only the server knows, from all arguments (COMMAND GETKEYS).
        case askServer
    }

    /// How a command over several slots becomes one for each slot.
    enum Split: Sendable, Hashable {
        /// The values in the order of the keys.
        case values
        /// The sum of the counts.
        case sum
        /// OK when all are OK.
        case status
    }

    /// How the replies of all masters become one.
    enum Combination: Sendable, Hashable {
        /// All say the same.
        case same
        case sum
        case joined
        /// Element by element the least: known to all of them.
        case least
    }

    enum Reach: Sendable, Hashable {
        case oneNode
        case everyMaster(Combination)
        /// Has no meaning here: why, and what to do instead.
        case refused(String, remedy: String)
    }

    enum Blocking: Sendable, Hashable {
        case never
        case always
        /// With the word BLOCK among the arguments.
        case withOption
    }

    var keys: Keys
    var isRead = false
    var blocking = Blocking.never
    var split: Split?
    var reach = Reach.oneNode
}

/// A command's words: those of its name, then its arguments.
struct CommandWords {
    let name: [Substring]
    let arguments: [RedisArgument]

    init(_ command: RedisCommand) {
        self.name = command.name.split(separator: " ")
        self.arguments = command.arguments
    }

    var count: Int { self.name.count + self.arguments.count }

    /// The word in capitals if it is text; for comparing with words of the protocol.
    func word(_ index: Int) -> String? {
        if self.name.indices.contains(index) { return RedisCommand.capitals(String(self.name[index])) }
        guard self.arguments.indices.contains(index - self.name.count) else { return nil }
        switch self.arguments[index - self.name.count] {
        case .string(let text): return text.utf8.count > 32 ? nil : RedisCommand.capitals(text)
        case .bytes(let bytes):
            return bytes.readableBytes > 32 ? nil : RedisCommand.capitals(String(buffer: bytes))
        case .integer(let number): return String(number)
        case .double: return nil
        }
    }

    /// The keys' places among the arguments, in order. Where words are missing there are fewer, or none: the server has an error
    /// for that.
    func keys(_ rule: CommandRule.Keys) -> [Int] {
        let positions: [Int]
        switch rule {
        case .none, .askServer:
            positions = []
        case .range(let first, let last, let step):
            let last = last < 0 ? self.count + last : min(last, self.count - 1)
            guard first >= 1, step >= 1, first <= last else { return [] }
            positions = Array(stride(from: first, through: last, by: step))
        case .counted(let at):
            positions = self.counted(at)
        case .destinationAndCounted:
            positions = [1] + self.counted(2)
        case .streams:
            guard let start = (1..<max(1, self.count)).first(where: { self.word($0) == "STREAMS" }) else { return [] }
            let rest = self.count - start - 1
            positions = Array((start + 1)..<(start + 1 + rest / 2))
        case .firstAndAfter(let words):
            positions =
                [1]
                + (2..<max(2, self.count - 1)).compactMap { index in
                    self.word(index).flatMap { words.contains($0) ? index + 1 : nil }
                }
        }
        return positions.map { $0 - self.name.count }.filter(self.arguments.indices.contains)
    }

    private func counted(_ at: Int) -> [Int] {
        guard let number = self.word(at).flatMap({ Int($0) }), number > 0, number < self.count else { return [] }
        return Array((at + 1)..<(at + 1 + number))
    }
}
