import Foundation
import Measurement

/// The rows of a file, as generators read them.
package struct RowTable: Sendable, Hashable {
    package struct Problem: Error, Hashable, CustomStringConvertible {
        package var description: String
    }

    package let columns: [String]
    /// Each as long as `columns`.
    package let rows: [[FieldValue]]

    /// Reads a file as a whole. Blocks.
    ///
    /// - Throws: `Problem`, which says what is wrong with which line.
    package init(_ file: RowFileDefinition) throws(Problem) {
        let text: String
        do {
            text = try String(contentsOfFile: file.path, encoding: .utf8)
        } catch {
            throw Problem(description: "\(file.path) can't be read: \(error.systemReason)")
        }
        switch file.format {
        case .csv: try self.init(csv: text, name: file.path)
        case .jsonLines: try self.init(jsonLines: text, name: file.path)
        }
        if rows.isEmpty { throw Problem(description: "\(file.path) has no rows") }
    }

    /// A value by its column.
    package func value(_ column: String, row: Int) -> FieldValue {
        columns.firstIndex(of: column).map { rows[row][$0] } ?? .null
    }

    // MARK: CSV

    /// RFC 4180: a header line; a field in double quotes may have commas, line ends and doubled quotes in it. What is a number
    /// without quotes is one; nothing without quotes is null.
    init(csv text: String, name: String) throws(Problem) {
        var records = try Self.records(text, name)
        guard !records.isEmpty else { throw Problem(description: "\(name) has no header line") }
        let columns = records.removeFirst().fields.map { $0.text.trimmed }
        if let column = columns.first(where: { column in columns.count { $0 == column } > 1 }) {
            throw Problem(description: "\(name) has two columns \"\(column)\"")
        }
        for record in records where record.fields.count != columns.count {
            throw Problem(
                description:
                    "\(name):\(record.line) has \(record.fields.count) fields, and its header \(columns.count)")
        }
        self.columns = columns
        rows = records.map { $0.fields.map(\.value) }
    }

    private struct Field {
        var text = ""
        var isQuoted = false

        var value: FieldValue {
            if isQuoted { return .text(text) }
            if text.isEmpty { return .null }
            if let value = Int(text) { return .integer(value) }
            if let value = Double(text), value.isFinite { return .number(value) }
            return .text(text)
        }
    }

    private static func records(_ text: String, _ name: String) throws(Problem) -> [(line: Int, fields: [Field])] {
        var records: [(line: Int, fields: [Field])] = []
        var fields: [Field] = [], field = Field(), isOpen = false
        var line = 1, start = 1
        func isBlank() -> Bool { fields.isEmpty && field.text.isEmpty && !field.isQuoted }
        // As scalars, since Swift takes a carriage return and a line feed for one character.
        var scalars = Substring(text).unicodeScalars[...]
        if scalars.first == "\u{FEFF}" { scalars.removeFirst() }
        while let scalar = scalars.popFirst() {
            if scalar == "\n" { line += 1 }
            if isOpen {
                if scalar != "\"" {
                    field.text.unicodeScalars.append(scalar)
                } else if scalars.first == "\"" {
                    field.text.append("\"")
                    scalars.removeFirst()
                } else {
                    isOpen = false
                }
                continue
            }
            switch scalar {
            case "\"" where field.text.isEmpty && !field.isQuoted: (isOpen, field.isQuoted) = (true, true)
            case ",":
                fields.append(field)
                field = Field()
            case "\n":
                if !isBlank() { records.append((start, fields + [field])) }
                (fields, field, start) = ([], Field(), line)
            case "\r" where scalars.first == "\n" || scalars.isEmpty: break
            default: field.text.unicodeScalars.append(scalar)
            }
        }
        if isOpen { throw Problem(description: "\(name):\(start) has a quote without an end") }
        if !isBlank() { records.append((start, fields + [field])) }
        return records
    }

    // MARK: JSON Lines

    /// One object on each line; columns are the names of all of them, and what an object lacks is null.
    init(jsonLines text: String, name: String) throws(Problem) {
        var columns: [String] = [], objects: [[String: FieldValue]] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
        where !line.trimmed.isEmpty {
            guard let object = try? JSONDecoder().decode([String: JSONField].self, from: Data(line.utf8)) else {
                throw Problem(description: "\(name):\(index + 1) is no JSON object of plain values")
            }
            columns += object.keys.sorted().filter { !columns.contains($0) }
            objects.append(object.mapValues(\.value))
        }
        self.columns = columns
        rows = objects.map { object in columns.map { object[$0] ?? .null } }
    }

    private struct JSONField: Decodable {
        var value: FieldValue

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                value = .null
            } else if let flag = try? container.decode(Bool.self) {
                value = .flag(flag)
            } else if let integer = try? container.decode(Int.self) {
                value = .integer(integer)
            } else if let number = try? container.decode(Double.self) {
                value = .number(number)
            } else {
                value = .text(try container.decode(String.self))
            }
        }
    }
}
