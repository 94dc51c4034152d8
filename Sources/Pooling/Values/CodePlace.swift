/// A line of source code: where a connection was acquired.
public struct CodePlace: Sendable, Hashable, CustomStringConvertible {
    /// Module and file, as `#fileID` gives them.
    public let file: StaticString
    /// The line, from 1.
    public let line: UInt

    /// A place; `#fileID` and `#line` are what to pass.
    @inlinable
    public init(file: StaticString, line: UInt) {
        self.file = file
        self.line = line
    }

    /// `Module/File.swift:12`
    public var description: String { "\(file):\(line)" }

    /// Whether both are the same line of the same file.
    public static func == (a: CodePlace, b: CodePlace) -> Bool {
        a.line == b.line && a.file.description == b.file.description
    }

    /// Feeds file and line to the hasher.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(file.description)
        hasher.combine(line)
    }
}
