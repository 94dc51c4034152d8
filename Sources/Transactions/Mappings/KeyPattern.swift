import Foundation
package import GRDB

/// How a Redis key is made of a row's columns: `user:{id}`, `{tenant}:user:{id}`.
///
/// Braces stand around columns; written twice they mean themselves, as a hash tag of Redis Cluster needs:
/// `user:{{{id}}}` gives `user:{7}`.
public struct KeyPattern: Sendable, Hashable, ExpressibleByStringLiteral {
    enum Segment: Hashable, Sendable {
        case literal(String)
        case column(String)
    }

    /// As it was written.
    public let text: String
    let segments: [Segment]

    /// The columns, in the order of their places.
    public var columns: [String] {
        segments.compactMap { if case .column(let name) = $0 { name } else { nil } }
    }

    /// Reads a pattern.
    ///
    /// - Throws: ``MappingError`` for one without columns, with a brace that is not closed, or with two columns side by
    ///   side, whose values could not be told apart.
    public init(_ text: String) throws {
        self.text = text
        segments = try Self.parse(text)
    }

    /// A pattern that is written out in source code, and must be right.
    public init(stringLiteral value: String) {
        do {
            try self.init(value)
        } catch {
            preconditionFailure("\(error)")
        }
    }

    private static func parse(_ text: String) throws -> [Segment] {
        func wrong(_ reason: String) -> MappingError {
            MappingError("\"\(text)\"", reason, remedy: "Write a pattern like user:{id}.")
        }
        var segments: [Segment] = []
        var literal = ""
        var rest = Substring(text)
        while let letter = rest.first {
            if rest.hasPrefix("{{") || rest.hasPrefix("}}") {
                literal.append(letter)
                rest = rest.dropFirst(2)
                continue
            }
            guard letter == "{" else {
                if letter == "}" { throw wrong("a brace is closed that was not opened") }
                literal.append(letter)
                rest = rest.dropFirst()
                continue
            }
            guard let end = rest.firstIndex(of: "}") else { throw wrong("a brace is not closed") }
            let column = String(rest[rest.index(after: rest.startIndex)..<end])
            if column.isEmpty { throw wrong("there is no column between the braces") }
            if !literal.isEmpty { segments.append(.literal(literal)) }
            if case .column = segments.last, literal.isEmpty { throw wrong("two columns stand side by side") }
            segments.append(.column(column))
            literal = ""
            rest = rest[rest.index(after: end)...]
        }
        if !literal.isEmpty { segments.append(.literal(literal)) }
        let columns = segments.compactMap { if case .column(let name) = $0 { name } else { nil } }
        if columns.isEmpty { throw wrong("it has no column, so all rows would have the same key") }
        if Set(columns).count < columns.count { throw wrong("a column stands in it twice") }
        return segments
    }

    // MARK: From row to key

    /// The key of a row; nil where a column is NULL: such a row has no key.
    ///
    /// - Parameter values: those of ``columns``, in order.
    package func key(_ values: [DatabaseValue]) -> CacheKey? {
        var text = ""
        var next = values.startIndex
        for segment in segments {
            switch segment {
            case .literal(let literal): text += literal
            case .column:
                guard next < values.endIndex, let value = values[next].keyText else { return nil }
                text += value
                next += 1
            }
        }
        return CacheKey(text)
    }

    /// What all its keys begin with.
    package var prefix: String {
        if case .literal(let text)? = segments.first { text } else { "" }
    }

    /// A pattern of SCAN that finds all its keys, and perhaps others.
    var glob: String {
        segments.map { segment in
            switch segment {
            case .column: "*"
            case .literal(let literal):
                literal.map { "*?[]\\".contains($0) ? "\\\($0)" : String($0) }.joined()
            }
        }.joined()
    }

    // MARK: From key to row

    /// The texts that the columns may have in a key: more than one possibility where literals occur within values.
    package func texts(in key: CacheKey) -> [[String]] {
        guard let text = String(validating: key.bytes, as: UTF8.self) else { return [] }
        return Self.split(Substring(text), by: segments[...])
    }

    private static func split(_ text: Substring, by segments: ArraySlice<Segment>) -> [[String]] {
        guard let first = segments.first else { return text.isEmpty ? [[]] : [] }
        let rest = segments.dropFirst()
        switch first {
        case .literal(let literal):
            return text.hasPrefix(literal) ? split(text.dropFirst(literal.count), by: rest) : []
        case .column:
            guard case .literal(let stop)? = rest.first else { return [[String(text)]] }
            var found: [[String]] = []
            for range in text.ranges(of: stop) {
                let value = String(text[..<range.lowerBound])
                found += split(text[range.lowerBound...], by: rest).map { [value] + $0 }
            }
            return found
        }
    }
}

extension KeyPattern: Codable {
    /// From its text.
    public init(from decoder: any Decoder) throws {
        do {
            try self.init(try decoder.singleValueContainer().decode(String.self))
        } catch let error as MappingError {
            throw MappingError("\(decoder.place) \(error.place)", error.reason, remedy: error.remedy)
        }
    }

    /// As its text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

extension DatabaseValue {
    /// The text in a key; nil for NULL. Blobs are hexadecimal.
    var keyText: String? {
        switch storage {
        case .null: nil
        case .int64(let number): String(number)
        case .double(let number): "\(number)"
        case .string(let text): text
        case .blob(let data): data.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        }
    }
}
