extension CacheMapping: Codable {
    private enum Keys: String, CodingKey, CaseIterable { case key, value, expiry }

    /// From an object: `{"key": "user:{id}", "value": {"json": ["id", "name"]}, "expiry": 60}`, the expiry in seconds.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(Keys.self)
        key = try container.decode(KeyPattern.self, forKey: .key)
        value = try container.decode(Form.self, forKey: .value)
        expiry = try container.decodeIfPresent(Double.self, forKey: .expiry).map { .seconds($0) }
        if let expiry, expiry <= .zero {
            throw MappingError(
                decoder.place(of: Keys.expiry), "an expiry must be above 0",
                remedy: "Give seconds, or leave it out for keys that stay.")
        }
    }

    /// As an object.
    ///
    /// - Throws: `EncodingError` for a value that a closure makes.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(key, forKey: .key)
        try container.encode(value, forKey: .value)
        try container.encodeIfPresent(expiry.map { $0 / .seconds(1) }, forKey: .expiry)
    }
}

extension CacheMapping.Form: Codable {
    private enum Keys: String, CodingKey, CaseIterable { case string, json, hash }

    /// From an object with one of `string`, `json` and `hash`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(Keys.self)
        guard container.allKeys.count == 1, let form = container.allKeys.first else {
            throw MappingError(
                decoder.place, "a value has one form, and this has \(container.allKeys.count)",
                remedy: "Write one of {\"string\": \"column\"}, {\"json\": [columns]} and {\"hash\": [columns]}.")
        }
        switch form {
        case .string: self = .string(try container.decode(String.self, forKey: form))
        case .json: self = .json(try container.decode(ColumnMap.self, forKey: form))
        case .hash: self = .hash(try container.decode(ColumnMap.self, forKey: form))
        }
    }

    /// As an object.
    ///
    /// - Throws: `EncodingError` for a value that a closure makes.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        switch self {
        case .string(let column): try container.encode(column, forKey: .string)
        case .json(let map): try container.encode(map, forKey: .json)
        case .hash(let map): try container.encode(map, forKey: .hash)
        case .custom:
            throw EncodingError.invalidValue(
                self,
                .init(
                    codingPath: encoder.codingPath,
                    debugDescription: "A value that a closure makes can't be written to a file."))
        }
    }
}
