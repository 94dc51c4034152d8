import NIOCore

/// One argument of a command, as it is written to the server: a string of any bytes.
public enum RedisArgument: Sendable, Hashable {
    /// UTF-8 text.
    case string(String)
    /// Bytes.
    case bytes(ByteBuffer)
    /// A decimal integer.
    case integer(Int)
    /// A number in the shortest form that reads back as the same value; infinities are `inf` and `-inf`.
    case double(Double)
}

/// What can stand as arguments of a command. Collections and optionals stand for as many arguments as they have elements.
public protocol RESPRenderable: Sendable {
    /// How many arguments ``render(into:)`` adds.
    var argumentCount: Int { get }

    /// Adds the arguments at the end.
    func render(into arguments: inout [RedisArgument])
}

extension RESPRenderable {
    /// One argument, as for most types.
    @inlinable
    public var argumentCount: Int { 1 }
}

extension RedisArgument: RESPRenderable {
    /// Adds the argument itself.
    @inlinable
    public func render(into arguments: inout [RedisArgument]) {
        arguments.append(self)
    }
}

extension String: RESPRenderable {
    /// Adds the text in UTF-8.
    @inlinable
    public func render(into arguments: inout [RedisArgument]) {
        arguments.append(.string(self))
    }
}

extension Substring: RESPRenderable {
    /// Adds the text in UTF-8.
    @inlinable
    public func render(into arguments: inout [RedisArgument]) {
        arguments.append(.string(String(self)))
    }
}

extension ByteBuffer: RESPRenderable {
    /// Adds the readable bytes.
    @inlinable
    public func render(into arguments: inout [RedisArgument]) {
        arguments.append(.bytes(self))
    }
}

extension Int: RESPRenderable {
    /// Adds the number in decimal digits.
    @inlinable
    public func render(into arguments: inout [RedisArgument]) {
        arguments.append(.integer(self))
    }
}

extension Double: RESPRenderable {
    /// Adds the number in decimal digits.
    @inlinable
    public func render(into arguments: inout [RedisArgument]) {
        arguments.append(.double(self))
    }
}

extension Array: RESPRenderable where Element: RESPRenderable {
    /// The sum over the elements.
    @inlinable
    public var argumentCount: Int { self.reduce(0) { $0 + $1.argumentCount } }

    /// Adds the elements in order.
    @inlinable
    public func render(into arguments: inout [RedisArgument]) {
        for element in self { element.render(into: &arguments) }
    }
}

extension Optional: RESPRenderable where Wrapped: RESPRenderable {
    /// The wrapped value's, or 0.
    @inlinable
    public var argumentCount: Int { self?.argumentCount ?? 0 }

    /// Adds the wrapped value, if any.
    @inlinable
    public func render(into arguments: inout [RedisArgument]) {
        self?.render(into: &arguments)
    }
}

extension RedisArgument {
    /// An argument of any bytes.
    public static func bytes(copying bytes: some Sequence<UInt8>) -> RedisArgument {
        .bytes(ByteBuffer(bytes: bytes))
    }
}

extension RedisArgument: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    /// Text.
    public init(stringLiteral value: String) {
        self = .string(value)
    }

    /// A decimal integer.
    public init(integerLiteral value: Int) {
        self = .integer(value)
    }
}
