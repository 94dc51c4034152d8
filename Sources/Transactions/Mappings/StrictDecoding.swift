extension Decoder {
    /// An object in which every name has to be known: a misspelt one would otherwise be as if it were not there.
    func strictContainer<Keys: CodingKey & CaseIterable>(_ type: Keys.Type) throws -> KeyedDecodingContainer<Keys> {
        let known = Keys.allCases.map(\.stringValue)
        for key in try container(keyedBy: AnyKey.self).allKeys where !known.contains(key.stringValue) {
            throw MappingError.unknown("setting", key.stringValue, at: place, known: known)
        }
        return try container(keyedBy: type)
    }

    /// Where this is in the document.
    var place: String { codingPath.place }

    /// Where a setting of this is in the document.
    func place(of key: any CodingKey) -> String { (codingPath + [key]).place }
}

private struct AnyKey: CodingKey {
    var stringValue: String
    var intValue: Int?

    init(stringValue: String) {
        self.stringValue = stringValue
    }

    init?(intValue: Int) {
        return nil
    }
}

extension [any CodingKey] {
    /// `mappings[0].cache.key`
    var place: String {
        let path = reduce(into: "") { path, key in
            if let index = key.intValue {
                path += "[\(index)]"
            } else {
                path += path.isEmpty ? key.stringValue : ".\(key.stringValue)"
            }
        }
        return path.isEmpty ? "the document" : path
    }
}

extension MappingError {
    /// What a decoder found, in our words.
    init(_ error: DecodingError) {
        switch error {
        case .keyNotFound(let key, let context):
            self.init(
                context.codingPath.place, "\"\(key.stringValue)\" is missing", remedy: "Add \"\(key.stringValue)\".")
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            self.init(
                context.codingPath.place, "this is not what is expected here (\(Self.name(of: type)))",
                remedy: "See StoreMappings for an example.")
        case .dataCorrupted(let context):
            self.init(
                context.codingPath.place, "this is no JSON: \(context.debugDescription)",
                remedy: "Check commas, quotation marks and braces.")
        @unknown default:
            self.init("the document", "\(error)", remedy: "See StoreMappings for an example.")
        }
    }

    private static func name(of type: any Any.Type) -> String {
        switch type {
        case is String.Type: "a text"
        case is Double.Type, is Int.Type: "a number"
        case is [any Sendable].Type: "a list"
        default: "\(type)".hasPrefix("Array") ? "a list" : "an object, or a list"
        }
    }
}
