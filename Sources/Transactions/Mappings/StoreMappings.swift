import Foundation

/// All mappings of an application: a list, in Swift or in a file.
///
/// ```json
/// { "mappings": [
///     { "table": "users",
///       "node": { "label": "User", "properties": ["name"] },
///       "cache": { "key": "user:{id}", "value": { "json": ["id", "name"] }, "expiry": 3600 } },
///     { "table": "follows",
///       "relationship": { "type": "Follows",
///                         "from": { "label": "User", "key": { "id": "follower" } },
///                         "to": { "label": "User", "key": { "id": "followee" } } } } ] }
/// ```
public struct StoreMappings: Sendable, ExpressibleByArrayLiteral {
    /// In the order in which they were written.
    public var mappings: [StoreMapping]

    /// Mappings.
    public init(_ mappings: [StoreMapping]) {
        self.mappings = mappings
    }

    /// Mappings.
    public init(arrayLiteral mappings: StoreMapping...) {
        self.init(mappings)
    }

    /// Reads a file.
    ///
    /// - Throws: ``MappingError``, which names the place in the file.
    public init(file path: String) throws {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw MappingError(path, "the file can't be read", remedy: "Give a file that is there and may be read.")
        }
        do {
            try self.init(json: data)
        } catch let error as MappingError {
            throw MappingError("\(path), \(error.place)", error.reason, remedy: error.remedy)
        }
    }

    /// Reads a document in JSON.
    ///
    /// - Throws: ``MappingError``, which names the place in the document.
    public init(json data: Data) throws {
        do {
            self = try JSONDecoder().decode(StoreMappings.self, from: data)
        } catch let error as DecodingError {
            throw MappingError(error)
        }
    }
}

extension StoreMappings: Codable {
    private enum Keys: String, CodingKey, CaseIterable { case mappings }

    /// From an object with the list `mappings`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(Keys.self)
        mappings = try container.decode([StoreMapping].self, forKey: .mappings)
        var names: Set<String> = []
        for (index, mapping) in mappings.enumerated() where !names.insert(mapping.name).inserted {
            throw MappingError(
                "mappings[\(index)]", "there is another mapping called \"\(mapping.name)\"",
                remedy: "Give one of them another \"name\".")
        }
    }
}
