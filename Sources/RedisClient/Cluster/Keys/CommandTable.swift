/// The rules of the commands that Redis documents. What is not here is asked of a server, see ``LearnedCommands``.
enum CommandTable {
    /// The rule of a command; nil for a command that is not known here.
    static func rule(for command: RedisCommand) -> CommandRule? {
        if let rule = Self.rules[command.name] {
            // Container commands can have their second word among the arguments.
            guard Self.containers.contains(command.name) else { return rule }
        }
        let words = CommandWords(command)
        guard let first = words.word(0) else { return nil }
        if let second = words.word(1), let rule = Self.rules[first + " " + second] { return rule }
        return Self.rules[first]
    }

    private static let containers: Set<String> = ["SCRIPT", "FUNCTION", "CONFIG", "MEMORY"]

    private static let rules: [String: CommandRule] = {
        var rules: [String: CommandRule] = [:]
        for (rule, names) in Self.singleWords {
            for name in names.split(whereSeparator: \.isWhitespace) { rules[String(name)] = rule }
        }
        for (rule, names) in Self.twoWords {
            for name in names { rules[name] = rule }
        }
        return rules
    }()

    private static let first = CommandRule.Keys.range(first: 1, last: 1, step: 1)
    private static let second = CommandRule.Keys.range(first: 2, last: 2, step: 1)
    private static let firstTwo = CommandRule.Keys.range(first: 1, last: 2, step: 1)
    private static let all = CommandRule.Keys.range(first: 1, last: -1, step: 1)
    private static let pairs = CommandRule.Keys.range(first: 1, last: -1, step: 2)

