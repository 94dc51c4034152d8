extension GraphValue {
    /// Whether it is, or holds anywhere, what is no number.
    package var hasNaN: Bool {
        switch self {
        case .double(let value): value.isNaN
        case .float(let value): value.isNaN
        case .list(let elements), .array(let elements): elements.contains(where: \.hasNaN)
        case .structure(let fields): fields.contains(where: \.value.hasNaN)
        case .map(let entries): entries.contains { $0.key.hasNaN || $0.value.hasNaN }
        case .union(let value): value.hasNaN
        default: false
        }
    }
}
