import NIOCore
import Testing

@testable import RedisClient

/// Where the keys of commands stand, and what becomes of commands over several slots.
@Suite struct CommandPlanTests {
    private func keys(_ command: RedisCommand) -> [RedisArgument] {
        guard let rule = CommandTable.rule(for: command) else { return ["?"] }
        return CommandWords(command).keys(rule.keys).map { command.arguments[$0] }
    }

    @Test("P3: the keys of commands of each kind")
    func positions() {
        #expect(keys(RedisCommand("GET", "k")) == ["k"])
        #expect(keys(RedisCommand("get", "k")) == ["k"])
        #expect(keys(RedisCommand("GET")).isEmpty)
        #expect(keys(RedisCommand("MSET", "a", 1, "b", 2)) == ["a", "b"])
        #expect(keys(RedisCommand("BITOP", "AND", "d", "a", "b")) == ["d", "a", "b"])
        #expect(keys(RedisCommand("BLPOP", "a", "b", 0)) == ["a", "b"])
        #expect(keys(RedisCommand("EVAL", "return 1", 2, "a", "b", "x")) == ["a", "b"])
        #expect(keys(RedisCommand("EVALSHA", "0", "0", "x")).isEmpty)
        #expect(keys(RedisCommand("EVAL", "return 1", 99, "a")).isEmpty)
        #expect(keys(RedisCommand("EVAL", "return 1", -1, "a")).isEmpty)
        #expect(keys(RedisCommand("FCALL", "f", 1, "a", "x")) == ["a"])
        #expect(keys(RedisCommand("ZUNIONSTORE", "d", 2, "a", "b", "WEIGHTS", 1, 2)) == ["d", "a", "b"])
        #expect(keys(RedisCommand("ZUNION", 2, "a", "b", "WITHSCORES")) == ["a", "b"])
        #expect(keys(RedisCommand("BLMPOP", 1, 2, "a", "b", "LEFT")) == ["a", "b"])
        #expect(keys(RedisCommand("XREAD", "COUNT", 1, "STREAMS", "a", "b", "0", "0")) == ["a", "b"])
        #expect(keys(RedisCommand("XREADGROUP", "GROUP", "g", "c", "streams", "a", ">")) == ["a"])
        #expect(keys(RedisCommand("XREAD", "COUNT", 1)).isEmpty)
        #expect(keys(RedisCommand("SORT", "a", "BY", "w_*", "STORE", "d")) == ["a", "d"])
        #expect(keys(RedisCommand("XGROUP CREATE", "a", "g", "$")) == ["a"])
        #expect(keys(RedisCommand("XGROUP", "CREATE", "a", "g", "$")) == ["a"])
        #expect(keys(RedisCommand("OBJECT ENCODING", "a")) == ["a"])
        #expect(keys(RedisCommand("MEMORY USAGE", "a")) == ["a"])
        #expect(keys(RedisCommand("MEMORY", "USAGE", "a")) == ["a"])
        #expect(keys(RedisCommand("MEMORY DOCTOR")).isEmpty)
        #expect(keys(RedisCommand("RENAME", "a", "b")) == ["a", "b"])
        #expect(keys(RedisCommand("PUBLISH", "c", "m")).isEmpty)
        #expect(keys(RedisCommand("SPUBLISH", "c", "m")) == ["c"])
        #expect(CommandTable.rule(for: RedisCommand("JSON.GET", "k")) == nil)
        #expect(CommandTable.rule(for: RedisCommand("", "k")) == nil)
        #expect(CommandTable.rule(for: RedisCommand("SCRIPT", "LOAD", "x"))?.reach == .everyMaster(.same))
        #expect(CommandTable.rule(for: RedisCommand("SCRIPT LOAD", "x"))?.reach == .everyMaster(.same))
        #expect(CommandTable.rule(for: RedisCommand("CONFIG GET", "x"))?.reach == .oneNode)
    }

    @Test("P3: what COMMAND INFO says of a command that is not in the table")
    func learned() {
        func info(_ flags: [String], _ numbers: [Int], subcommands: [RESPValue] = []) -> RESPValue {
            .array(
                [.bulkString(ByteBuffer(string: "x")), .integer(-2), .set(flags.map { .simpleString($0) })]
                    + numbers.map { .integer($0) } + [.null, .null, .null, .array(subcommands)])
        }
        let plain = LearnedCommands.rule(info: info(["readonly", "fast"], [1, -1, 2]))
        #expect(plain == CommandRule(keys: .range(first: 1, last: -1, step: 2), isRead: true))
        #expect(LearnedCommands.rule(info: info(["write"], [0, 0, 0]))?.keys == CommandRule.Keys.none)
        #expect(LearnedCommands.rule(info: info(["write", "movablekeys"], [1, 1, 1]))?.keys == .askServer)
        #expect(LearnedCommands.rule(info: info([], [0, 0, 0], subcommands: [.null]))?.keys == .askServer)
        for odd in [RESPValue.null, .array([]), .integer(1), .array(Array(repeating: .null, count: 6))] {
            let rule = LearnedCommands.rule(info: odd)
            #expect(rule == nil || rule?.keys == .askServer)
        }
        #expect(LearnedCommands.rule(info: nil) == nil)
    }

