/// Where a command has to go, before anything is sent.
enum CommandPlan: Sendable {
    /// The command as it is.
    case one(RoutedCall.Target)
    /// One command for each slot, in the order in which the slots first come; `places` tell which keys are whose.
    case parts([Part], CommandRule.Split)
    case everyMaster(CommandRule.Combination)

    struct Part: Sendable {
        let slot: RedisHashSlot
        var command: RedisCommand
        var places: [Int]
    }

    init(_ command: RedisCommand, _ rule: CommandRule) throws(RedisError) {
        switch rule.reach {
        case .oneNode: break
        case .everyMaster(let combination):
            self = .everyMaster(combination)
            return
        case .refused(let reason, let remedy):
            throw .refused(reason, remedy: remedy, command: command.name)
        }
        // Nearly all commands: one key, the first argument.
        if rule.keys == .range(first: 1, last: 1, step: 1), let key = command.arguments.first {
            self = .one(.slot(RedisHashSlot(key: key)))
            return
        }
        let keys = CommandWords(command).keys(rule.keys)
        guard let first = keys.first else {
            self = .one(.anyMaster)
            return
        }
        let slots = keys.map { RedisHashSlot(key: command.arguments[$0]) }
        let slot = RedisHashSlot(key: command.arguments[first])
        if slots.allSatisfy({ $0 == slot }) {
            self = .one(.slot(slot))
        } else if let split = rule.split {
            self = .parts(try Self.parts(command, keys: keys, slots: slots, split), split)
        } else {
            throw .crossSlot(zip(keys, slots).map { (command.arguments[$0], $1) }, command: command.name)
        }
    }

    private static func parts(
        _ command: RedisCommand, keys: [Int], slots: [RedisHashSlot], _ split: CommandRule.Split
    ) throws(RedisError) -> [Part] {
        let width = split == .status ? 2 : 1
        guard keys.count * width == command.arguments.count else {
            throw .refused(
                "it has \(command.arguments.count) arguments, and each key needs a value",
                remedy: "Give keys and values in turn.", command: command.name)
        }
        var parts: [Part] = []
        var partOfSlot: [RedisHashSlot: Int] = [:]
        for (place, (key, slot)) in zip(keys, slots).enumerated() {
            let index: Int
            if let known = partOfSlot[slot] {
                index = known
            } else {
                index = parts.count
                partOfSlot[slot] = index
                var part = RedisCommand(command.name, arguments: [])
                part.timeout = command.timeout
                parts.append(Part(slot: slot, command: part, places: []))
            }
            parts[index].command.arguments += command.arguments[key..<(key + width)]
            parts[index].places.append(place)
        }
        return parts
    }

    /// One reply out of the parts'.
    ///
    /// - Throws: the first part's error. It tells that others may have run, since there is no undoing them.
    static func combine(
        _ replies: [Result<RESPValue, RedisError>], _ parts: [Part], _ split: CommandRule.Split, command: RedisCommand
    ) throws(RedisError) -> RESPValue {
        let values = try Self.all(replies, command: command.name, what: "slots")
        switch split {
        case .status:
            return .simpleString("OK")
        case .sum:
            return try .integer(Self.sum(values, command: command.name))
        case .values:
            var combined = Array(repeating: RESPValue.null, count: parts.reduce(0) { $0 + $1.places.count })
            for (part, value) in zip(parts, values) {
                guard let elements = value.elements, elements.count == part.places.count else {
                    throw .unexpectedReply("the reply for slot \(part.slot) is a \(value)", command: command.name)
                }
                for (place, element) in zip(part.places, elements) { combined[place] = element }
            }
            return .array(combined)
        }
    }

    /// One reply out of all masters'.
    static func combine(
        _ replies: [Result<RESPValue, RedisError>], _ combination: CommandRule.Combination, command: RedisCommand
    ) throws(RedisError) -> RESPValue {
        let values = try Self.all(replies, command: command.name, what: "masters")
        switch combination {
        case .same: return values.first ?? .null
        case .sum: return try .integer(Self.sum(values, command: command.name))
        case .joined: return .array(values.flatMap { $0.elements ?? [$0] })
        case .least:
            let rows = values.map { $0.elements ?? [] }
            let width = rows.map(\.count).min() ?? 0
            return .array((0..<width).map { column in .integer(rows.compactMap { $0[column].wholeNumber }.min() ?? 0) })
        }
    }

    private static func sum(_ values: [RESPValue], command: String) throws(RedisError) -> Int {
        var sum = 0
        for value in values {
            guard let number = value.wholeNumber else {
                throw .unexpectedReply("a reply is a \(value)", command: command)
            }
            sum = sum.addingReportingOverflow(number).partialValue
        }
        return sum
    }

    private static func all(
        _ replies: [Result<RESPValue, RedisError>], command: String, what: String
    ) throws(RedisError) -> [RESPValue] {
        var values: [RESPValue] = []
        var failures: [RedisError] = []
        for reply in replies {
            switch reply {
            case .success(let value): values.append(value)
            case .failure(let error): failures.append(error)
            }
        }
        guard let first = failures.first else { return values }
        throw RedisError(
            first.code,
            "\(failures.count) of \(replies.count) \(what) failed, the others are done; the first: \(first.message)",
            remedy: first.remedy, reply: first.reply, command: command, endpoint: first.endpoint,
            mayHaveRun: !values.isEmpty || failures.contains(where: \.mayHaveRun), underlying: first)
    }
}
