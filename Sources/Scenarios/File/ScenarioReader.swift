import Foundation
import Measurement
import Yams

/// Reads a scenario's file.
///
/// - Throws: `ScenarioFileError` with everything that is wrong, each with its place.
extension ScenarioFile {
    /// The columns of a mapping's key, in their order; throws what is wrong with it.
    package typealias KeyColumns = (String) throws -> [String]

    package init(path: String, checks: [String] = [], keyColumns: KeyColumns? = nil) throws {
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw ScenarioFileError(
                file: path,
                problems: [.init(position: .init(line: 1, column: 1), message: "can't be read: \(error.systemReason)")])
        }
        try self.init(text, path: path, checks: checks, keyColumns: keyColumns)
    }

    /// - Parameters:
    ///   - path: for messages, and for the files that it names.
    ///   - checks: ids of the built-in checks, which operations may be samples of.
    ///   - keyColumns: reads the keys of mappings; nil for not looking at them.
    package init(_ text: String, path: String, checks: [String] = [], keyColumns: KeyColumns? = nil) throws {
        let source = SourceText(text)
        let folder = (path as NSString).deletingLastPathComponent
        var reader = ScenarioReader(source: source, folder: folder, checks: checks, keyColumns: keyColumns)
        let file = Self.root(of: text, source).flatMap { reader.file($0) }
        guard let file, source.problems.isEmpty else {
            throw ScenarioFileError(file: path, problems: source.problems.sorted { $0.position < $1.position })
        }
        self = file
        self.source = Source(path: path, text: text)
    }

    /// What YAML itself has to say against the text becomes a problem like others.
    private static func root(of text: String, _ source: SourceText) -> Node? {
        do {
            if let node = try Yams.compose(yaml: text) { return node }
            source.add("the file is empty", at: SourcePosition(line: 1, column: 1))
        } catch YamlError.scanner(let context, let problem, let mark, _),
            YamlError.parser(let context, let problem, let mark, _),
            YamlError.composer(let context, let problem, let mark, _)
        {
            let within = context.map { " (\($0.text.trimmed) that begins at line \($0.mark.line))" } ?? ""
            // The commonest slip: Cypher's maps in a text without quotes.
            let hint =
                problem.hasPrefix("mapping values") ? "; a text with \": \" in it is written in quotes, or after |" : ""
            source.add(
                "this is no YAML: \(problem)\(within)\(hint)", at: SourcePosition(line: mark.line, column: mark.column))
        } catch YamlError.duplicatedKeysInMapping(let duplicates, let context) {
            source.add(
                "\(duplicates.map { "\"\($0)\"" }.joined(separator: ", ")) stands twice in the same mapping",
                at: SourcePosition(line: context.mark.line, column: context.mark.column))
        } catch {
            source.add("this is no YAML: \(error)", at: SourcePosition(line: 1, column: 1))
        }
        return nil
    }
}

/// From nodes to values, with what the parts know of each other.
struct ScenarioReader {
    let source: SourceText
    let folder: String
    /// Ids of the built-in checks.
    let checks: [String]
    let keyColumns: ScenarioFile.KeyColumns?
    /// Tables that Redis follows, which statements speak of.
    var mappings: [MappingDefinition] = []
    /// Names of data sets with their nodes, for generators whose range ends at a count.
    var dataSets: [String] = []
    /// Values that every statement may use.
    var sharedValues: [ValueDefinition] = []

    mutating func file(_ node: Node) -> ScenarioFile? {
        guard let fields = Fields(node, ScenarioFormat.file, source) else { return nil }
        var file = ScenarioFile(id: identifier(fields["scenario"]) ?? "")
        file.summary = fields.text("summary") ?? ""
        if let node = fields["schema"] { file.schema = schema(node) }
        dataSets = fields.list("data").compactMap { $0.mapping?["name"]?.scalar?.string }
        sharedValues = values(fields, visible: [])
        file.values = sharedValues
        file.data = unique(fields.list("data"), "data set", { dataSet($0) }, name: \.name)
        mappings = unique(fields.list("mappings"), "mapping of", { mapping($0) }, name: \.table)
        file.mappings = mappings
        file.operations = unique(fields.list("operations"), "operation", { operation($0) }, name: \.name)
        if let node = fields["operations"], node.sequence?.isEmpty == true {
            source.add("\"operations\" is empty; a load consists of one at least", at: node)
        }
        if let node = fields["load"], let load = load(node) { file.load = load }
        for node in fields.list("faults") {
            guard let fault = fault(node, in: file.load) else { continue }
            file.faults.append(fault)
            if !mappings.isEmpty, fault.kind.isOfWorker { refuse(fault, node) }
        }
        file.targets = fields.list("targets").compactMap { target($0, in: file) }
        file.recovered = fields.list("recovered").compactMap { secondTarget($0, in: file) }
        file.checks = unique(fields.list("checks"), "check", { check($0) }, name: \.name)
        return file
    }

