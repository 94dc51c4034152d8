import Yams

extension ScenarioReader {
    func mapping(_ node: Node) -> MappingDefinition? {
        guard let fields = Fields(node, ScenarioFormat.mapping, source), let form = form(fields),
            let table = fields.text("table"), let key = fields.text("key")
        else { return nil }
        var mapping = MappingDefinition(table: table, key: key, form: form)
        do {
            _ = try keyColumns?(key)
        } catch {
            if let node = fields["key"] { source.add("\(error)", at: node) }
        }
        mapping.expiry = positive(fields, "expiry")
        if let node = fields["version"], let version = fields.text("version") {
            mapping.version = version
            if !form.columns.contains(version) {
                source.add(
                    "the key's value doesn't have \"\(version)\", so that nobody can see in Redis which change it shows\(NearestName.hint(for: version, among: form.columns))",
                    at: node)
            }
        }
        if let node = fields["check"], let check = fields.text("check") {
            mapping.check = check
            if !ScenarioFormat.checksOfMappings.contains(check) {
                source.add(
                    "there is no check \"\(check)\" of mappings\(NearestName.hint(for: check, among: ScenarioFormat.checksOfMappings))",
                    at: node)
            }
            if mapping.version == nil {
                source.add("\"check\" needs \"version\": the column that each change raises", at: node)
            }
        }
        return mapping
    }

    private func form(_ fields: Fields) -> MappingDefinition.Form? {
        func columns(_ name: String) -> [String]? {
            let nodes = fields.list(name), columns = nodes.compactMap { source.text($0, name) }
            if nodes.isEmpty, fields[name]?.sequence != nil, let node = fields[name] {
                source.add("\"\(name)\" has no columns", at: node)
            }
            return columns.isEmpty ? nil : columns
        }
        switch single(fields) {
        case "string": return fields.text("string").map { .string($0) }
        case "json": return columns("json").map { .json($0) }
        case "hash": return columns("hash").map { .hash($0) }
        default: return nil
        }
    }

    // MARK: Statements that stand by themselves

    /// What only a statement of SQL has, and only where it stands by itself.
    static let namesOfLoneSteps = ["outside", "lag", "cached", "expiry"]

    /// Reads how a statement stands to mappings and to the cache.
    func lone(_ fields: Fields, _ step: inout StepDefinition, values: [String]) {
        guard !fields.present(of: Self.namesOfLoneSteps).isEmpty else { return }
        guard case .sqlite(let text) = step.statement else {
            for name in fields.present(of: Self.namesOfLoneSteps) {
                if let node = fields[name] { source.add("\"\(name)\" goes with \"sqlite\" only", at: node) }
            }
            return
        }
        step.isOutside = fields.flag("outside") ?? false
        if step.isOutside, !text.writes, let node = fields["outside"] {
            source.add(
                "\"outside\" is for a statement that writes: it shows what another program's changes do", at: node)
        }
        if let node = fields["lag"], let table = fields.text("lag") { lag(table, node, text, &step) }
        cached(fields, text, &step, values: values)
    }

    private func lag(_ table: String, _ node: Node, _ text: StatementText, _ step: inout StepDefinition) {
        step.lag = table
        let tables = mappings.map(\.table)
        guard let mapping = mappings.first(where: { $0.table == table }) else {
            source.add("there is no mapping of \"\(table)\"\(NearestName.hint(for: table, among: tables))", at: node)
            return
        }
        guard let version = mapping.version else {
            source.add(
                "the mapping of \"\(table)\" needs \"version\": the column that each change raises, so that it can be seen in Redis",
                at: node)
            return
        }
        if !text.writes || !text.returns {
            let columns = ((try? keyColumns?(mapping.key)) ?? []) + [version]
            source.add(
                "a statement with \"lag\" changes rows and returns the key and the version of each: RETURNING \(columns.joined(separator: ", "))",
                at: node)
        }
    }

    private func cached(_ fields: Fields, _ text: StatementText, _ step: inout StepDefinition, values: [String]) {
        guard let node = fields["cached"], let key = fields.text("cached") else {
            if let node = fields["expiry"] { source.add("\"expiry\" goes with \"cached\"", at: node) }
            return
        }
        let template = TextTemplate(key)
        checkNames(template.names, node, values)
        step.cached = .init(key: template, expiry: positive(fields, "expiry"))
        if text.writes { source.add("\"cached\" keeps what a statement reads, and this one writes", at: node) }
    }

    /// Statements of a transaction, a snapshot or a check are part of something.
    func refuseLone(_ node: Node, _ title: String) {
        for name in Self.namesOfLoneSteps {
            if let own = node.mapping?[name] {
                source.add("\(title) has no \"\(name)\": that is for a statement by itself", at: own)
            }
        }
    }

    /// The worker's faults end the process that Redis would follow SQLite in.
    func refuse(_ fault: FaultDefinition, _ node: Node) {
        source.add(
            "the fault \(fault.kind.name) doesn't go with \"mappings\": what Redis shows is measured in the process that changes the rows",
            at: node.mapping?["fault"] ?? node)
    }
}
