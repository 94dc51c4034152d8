/// A Lua script with its SHA-1, by which the server knows it once it has seen it.
///
/// Servers forget scripts when they restart; functions (FUNCTION LOAD) stay. Every key that a script touches must be among its keys.
public struct RedisScript: Sendable, Hashable {
    /// The Lua source.
    public let source: String
    /// The SHA-1 of the source in 40 hexadecimal digits, as EVALSHA takes it. Computed once, here.
    public let sha1: String

    /// A script.
    public init(_ source: String) {
        self.source = source
        self.sha1 = SHA1.hexadecimal(of: source.utf8)
    }
}

extension RedisCommands {
    /// EVALSHA, and EVAL if the server does not know the script yet.
    ///
    /// The second command is sent only after NOSCRIPT, which says that the first has not run.
    ///
    /// - Throws: ``RedisError``. A script that fails keeps what it wrote before: `mayHaveRun` is true then.
    public func evaluate(
        _ script: RedisScript, keys: [some RESPRenderable], arguments: [some RESPRenderable]
    ) async throws -> RESPValue {
        do {
            return try await self.send(RedisCommand("EVALSHA", script.sha1, keys.argumentCount, keys, arguments))
        } catch let error as RedisError where error.reply?.code == "NOSCRIPT" {
            return try await self.send(RedisCommand("EVAL", script.source, keys.argumentCount, keys, arguments))
        }
    }

    /// EVALSHA with keys and no further arguments.
    public func evaluate(_ script: RedisScript, keys: [some RESPRenderable] = [String]()) async throws -> RESPValue {
        try await self.evaluate(script, keys: keys, arguments: [String]())
    }

    /// EVAL: runs a Lua script from its source.
    public func eval(
        _ source: String, keys: [some RESPRenderable], arguments: [some RESPRenderable]
    ) async throws -> RESPValue {
        try await self.send(RedisCommand("EVAL", source, keys.argumentCount, keys, arguments))
    }

    /// SCRIPT LOAD: makes a script known; returns its SHA-1.
    @discardableResult
    public func scriptLoad(_ script: RedisScript) async throws -> String {
        try await self.send(RedisCommand("SCRIPT LOAD", script.source), as: String.self)
    }

    /// SCRIPT EXISTS: which of the scripts the server knows.
    public func scriptExists(_ scripts: [RedisScript]) async throws -> [Bool] {
        try await self.send(RedisCommand("SCRIPT EXISTS", scripts.map(\.sha1)), as: [Bool].self)
    }

    /// FUNCTION LOAD: makes a library of functions known, for good; returns its name.
    ///
    /// - Parameter replace: whether a library of that name may be there already.
    @discardableResult
    public func functionLoad(_ library: String, replace: Bool = false) async throws -> String {
        try await self.send(RedisCommand("FUNCTION LOAD", replace ? "REPLACE" : nil, library), as: String.self)
    }

    /// FUNCTION DELETE: removes a library.
    public func functionDelete(_ library: String) async throws {
        _ = try await self.send(RedisCommand("FUNCTION DELETE", library))
    }

    /// FCALL: runs a function.
    ///
    /// - Throws: ``RedisError``. A function that fails keeps what it wrote before: `mayHaveRun` is true then.
    public func fcall(
        _ function: String, keys: [some RESPRenderable], arguments: [some RESPRenderable]
    ) async throws -> RESPValue {
        try await self.send(RedisCommand("FCALL", function, keys.argumentCount, keys, arguments))
    }

    /// FCALL with keys and no further arguments.
    public func fcall(_ function: String, keys: [some RESPRenderable] = [String]()) async throws -> RESPValue {
        try await self.fcall(function, keys: keys, arguments: [String]())
    }
}
