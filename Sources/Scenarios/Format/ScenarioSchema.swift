import Foundation

/// The format as a JSON Schema (2020-12), which editors complete and check YAML with.
package enum ScenarioSchema {
    /// The document, the same for the same format.
    package static var text: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(document), as: UTF8.self) + "\n"
        }
    }

    private static var document: SchemaNode {
        var members = members(of: ScenarioFormat.file)
        members["$schema"] = .text("https://json-schema.org/draft/2020-12/schema")
        members["title"] = .text("A scenario of trivet run")
        var definitions: [String: SchemaNode] = [:]
        for section in ScenarioFormat.sections.dropFirst() {
            definitions[section.id] = .object(self.members(of: section))
        }
        definitions["generator"] = generator
        for section in GeneratorFormat.sections { definitions["generator-\(section.id)"] = options(section) }
        definitions["fault"] = .object([
            "oneOf": .list(FaultFormat.sections.map { .object(self.members(of: $0)) })
        ])
        definitions["duration"] = .object([
            "type": .text("string"), "pattern": .text("^[0-9.]+ *(us|µs|ms|s|min|h)$"),
        ])
        members["$defs"] = .object(definitions)
        return .object(members)
    }

    private static func members(of section: FormatSection) -> [String: SchemaNode] {
        var properties: [String: SchemaNode] = [:]
        for field in section.fields {
            var members = schema(field.kind)
            members["description"] = .text(field.text)
            properties[field.name] = .object(members)
        }
        var members: [String: SchemaNode] = [
            "type": .text("object"), "properties": .object(properties), "additionalProperties": .flag(false),
        ]
        let required = section.fields.filter(\.isRequired).map(\.name)
        if !required.isEmpty { members["required"] = .list(required.map { .text($0) }) }
        if !section.oneOf.isEmpty {
            members["oneOf"] = .list(section.oneOf.map { .object(["required": .list([.text($0)])]) })
        }
        return members
    }

    /// A value that stands for itself, a generator's name, or one with its options.
    private static var generator: SchemaNode {
        let withOptions = FormatSection(
            id: "", title: "",
            fields: GeneratorFormat.sections.map {
                .init(name: $0.id, kind: .section("generator-\($0.id)"), text: "")
            }, oneOf: GeneratorFormat.names)
        return .object(["anyOf": .list([.object(schema(.scalar)), .object(members(of: withOptions))])])
    }

    private static func options(_ section: FormatSection) -> SchemaNode {
        let mapping = SchemaNode.object(members(of: section))
        func either(_ short: FormatKind) -> SchemaNode {
            .object(["anyOf": .list([.object(schema(short)), mapping])])
        }
        switch section.id {
        case "choice": return either(.list(.scalar))
        case "text": return .object(schema(.text))
        case "sequence": return either(.integer(least: .min))
        case "texts": return either(.integer(least: 1))
        default: return mapping
        }
    }

    private static func schema(_ kind: FormatKind) -> [String: SchemaNode] {
        switch kind {
        case .text: ["type": .list([.text("string"), .text("number")])]
        case .integer(let least):
            least == .min
                ? ["type": .text("integer")] : ["type": .text("integer"), "minimum": .integer(least)]
        case .number: ["type": .text("number")]
        case .flag: ["type": .text("boolean")]
        case .duration: ["$ref": .text("#/$defs/duration")]
        case .bandwidth: ["type": .text("string"), "pattern": .text("^[0-9.]+ *(B|KB|MB|KiB|MiB)/s$")]
        case .word(let words): ["enum": .list(words.map { .text($0) })]
        case .scalar: ["type": .list(["string", "number", "boolean", "null"].map { .text($0) })]
        case .list(let element): ["type": .text("array"), "items": .object(schema(element))]
        case .table(let element): ["type": .text("object"), "additionalProperties": .object(schema(element))]
        case .either(let kinds): ["anyOf": .list(kinds.map { .object(schema($0)) })]
        case .section(let id): ["$ref": .text("#/$defs/\(id)")]
        }
    }
}

/// A value of JSON.
private indirect enum SchemaNode: Encodable {
    case text(String)
    case integer(Int)
    case flag(Bool)
    case list([SchemaNode])
    case object([String: SchemaNode])

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .flag(let value): try container.encode(value)
        case .list(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}