    private static let singleWords: [(CommandRule, String)] = [
        (
            CommandRule(keys: first, isRead: true),
            """
            GET STRLEN GETRANGE SUBSTR GETBIT BITCOUNT BITPOS BITFIELD_RO TYPE TTL PTTL EXPIRETIME PEXPIRETIME DUMP
            HGET HMGET HGETALL HKEYS HVALS HLEN HEXISTS HSTRLEN HRANDFIELD HSCAN HTTL HPTTL HEXPIRETIME HPEXPIRETIME
            LRANGE LLEN LINDEX LPOS SMEMBERS SCARD SISMEMBER SMISMEMBER SRANDMEMBER SSCAN
            ZSCORE ZMSCORE ZCARD ZCOUNT ZRANGE ZRANGEBYSCORE ZREVRANGE ZREVRANGEBYSCORE ZRANGEBYLEX ZREVRANGEBYLEX
            ZLEXCOUNT ZRANK ZREVRANK ZSCAN ZRANDMEMBER XLEN XRANGE XREVRANGE XPENDING
            GEOPOS GEODIST GEOHASH GEOSEARCH GEORADIUS_RO GEORADIUSBYMEMBER_RO SORT_RO
            """
        ),
        (
            CommandRule(keys: first),
            """
            SET SETEX PSETEX SETNX GETSET GETDEL GETEX APPEND SETRANGE SETBIT BITFIELD INCR DECR INCRBY DECRBY
            INCRBYFLOAT EXPIRE PEXPIRE EXPIREAT PEXPIREAT PERSIST RESTORE MOVE
            HSET HSETNX HMSET HDEL HINCRBY HINCRBYFLOAT HEXPIRE HPEXPIRE HEXPIREAT HPEXPIREAT HPERSIST HGETDEL HGETEX
            HSETEX LPUSH RPUSH LPUSHX RPUSHX LPOP RPOP LSET LINSERT LREM LTRIM SADD SREM SPOP
            ZADD ZREM ZINCRBY ZPOPMIN ZPOPMAX ZREMRANGEBYRANK ZREMRANGEBYSCORE ZREMRANGEBYLEX
            XADD XDEL XTRIM XACK XCLAIM XAUTOCLAIM XSETID GEOADD PFADD SPUBLISH
            """
        ),
        (CommandRule(keys: firstTwo), "RENAME RENAMENX SMOVE RPOPLPUSH LMOVE COPY GEOSEARCHSTORE ZRANGESTORE"),
        (CommandRule(keys: firstTwo, isRead: true), "LCS"),
        (CommandRule(keys: firstTwo, blocking: .always), "BLMOVE BRPOPLPUSH"),
        (CommandRule(keys: all, isRead: true), "SINTER SUNION SDIFF"),
        (CommandRule(keys: all), "SINTERSTORE SUNIONSTORE SDIFFSTORE PFMERGE PFCOUNT"),
        (CommandRule(keys: all, isRead: true, split: .values), "MGET"),
        (CommandRule(keys: all, isRead: true, split: .sum), "EXISTS TOUCH"),
        (CommandRule(keys: all, split: .sum), "DEL UNLINK"),
        (CommandRule(keys: pairs, split: .status), "MSET"),
        (CommandRule(keys: pairs), "MSETNX"),
        (CommandRule(keys: .range(first: 2, last: -1, step: 1)), "BITOP"),
        (CommandRule(keys: .range(first: 1, last: -2, step: 1), blocking: .always), "BLPOP BRPOP BZPOPMIN BZPOPMAX"),
        (CommandRule(keys: second, isRead: true), "OBJECT XINFO"),
        (CommandRule(keys: second), "XGROUP"),
        (CommandRule(keys: .counted(at: 1), isRead: true), "SINTERCARD ZUNION ZINTER ZDIFF ZINTERCARD"),
        (CommandRule(keys: .counted(at: 1)), "LMPOP ZMPOP"),
        (CommandRule(keys: .counted(at: 2)), "EVAL EVALSHA FCALL"),
        (CommandRule(keys: .counted(at: 2), isRead: true), "EVAL_RO EVALSHA_RO FCALL_RO"),
        (CommandRule(keys: .counted(at: 2), blocking: .always), "BLMPOP BZMPOP"),
        (CommandRule(keys: .destinationAndCounted), "ZUNIONSTORE ZINTERSTORE ZDIFFSTORE"),
        (CommandRule(keys: .streams, isRead: true, blocking: .withOption), "XREAD"),
        (CommandRule(keys: .streams, blocking: .withOption), "XREADGROUP"),
        (CommandRule(keys: .firstAndAfter(["STORE", "STOREDIST"])), "SORT GEORADIUS GEORADIUSBYMEMBER"),
        (
            CommandRule(keys: .none),
            """
            PING ECHO TIME INFO ROLE LASTSAVE PUBLISH COMMAND CONFIG CLIENT CLUSTER ACL PUBSUB LATENCY SLOWLOG MODULE
            LOLWUT RANDOMKEY DEBUG SAVE BGSAVE BGREWRITEAOF SCRIPT FUNCTION MEMORY
            """
        ),
        (CommandRule(keys: .none, reach: .everyMaster(.same)), "FLUSHALL FLUSHDB"),
        (CommandRule(keys: .none, reach: .everyMaster(.sum)), "DBSIZE"),
        (CommandRule(keys: .none, reach: .everyMaster(.joined)), "KEYS"),
        (
            CommandRule(
                keys: .none,
                reach: .refused(
                    "a cursor belongs to one node",
                    remedy: "Send it to each master in turn, with sendToEveryMaster(_:) or send(_:to:).")),
            "SCAN"
        ),
        (
            CommandRule(
                keys: .none,
                reach: .refused(
                    "it speaks of the connection's own writes, and connections are shared here",
                    remedy: "Use a RedisConnection to the key's node, or min-replicas-to-write.")),
            "WAIT WAITAOF"
        ),
        (
            CommandRule(keys: .none, reach: .refused("a cluster has one database", remedy: "Use prefixes of keys.")),
            "SWAPDB"
        ),
    ]

    private static let twoWords: [(CommandRule, [String])] = [
        (CommandRule(keys: second, isRead: true), ["MEMORY USAGE"]),
        (
            CommandRule(keys: .none, reach: .everyMaster(.same)),
            [
                "SCRIPT LOAD", "SCRIPT FLUSH", "FUNCTION LOAD", "FUNCTION DELETE", "FUNCTION FLUSH", "FUNCTION RESTORE",
                "CONFIG SET", "CONFIG RESETSTAT",
            ]
        ),
        (CommandRule(keys: .none, reach: .everyMaster(.least)), ["SCRIPT EXISTS"]),
    ]
}
