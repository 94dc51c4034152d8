import RedisClient
import Scenarios
import Transactions

/// Redis' commands, as they are typed, within coordinated transactions and snapshots.
enum CoordinatedRedis {
    private struct Words {
        let name: String
        private let words: [String]

        init(_ command: RedisCommand) {
            name = command.name
            words = command.arguments.map { if case .string(let text) = $0 { text } else { "\($0)" } }
        }

        var count: Int { words.count }

        func text(_ index: Int) throws -> String {
            guard words.indices.contains(index) else { throw WrongAnswer(description: "\(name) has too few arguments") }
            return words[index]
        }

        func key(_ index: Int = 0) throws -> CacheKey { CacheKey(try text(index)) }

        func number(_ index: Int) throws -> Int {
            guard let number = Int(try text(index)) else {
                throw WrongAnswer(description: "\(name) has \(words[index]) where a whole number belongs")
            }
            return number
        }

        func rest(_ index: Int) -> [String] { Array(words.dropFirst(index)) }
    }

    // MARK: Reads

    static func read(_ command: RedisCommand, in redis: some CacheReading) async throws -> StepAnswer {
        let words = Words(command)
        switch words.name {
        case "GET":
            return try await get(words.key(), redis).map { StepAnswer(value: .text($0)) } ?? StepAnswer(value: .null)
        case "MGET":
            var rows: [[FieldValue]] = []
            for index in 0..<words.count {
                rows.append([try await get(words.key(index), redis).map { .text($0) } ?? .null])
            }
            return StepAnswer(rows: rows)
        case "EXISTS": return StepAnswer(value: .integer(try await redis.exists(words.key()) ? 1 : 0))
        case "HGET":
            let value: String? = try await redis.hget(words.key(), words.text(1))
            return value.map { StepAnswer(value: .text($0)) } ?? StepAnswer(value: .null)
        case "HGETALL":
            let fields: [String: String] = try await redis.hgetall(words.key())
            return StepAnswer(rows: fields.sorted { $0.key < $1.key }.map { [.text($0.key), .text($0.value)] })
        case "SISMEMBER":
            return StepAnswer(value: .integer(try await redis.sismember(words.key(), words.text(1)) ? 1 : 0))
        case "SMEMBERS": return StepAnswer(rows: try await redis.smembers(words.key()).sorted().map { [.text($0)] })
        case "ZSCORE":
            return try await redis.zscore(words.key(), words.text(1)).map { StepAnswer(value: .number($0)) }
                ?? StepAnswer(value: .null)
        default: throw WrongAnswer(description: "\(words.name) can't be used here")
        }
    }

    private static func get(_ key: CacheKey, _ redis: some CacheReading) async throws -> String? {
        try await redis.get(key)
    }

    // MARK: Writes

    static func run(_ command: RedisCommand, in redis: TransactionRedis) async throws -> StepAnswer {
        let words = Words(command), done = StepAnswer(value: .text("OK"))
        switch words.name {
        case "SET":
            try await redis.set(words.key(), words.text(1), expiry: expiry(words))
        case "INCR": return StepAnswer(value: .integer(try await redis.increment(words.key())))
        case "DECR": return StepAnswer(value: .integer(try await redis.increment(words.key(), by: -1)))
        case "INCRBY": return StepAnswer(value: .integer(try await redis.increment(words.key(), by: words.number(1))))
        case "DECRBY": return StepAnswer(value: .integer(try await redis.increment(words.key(), by: -words.number(1))))
        case "DEL": for index in 0..<words.count { try await redis.delete(words.key(index)) }
        case "EXPIRE": try await redis.expire(words.key(), .after(.seconds(words.number(1))))
        case "PERSIST": try await redis.persist(words.key())
        case "HSET":
            for index in stride(from: 1, to: words.count, by: 2) {
                try await redis.hset(words.key(), [words.text(index): words.text(index + 1)])
            }
        case "HDEL": try await redis.hdel(words.key(), words.rest(1))
        case "HINCRBY":
            return StepAnswer(value: .integer(try await redis.hincrby(words.key(), words.text(1), by: words.number(2))))
        case "SADD": try await redis.sadd(words.key(), words.rest(1))
        case "SREM": try await redis.srem(words.key(), words.rest(1))
        case "ZADD":
            for index in stride(from: 1, to: words.count, by: 2) {
                guard let score = Double(try words.text(index)) else {
                    throw WrongAnswer(description: "ZADD has \(try words.text(index)) where a score belongs")
                }
                try await redis.zadd(words.key(), [words.text(index + 1): score])
            }
        case "ZREM": try await redis.zrem(words.key(), words.rest(1))
        default: return try await read(command, in: redis)
        }
        return done
    }

    /// `EX seconds` or `PX milliseconds`.
    private static func expiry(_ words: Words) throws -> RedisExpiry? {
        guard words.count > 2 else { return nil }
        switch try words.text(2).uppercased() {
        case "EX": return .after(.seconds(try words.number(3)))
        case "PX": return .after(.milliseconds(try words.number(3)))
        default: throw WrongAnswer(description: "SET has only EX and PX in a transaction, not \(try words.text(2))")
        }
    }
}
