import Foundation
import Testing
import Yams

@testable import Scenarios

@Suite("§5: the published schema of scenario files")
struct ScenarioSchemaTests {
    private static let documentation = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Documentation")
    private static let file = documentation.appendingPathComponent("schemas/scenario.schema.json")

    private func violations(_ yaml: String) throws -> [String] {
        let schema = try NodeSchema(json: String(contentsOf: Self.file, encoding: .utf8))
        return schema.violations(of: try #require(try Yams.compose(yaml: yaml)))
    }

    @Test("§5: it is what the reader's own tables say")
    func current() throws {
        let text = try ScenarioSchema.text
        if ProcessInfo.processInfo.environment["TRIVET_WRITE_SCHEMA"] != nil {
            try Data(text.utf8).write(to: Self.file)
        }
        let published = try String(contentsOf: Self.file, encoding: .utf8)
        #expect(published == text, "run this test with TRIVET_WRITE_SCHEMA=1 to write it anew")
    }

    @Test("§5: it says yes to what is valid")
    func valid() throws {
        #expect(try violations(SampleFiles.shop) == [])
        #expect(try violations(SampleFiles.followed) == [])
        #expect(try violations(SampleFiles.small()) == [])
        #expect(
            try violations(SampleFiles.small("values: {a: names, b: 5, c: {sequence: 9}, d: {choice: [1, x]}}")) == [])
    }

    @Test(
        "§5: it says no to what the reader refuses for its form",
        arguments: [
            "summry: a", "values: {a: {unifrom: {to: 1}}}", "values: {a: {uniform: {from: 1}}}",
            "faults: [{fault: redis.restart, at: 1s, for: 1s}]", "faults: [{fault: redis.freeze, at: 1s}]",
            "faults: [{fault: redis.freeze, at: 1, for: 1s}]", "targets: [{during: hold}]", "checks: [{name: a}]",
            "mappings: [{table: a, key: 'a:{id}'}]", "mappings: [{table: a, string: b}]",
            "mappings: [{table: a, key: 'a:{id}', string: b, json: [c]}]",
            "data: [{name: a, count: 0, redis: SET a 1}]", "data: [{name: a, redis: SET a 1}]", "recovered: 5",
        ])
    func invalid(more: String) throws {
        let text = SampleFiles.small(more)
        #expect(!SampleFiles.problems(text).isEmpty)
        #expect(try !violations(text).isEmpty)
    }

    @Test("§5: the documentation's examples are valid, and it explains every name")
    func documentation() throws {
        let text = try String(contentsOf: Self.documentation.appendingPathComponent("scenarios.md"), encoding: .utf8)
        let parts = text.components(separatedBy: "```yaml\n").dropFirst()
        let examples = parts.compactMap { $0.components(separatedBy: "```").first }
        #expect(examples.count >= 2)
        for example in examples where example.hasPrefix("scenario:") {
            #expect(SampleFiles.problems(example) == [])
            #expect(try violations(example) == [])
        }
        for section in ScenarioFormat.sections + GeneratorFormat.sections + FaultFormat.sections {
            for name in section.names {
                let isThere = text.contains("`\(name)`")
                #expect(isThere, "\(section.title): \(name)")
            }
        }
        for name in FaultFormat.names + GeneratorFormat.names { #expect(text.contains("`\(name)`"), "\(name)") }
    }
}

/// The part of JSON Schema 2020-12 that the schema uses, for documents of YAML. A keyword that it doesn't know is a violation.
private struct NodeSchema {
    let root: Node

    init(json: String) throws {
        // JSON is YAML.
        root = try #require(try Yams.compose(yaml: json))
    }

    func violations(of node: Node) -> [String] { check(node, root, "$") }

    private func check(_ node: Node, _ schema: Node, _ place: String) -> [String] {
        (schema.mapping.map(Array.init) ?? []).flatMap { keyword, rule -> [String] in
            switch keyword.string ?? "" {
            case "$schema", "title", "description", "$defs": []
            case "$ref": reference(node, rule, place)
            case "type": types(rule).contains { isOfType(node, $0) } ? [] : ["\(place) is no \(types(rule))"]
            case "enum": rule.array().contains { $0.string == node.scalar?.string } ? [] : ["\(place) is none of them"]
            case "pattern":
                node.scalar?.string.range(of: rule.string ?? "", options: .regularExpression) != nil
                    ? [] : ["\(place) does not match"]
            case "minimum": node.float ?? 0 >= rule.float ?? 0 ? [] : ["\(place) is too small"]
            case "required":
                rule.array().compactMap(\.string).filter { node.mapping?[$0] == nil }.map { "\(place) has no \($0)" }
            case "properties":
                (node.mapping.map(Array.init) ?? []).flatMap { key, value in
                    rule[key.string ?? ""].map { check(value, $0, "\(place).\(key.string ?? "")") } ?? []
                }
            case "additionalProperties": others(node, rule, schema, place)
            case "items": node.array().enumerated().flatMap { check($0.element, rule, "\(place)[\($0.offset)]") }
            case "anyOf": rule.array().contains { check(node, $0, place).isEmpty } ? [] : ["\(place) is none of them"]
            case "oneOf":
                rule.array().count { check(node, $0, place).isEmpty } == 1
                    ? [] : ["\(place) is not exactly one of them"]
            default: ["\(place): the keyword \(keyword.string ?? "") is not known"]
            }
        }
    }

    private func types(_ rule: Node) -> [String] { rule.string.map { [$0] } ?? rule.array().compactMap(\.string) }

    private func reference(_ node: Node, _ rule: Node, _ place: String) -> [String] {
        let name = (rule.string ?? "").replacing("#/$defs/", with: "")
        guard let schema = root["$defs"]?[name] else { return ["\(place): there is no \(name)"] }
        return check(node, schema, place)
    }

    private func others(_ node: Node, _ rule: Node, _ schema: Node, _ place: String) -> [String] {
        let known = schema["properties"]
        let unknown = (node.mapping.map(Array.init) ?? []).filter { known?[$0.key.string ?? ""] == nil }
        if rule.bool == false { return unknown.map { "\(place) has an unknown \($0.key.string ?? "")" } }
        return unknown.flatMap { check($0.value, rule, "\(place).\($0.key.string ?? "")") }
    }

    private func isOfType(_ node: Node, _ type: String) -> Bool {
        let isPlain = node.scalar?.style == .plain
        return switch type {
        case "object": node.mapping != nil
        case "array": node.sequence != nil
        case "boolean": isPlain && node.bool != nil
        case "integer": isPlain && node.int != nil
        case "number": isPlain && (node.float != nil || node.int != nil)
        case "null": isPlain && node.null != nil
        case "string": node.scalar != nil && !(isPlain && (node.bool != nil || node.float != nil || node.null != nil))
        default: false
        }
    }
}