    private func identifier(_ node: Node?) -> String? {
        guard let node, let text = source.text(node, "scenario") else { return nil }
        guard text.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) }) else {
            source.add("a scenario's name has letters, digits, - and _ only, not \"\(text)\"", at: node)
            return nil
        }
        return text
    }

    private func schema(_ node: Node) -> SchemaDefinition {
        var schema = SchemaDefinition()
        guard let fields = Fields(node, ScenarioFormat.schema, source) else { return schema }
        schema.sqlite = fields.oneOrMany("sqlite").compactMap { source.text($0, "sqlite") }
        schema.graph = fields.oneOrMany("graph").compactMap { source.text($0, "graph") }
        schema.redis = redisCommands(fields.oneOrMany("redis"), values: [])
        return schema
    }

    /// Reads the elements of a list whose names have to differ.
    private func unique<Element>(
        _ nodes: [Node], _ title: String, _ read: (Node) -> Element?, name: (Element) -> String
    ) -> [Element] {
        var elements: [Element] = [], names: Set<String> = []
        for node in nodes {
            guard let element = read(node) else { continue }
            if !name(element).isEmpty, !names.insert(name(element)).inserted {
                source.add("there is another \(title) \"\(name(element))\" before this one", at: node)
            }
            elements.append(element)
        }
        return elements
    }

    /// Exactly one of the names that a section has alternatives for.
    func single(_ fields: Fields) -> String? {
        let there = fields.present(of: fields.section.oneOf)
        let names = fields.section.oneOf.map { "\"\($0)\"" }.joined(separator: ", ")
        if there.isEmpty, !fields.hasUnknownNames {
            source.add("\(fields.section.title) needs one of \(names)", at: fields.node)
        }
        if there.count > 1 {
            source.add(
                "\(fields.section.title) has only one of \(names), not \(there.map { "\"\($0)\"" }.joined(separator: " and "))",
                at: fields[there[1]] ?? fields.node)
        }
        return there.first
    }

    // MARK: Data

    private func dataSet(_ node: Node) -> DataSetDefinition? {
        guard let fields = Fields(node, ScenarioFormat.dataSet, source) else { return nil }
        var set = DataSetDefinition(name: fields.text("name") ?? "")
        set.count = fields.integer("count", atLeast: 1)
        set.isFixed = fields.flag("fixed") ?? false
        _ = single(fields)
        var visible = sharedValues.map(\.name)
        var columns: [String]?
        if let node = fields["rows"], let own = Fields(node, ScenarioFormat.rowFile, source) {
            set.rows = rowFile(own)
            columns = set.rows.flatMap { self.columns($0, own) }
            visible += columns ?? []
        }
        set.values = values(fields, visible: visible)
        visible += set.values.map(\.name)
        // A file that can't be read has one problem, and not one for each of its columns.
        let known: [String]? = set.rows != nil && columns == nil ? nil : visible
        set.sqlite = statement(fields["sqlite"], .sql, values: known)
        set.graph = statement(fields["graph"], .cypher, values: known.map { $0 + ["rows"] })
        set.redis = redisCommands(fields.oneOrMany("redis"), values: known)
        if set.sqlite == nil, set.graph == nil, set.redis.isEmpty,
            fields.present(of: ["sqlite", "graph", "redis"]).isEmpty
        {
            source.add("a data set needs \"sqlite\", \"graph\" or \"redis\": where its rows go", at: node)
        }
        return set
    }

    private func check(_ node: Node) -> CheckDefinition? {
        guard let fields = Fields(node, ScenarioFormat.check, source) else { return nil }
        let name = fields.text("name") ?? ""
        guard let kind = single(fields) else { return nil }
        if kind == "same" {
            for node in fields.list("same") { refuseLone(node, "a check") }
            let statements = fields.list("same").compactMap { step($0, values: [])?.statement }
            if statements.count < 2, let node = fields["same"] {
                source.add("\"same\" compares two statements or more", at: node)
            }
            return CheckDefinition(name: name, condition: .same(statements))
        }
        guard let expected = fields["equals"] else {
            source.add("a check of one statement needs \"equals\": what its value has to be", at: node)
            return nil
        }
        guard let statement = stepStatement(fields, values: []), let value = source.scalar(expected) else { return nil }
        return CheckDefinition(name: name, condition: .equals(statement, value))
    }
}

extension SourceText {
    /// A value that stands for itself.
    func scalar(_ node: Node) -> FieldValue? {
        guard let scalar = node.scalar else {
            add("this has to be a number, a text, true, false or null, not \(node.kindName)", at: node)
            return nil
        }
        guard node.isPlain else { return .text(scalar.string) }
        if node.null != nil { return .null }
        if let value = node.int { return .integer(value) }
        if let value = node.float { return .number(value) }
        if let value = node.bool { return .flag(value) }
        return .text(scalar.string)
    }
}
