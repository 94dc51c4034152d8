import Foundation
import GraphClient

/// Reads all rows of a part as texts, a page at a time: the engine keeps a whole result in its memory.
///
/// A page is a range of the engine's own numbers of rows, which has no meaning beyond that: rows are told apart by their keys.
struct RowReader {
    let connection: GraphConnection
    let part: TablePart
    /// How many bytes a page should have, about.
    var pageSize = 16 << 20
    /// The most rows of a page.
    var pageRows = 200_000

    /// How many there are.
    func count() throws -> Int {
        try connection.query("MATCH \(pattern) RETURN count(*)").scalar(Int.self)
    }

    /// How many relationships there are, found from the node that they come to: another number than ``count()`` is damage.
    func countBackwards() throws -> Int {
        guard case .relationships(let table, let from, let to) = part else { return try count() }
        // WITH keeps the engine from choosing the end to begin at.
        return try connection.query(
            """
            MATCH (b:\(Cypher.name(to.name))) WITH b \
            MATCH (b)<-[l:\(Cypher.name(table.name))]-(a:\(Cypher.name(from.name))) RETURN count(*)
            """
        ).scalar(Int.self)
    }

    /// Calls `body` with each row's text.
    func forEach(_ body: (_ row: [UInt8]) throws -> Void) throws {
        let last = try lastNumber(of: anchor)
        guard let last else { return }
        var text = ValueText()
        var pages = PageSize(mostRows: pageRows, bytes: pageSize)
        var start: Int64 = 0
        while start <= last {
            try Task.checkCancellation()
            let width = min(Int64(pages.numbers), last - start + 1)
            let (rows, bytes) = try page(start..<start + width, pages.rows, &text, body)
            pages.had(rows: rows, bytes: bytes)
            start += width
        }
    }

    // MARK: - Pages

    private func page(
        _ range: Range<Int64>, _ limit: Int, _ text: inout ValueText, _ body: ([UInt8]) throws -> Void
    ) throws -> (rows: Int, bytes: Int) {
        guard case .relationships = part else { return try read(range, nil, &text, body) }
        let count = try connection.query(
            "MATCH \(pattern) WHERE \(Self.inRange(anchor)) RETURN count(*)", bounds(range)
        ).scalar(Int.self)
        if count == 0 { return (0, 0) }
        if count <= limit { return try read(range, nil, &text, body) }
        if range.count > 1 {
            let middle = range.lowerBound + Int64(range.count / 2)
            let first = try page(range.lowerBound..<middle, limit, &text, body)
            let second = try page(middle..<range.upperBound, limit, &text, body)
            return (first.rows + second.rows, first.bytes + second.bytes)
        }
        return try pages(ofNode: range, limit, &text, body)
    }

    /// One node with more relationships than fit a page: those in ranges of their own numbers.
    private func pages(
        ofNode node: Range<Int64>, _ limit: Int, _ text: inout ValueText, _ body: ([UInt8]) throws -> Void
    ) throws -> (rows: Int, bytes: Int) {
        guard let last = try lastNumber(of: "l") else { return (0, 0) }
        var (rows, bytes) = (0, 0)
        var start: Int64 = 0
        while start <= last {
            try Task.checkCancellation()
            let end = min(start + Int64(limit), last + 1)
            let found = try read(node, start..<end, &text, body)
            rows += found.rows
            bytes += found.bytes
            start = end
        }
        return (rows, bytes)
    }

    private func read(
        _ range: Range<Int64>, _ inner: Range<Int64>?, _ text: inout ValueText, _ body: ([UInt8]) throws -> Void
    ) throws -> (rows: Int, bytes: Int) {
        var condition = Self.inRange(anchor)
        var parameters = bounds(range)
        if let inner {
            condition += " AND offset(id(l)) >= $innerFrom AND offset(id(l)) < $innerTo"
            parameters["innerFrom"] = .int64(inner.lowerBound)
            parameters["innerTo"] = .int64(inner.upperBound)
        }
        var (rows, bytes) = (0, 0)
        try connection.forEachRow("MATCH \(pattern) WHERE \(condition) RETURN \(columns)", parameters) { row in
            text.removeAll()
            try write(row, to: &text)
            try body(text.bytes)
            rows += 1
            bytes += text.bytes.count
        }
        return (rows, bytes)
    }

    private func write(_ row: GraphRow, to text: inout ValueText) throws {
        text.append("[")
        var position = 0
        for (index, type) in part.types.enumerated() {
            if index > 0 { text.append(",") }
            var value = row[position]
            position += 1
            var tag: String?
            if case .union = type {
                // Kùzu gives the quotes of a name that needs some with it.
                if case .string(let name) = row[position] { tag = name.trimmingCharacters(in: ["`"]) }
                // An alternative that is NULL is not the same as none.
                if value.isNull, tag != nil { value = .union(.null) }
                position += 1
            }
            do {
                try text.write(value, as: type, tag: tag)
            } catch {
                throw TransferError(
                    .unsupported,
                    "A row of \(part.title) can't be exported: its \(part.columns[index]) \(error.reason).",
                    remedy: "Change the value, or drop the property.")
            }
        }
        text.append("]")
    }

    // MARK: - Cypher

    private var pattern: String {
        switch part {
        case .nodes(let table): "(n:\(Cypher.name(table.name)))"
        case .relationships(let table, let from, let to):
            "(a:\(Cypher.name(from.name)))-[l:\(Cypher.name(table.name))]->(b:\(Cypher.name(to.name)))"
        }
    }

    /// The node by whose number pages are made.
    private var anchor: String {
        switch part {
        case .nodes: "n"
        case .relationships: "a"
        }
    }

    /// Columns have names of ours: the engine refuses two that only differ in case.
    private var columns: String {
        let sources =
            switch part {
            case .nodes(let table): table.properties.map { "n.\(Cypher.name($0.name))" }
            case .relationships(let table, let from, let to):
                ["a.\(Cypher.name(from.key))", "b.\(Cypher.name(to.key))"]
                    + table.properties.map { "l.\(Cypher.name($0.name))" }
            }
        return zip(sources, part.types).enumerated().flatMap { index, column in
            var expressions = ["\(column.0) AS c\(index)"]
            if case .union = column.1 { expressions.append("union_tag(\(column.0)) AS t\(index)") }
            return expressions
        }.joined(separator: ", ")
    }

    private func lastNumber(of variable: String) throws -> Int64? {
        try connection.query("MATCH \(pattern) RETURN max(offset(id(\(variable))))").scalar(Int64?.self)
    }

    private static func inRange(_ variable: String) -> String {
        "offset(id(\(variable))) >= $from AND offset(id(\(variable))) < $to"
    }

    private func bounds(_ range: Range<Int64>) -> GraphParameters {
        ["from": range.lowerBound, "to": range.upperBound]
    }
}

/// How much to ask for at once, so that a page has about as many bytes as it should.
struct PageSize {
    /// How many of the engine's numbers of rows.
    private(set) var numbers = 64
    /// How many rows.
    private(set) var rows = 1_024
    private let mostRows: Int
    private let bytes: Int

    init(mostRows: Int, bytes: Int) {
        self.mostRows = mostRows
        self.bytes = bytes
    }

    /// What the last page had. Grows slowly, since the next rows may be longer; shrinks at once.
    mutating func had(rows found: Int, bytes size: Int) {
        let factor = size == 0 ? 4 : min(4, Double(bytes) / Double(size))
        numbers = max(1, min(mostRows, Int(Double(numbers) * factor)))
        guard found > 0 else { return }
        rows = max(1, min(mostRows, rows * 4, bytes / max(1, size / found)))
    }
}
