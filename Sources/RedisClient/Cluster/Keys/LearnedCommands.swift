import Synchronization

/// What servers said about commands that ``CommandTable`` does not have: modules' and new ones. Each is asked about once.
final class LearnedCommands: Sendable {
    private let rules = Mutex<[String: CommandRule]>([:])
    /// Names come from the program; one that makes them up must not fill the memory.
    private static let limit = 4096

    func rule(_ name: String) -> CommandRule? {
        self.rules.withLock { $0[name] }
    }

    func learn(_ rule: CommandRule, for name: String) {
        self.rules.withLock { rules in
            if rules.count < Self.limit { rules[name] = rule }
        }
    }

    /// What COMMAND INFO says of one command: name, arity, flags, first key, last key, step, …, subcommands.
    ///
    /// - Returns: nil when the server does not know it.
    static func rule(info: RESPValue?) -> CommandRule? {
        guard let fields = info?.elements, fields.count >= 6 else { return nil }
        let flags = (fields[2].elements ?? []).compactMap(\.string)
        var rule = CommandRule(keys: .askServer, isRead: flags.contains("readonly"))
        let hasSubcommands = fields.count >= 10 && !(fields[9].elements ?? []).isEmpty
        guard !flags.contains("movablekeys"), !hasSubcommands,
            let first = fields[3].wholeNumber, let last = fields[4].wholeNumber, let step = fields[5].wholeNumber
        else { return rule }
        rule.keys = first <= 0 ? .none : .range(first: first, last: last, step: max(1, step))
        if flags.contains("blocking") { rule.blocking = .always }
        return rule
    }
}
