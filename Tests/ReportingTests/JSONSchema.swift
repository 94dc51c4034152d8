import Foundation

/// A value of JSON, with numbers and truth kept apart.
enum JSONValue: Decodable, Hashable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    subscript(key: String) -> JSONValue? { if case .object(let members) = self { members[key] } else { nil } }

    var members: [String: JSONValue] { if case .object(let members) = self { members } else { [:] } }
    var elements: [JSONValue] { if case .array(let elements) = self { elements } else { [] } }
    var text: String? { if case .string(let text) = self { text } else { nil } }
    var number: Double? { if case .number(let number) = self { number } else { nil } }
}

/// The part of JSON Schema 2020-12 that our schema uses. A keyword that it doesn't know is a violation: it would go unchecked.
struct JSONSchema {
    private static let silent: Set<String> = ["$schema", "title", "description", "$defs"]

    let root: JSONValue

    /// That of runs, as the documentation has it.
    static var published: JSONSchema {
        get throws {
            let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent()
            let file = package.appendingPathComponent("Documentation/schemas/run-result.schema.json")
            return JSONSchema(root: try JSONDecoder().decode(JSONValue.self, from: Data(contentsOf: file)))
        }
    }

    /// What is wrong with a document, each with its place; empty when it is valid.
    func violations(of document: JSONValue) -> [String] { check(document, root, at: "$") }

    private func check(_ value: JSONValue, _ schema: JSONValue, at place: String) -> [String] {
        schema.members.sorted { $0.key < $1.key }.flatMap { keyword, rule -> [String] in
            switch keyword {
            case _ where Self.silent.contains(keyword): []
            case "$ref": reference(value, rule, at: place)
            case "type": types(rule).contains { isOfType(value, $0) } ? [] : ["\(place) is no \(types(rule))"]
            case "enum": rule.elements.contains(value) ? [] : ["\(place) is none of \(rule.elements)"]
            case "const": value == rule ? [] : ["\(place) is not \(rule)"]
            case "required":
                rule.elements.compactMap(\.text).filter { value[$0] == nil }.map { "\(place) has no \($0)" }
            case "properties":
                rule.members.flatMap { name, part in value[name].map { check($0, part, at: "\(place).\(name)") } ?? [] }
            case "additionalProperties": others(value, rule, schema, at: place)
            case "items": value.elements.enumerated().flatMap { check($0.element, rule, at: "\(place)[\($0.offset)]") }
            case "minimum": bound(value, rule, place) { $0 >= $1 }
            case "maximum": bound(value, rule, place) { $0 <= $1 }
            case "exclusiveMinimum": bound(value, rule, place) { $0 > $1 }
            case "minLength": Double(value.text?.count ?? .max) >= rule.number ?? 0 ? [] : ["\(place) is too short"]
            case "maxItems": Double(value.elements.count) <= rule.number ?? 0 ? [] : ["\(place) has too many"]
            default: ["\(place): the keyword \(keyword) is not known"]
            }
        }
    }

    private func types(_ rule: JSONValue) -> [String] { rule.text.map { [$0] } ?? rule.elements.compactMap(\.text) }

    private func isOfType(_ value: JSONValue, _ type: String) -> Bool {
        switch (value, type) {
        case (.null, "null"), (.bool, "boolean"), (.number, "number"), (.string, "string"), (.array, "array"),
            (.object, "object"):
            true
        case (.number(let number), "integer"): number == number.rounded()
        default: false
        }
    }

    private func reference(_ value: JSONValue, _ rule: JSONValue, at place: String) -> [String] {
        let name = rule.text.map { String($0.dropFirst("#/$defs/".count)) } ?? ""
        guard let schema = root["$defs"]?[name] else { return ["\(place): there is no \(rule)"] }
        return check(value, schema, at: place)
    }

    private func others(
        _ value: JSONValue, _ rule: JSONValue, _ schema: JSONValue, at place: String
    ) -> [String] {
        let known = schema["properties"]?.members ?? [:]
        let unknown = value.members.filter { known[$0.key] == nil }
        if rule == .bool(false) { return unknown.keys.sorted().map { "\(place) has an unknown \($0)" } }
        return unknown.flatMap { check($0.value, rule, at: "\(place).\($0.key)") }
    }

    private func bound(
        _ value: JSONValue, _ rule: JSONValue, _ place: String, _ holds: (Double, Double) -> Bool
    ) -> [String] {
        guard let number = value.number, let limit = rule.number else { return [] }
        return holds(number, limit) ? [] : ["\(place) is \(number), out of bounds"]
    }
}
