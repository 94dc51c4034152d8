import Foundation
import GraphClient

/// One statement for many rows, with all of them as one parameter.
struct RowBatch {
    let text: String
    let parameters: GraphParameters

    /// - Returns: nil where a column has values that the engine does not take within a list of rows, or of a type that can't be told
    ///   from these rows.
    init?(_ part: TablePart, _ rows: [[GraphValue]]) {
        var expressions: [String] = []
        var carried: [Int] = []
        for (index, type) in part.types.enumerated() {
            // A NULL in a list of rows has a type only through the rows that have a value there.
            if rows.allSatisfy({ $0[index].isNull }) {
                expressions.append("NULL")
                continue
            }
            guard let expression = Self.expression(type, "r.c\(index)"),
                rows.contains(where: { Self.isTyped($0[index]) })
            else { return nil }
            expressions.append(expression)
            carried.append(index)
        }
        guard !carried.isEmpty else { return nil }
        text = RowCypher(part).statement(expressions, unwinding: true)
        parameters = [
            "rows": GraphValue.list(
                rows.map { row in
                    .structure(GraphFields(carried.map { GraphField("c\($0)", Self.carried(row[$0])) }))
                })
        ]
    }

    /// How the value of a row's field becomes the property's; nil where it can't.
    private static func expression(_ type: ValueType, _ field: String) -> String? {
        switch type {
        case .scalar(.uuid): "uuid(\(field))"
        case .scalar(.blob): "blob(\(field))"
        case .decimal: "cast(\(field) AS \(type))"
        case .scalar: field
        case .list(let element), .array(let element, _): isPlain(element) ? "cast(\(field) AS \(type))" : nil
        case .structure, .map, .union: nil
        }
    }

    private static func isPlain(_ element: ValueType) -> Bool {
        switch element {
        case .scalar(.uuid), .scalar(.blob), .decimal, .structure, .map, .union: false
        case .scalar: true
        case .list(let inner), .array(let inner, _): isPlain(inner)
        }
    }

    /// Whether the value's type shows: that of an empty list does not.
    private static func isTyped(_ value: GraphValue) -> Bool {
        switch value {
        case .null: false
        case .list(let elements), .array(let elements): elements.contains(where: isTyped)
        default: true
        }
    }

    /// As texts what Kùzu does not take within a list of rows.
    private static func carried(_ value: GraphValue) -> GraphValue {
        switch value {
        case .uuid(let uuid): .string(uuid.uuidString.lowercased())
        case .blob(let bytes): .string(BlobText.encode(bytes))
        case .decimal(let decimal): .string(decimal.description)
        default: value
        }
    }
}
