/// A value that statements get.
package enum FieldValue: Sendable, Hashable, Codable, CustomStringConvertible {
    case null
    case integer(Int)
    case number(Double)
    case flag(Bool)
    case text(String)

    /// As Redis gets it, and as texts have it in them.
    package var description: String {
        switch self {
        case .null: ""
        case .integer(let value): String(value)
        case .number(let value): value.plain
        case .flag(let value): value ? "1" : "0"
        case .text(let value): value
        }
    }
}