    private func plan(_ command: RedisCommand) throws(RedisError) -> CommandPlan {
        guard let rule = CommandTable.rule(for: command) else { throw .unexpectedReply("no rule") }
        return try CommandPlan(command, rule)
    }

    @Test("P3: MGET over slots is divided and put together in order; its error tells what may have run")
    func split() throws {
        let command = RedisCommand("MGET", "a", "b", "{a}2", "b")
        guard case .parts(let parts, let split) = try plan(command) else {
            Issue.record("not divided")
            return
        }
        #expect(parts.map(\.places) == [[0, 2], [1, 3]])
        #expect(parts[0].command.arguments == ["a", "{a}2"] && parts[1].command.arguments == ["b", "b"])
        let value = try CommandPlan.combine(
            [.success(.array([.integer(1), .integer(3)])), .success(.array([.integer(2), .integer(2)]))], parts, split,
            command: command)
        #expect(value == .array([.integer(1), .integer(2), .integer(3), .integer(2)]))
        do throws(RedisError) {
            _ = try CommandPlan.combine(
                [.success(.array([.integer(1), .integer(3)])), .failure(.closedByClient)], parts, split,
                command: command)
            Issue.record("no error")
        } catch {
            #expect(error.mayHaveRun && error.message.contains("1 of 2 slots") && error.command == "MGET")
        }
        guard case .parts(let pairs, .status) = try plan(RedisCommand("MSET", "a", 1, "b", 2, "{a}", 3)) else {
            Issue.record("not divided")
            return
        }
        #expect(pairs.map(\.command.arguments) == [["a", 1, "{a}", 3], ["b", 2]])
        guard case .one(.slot(let slot)) = try plan(RedisCommand("MSET", "a", 1, "{a}", 3)) else {
            Issue.record("divided")
            return
        }
        #expect(slot == RedisHashSlot(key: "a"))
    }

    @Test("P3: keys in different slots are refused with their slots and the remedy; the description shows no key")
    func crossSlot() throws {
        do throws(RedisError) {
            _ = try plan(RedisCommand("RENAME", "secret-a", "secret-b"))
            Issue.record("not refused")
        } catch {
            #expect(error.code == .refused && !error.mayHaveRun)
            let slots = [RedisHashSlot(key: "secret-a"), RedisHashSlot(key: "secret-b")]
            #expect(error.description.contains("key 1 is in slot \(slots[0]), key 2 is in slot \(slots[1])"))
            #expect(error.remedy.contains("hash tag") && !error.description.contains("secret"))
            let keys = error.underlying as? RedisCrossSlotError
            #expect(keys?.keys.map(\.key) == ["secret-a", "secret-b"] && keys?.keys.map(\.slot) == slots)
            #expect(keys?.description.contains("secret-a in slot \(slots[0])") == true)
        }
        for command in [RedisCommand("SCAN", 0), RedisCommand("WAIT", 1, 0), RedisCommand("MSET", "a", 1, "b")] {
            do throws(RedisError) {
                _ = try plan(command)
                Issue.record("\(command) not refused")
            } catch {
                #expect(error.code == .refused && !error.remedy.isEmpty)
            }
        }
    }

    @Test("P3: replies of all masters become one")
    func combinations() throws {
        let command = RedisCommand("X")
        let numbers: [Result<RESPValue, RedisError>] = [.success(.integer(2)), .success(.integer(3))]
        #expect(try CommandPlan.combine(numbers, .sum, command: command) == .integer(5))
        let lists: [Result<RESPValue, RedisError>] = [
            .success(.array([.integer(1), .integer(0)])), .success(.array([.integer(1), .integer(1)])),
        ]
        #expect(try CommandPlan.combine(lists, .least, command: command) == .array([.integer(1), .integer(0)]))
        #expect(try CommandPlan.combine(lists, .joined, command: command).elements?.count == 4)
        #expect(try CommandPlan.combine(numbers, .same, command: command) == .integer(2))
    }
}
