import Yams

extension ScenarioReader {
    func operation(_ node: Node) -> OperationDefinition? {
        guard let fields = Fields(node, ScenarioFormat.operation, source) else { return nil }
        var operation = OperationDefinition(name: fields.text("name") ?? "")
        operation.weight = fields.number("weight", above: 0) ?? 1
        if let node = fields["check"], let check = fields.text("check") {
            operation.check = check
            if !checks.contains(check) {
                source.add("there is no check \"\(check)\"\(NearestName.hint(for: check, among: checks))", at: node)
            }
        }
        operation.values = values(fields, visible: sharedValues.map(\.name))
        operation.isSame = fields.flag("same") ?? false
        let visible = (sharedValues + operation.values).map(\.name)
        switch single(fields) {
        case "steps": operation.steps = steps(fields.list("steps"), visible)
        case "snapshot":
            operation.kind = .snapshot
            operation.steps = steps(fields.list("snapshot"), visible)
            checkReads(fields.list("snapshot"))
        case "transaction": transaction(fields["transaction"] ?? node, visible, &operation)
        case .some: operation.steps = step(fields, values: visible).map { [$0] } ?? []
        case nil: break
        }
        if operation.isSame, operation.steps.count < 2 || fields.present(of: ["steps", "snapshot"]).isEmpty {
            source.add("\"same\" compares the answers of \"steps\" or of a \"snapshot\", two or more", at: node)
        }
        return operation
    }

    private func transaction(_ node: Node, _ visible: [String], _ operation: inout OperationDefinition) {
        var definition = TransactionDefinition()
        var nodes = node.sequence.map(Array.init)
        if nodes == nil, let fields = Fields(node, ScenarioFormat.transaction, source) {
            definition.isolation = fields.choice("isolation", Isolation.self) ?? .serializable
            definition.priority = fields.choice("priority", Priority.self) ?? .normal
            definition.timeLimit = fields.duration("timeLimit")
            definition.attempts = fields.integer("attempts", atLeast: 1)
            nodes = fields.list("steps")
        }
        operation.kind = .transaction(definition)
        operation.steps = steps(nodes ?? [], visible)
        for node in nodes ?? [] {
            checkCommands(node, CoordinatedCommand.names, "a transaction")
            refuseLone(node, "a transaction")
        }
    }

    private func steps(_ nodes: [Node], _ visible: [String]) -> [StepDefinition] {
        var visible = visible
        return nodes.compactMap { node in
            let step = step(node, values: visible)
            if let result = step?.result { visible.append(result) }
            return step
        }
    }

    func step(_ node: Node, values: [String]) -> StepDefinition? {
        Fields(node, ScenarioFormat.step, source).flatMap { step($0, values: values) }
    }

    private func step(_ fields: Fields, values: [String]) -> StepDefinition? {
        guard let statement = stepStatement(fields, values: values) else { return nil }
        var step = StepDefinition(statement: statement)
        if let repetitions = fields.integer("pipeline", atLeast: 1) {
            step.repetitions = repetitions
            if case .redis = statement {
            } else if let node = fields["pipeline"] {
                source.add("\"pipeline\" goes with \"redis\" only", at: node)
            }
        }
        if let node = fields["rows"], let text = fields.text("rows") {
            step.rows = StepDefinition.RowCount(text)
            if step.rows == nil {
                source.add("\"rows\" is a number of rows such as 1 or >= 1, not \"\(text)\"", at: node)
            }
        }
        if let node = fields["into"], let name = fields.text("into") {
            step.result = name
            if !isValueName(name) { source.add(Self.nameRule(name), at: node) }
        }
        lone(fields, &step, values: values)
        return step
    }

    /// The one statement of a step, an operation or a check.
    func stepStatement(_ fields: Fields, values: [String]) -> StepDefinition.Statement? {
        let kinds = ["sqlite", "graph", "redis"]
        // Of several, `single` tells where it is an operation.
        if fields.section.id == "step", single(fields) == nil { return nil }
        switch fields.present(of: kinds).first {
        case "sqlite": return statement(fields["sqlite"], .sql, values: values).map { .sqlite($0) }
        case "graph": return statement(fields["graph"], .cypher, values: values).map { .graph($0) }
        case "redis":
            let commands = redisCommands(fields.oneOrMany("redis"), values: values)
            return commands.isEmpty ? nil : .redis(commands)
        default: return nil
        }
    }

    // MARK: Statements

    /// - Parameter values: what it may use; nil when that isn't known.
    func statement(_ node: Node?, _ language: StatementText.Language, values: [String]?) -> StatementText? {
        let name = language == .sql ? "sqlite" : "graph"
        guard let node, let text = source.text(node, name) else { return nil }
        let statement = StatementText(text, language)
        checkNames(statement.parameters, node, values)
        return statement
    }

    func redisCommands(_ nodes: [Node], values: [String]?) -> [RedisCommandText] {
        nodes.compactMap { node in
            guard let text = source.text(node, "redis") else { return nil }
            guard let command = RedisCommandText(text) else {
                source.add("a quote has no end in \"\(text)\"", at: node)
                return nil
            }
            checkNames(command.parameters, node, values)
            return command
        }
    }

    func checkNames(_ names: [String], _ node: Node, _ values: [String]?) {
        guard let values else { return }
        for name in names where !values.contains(name) {
            let written = source.position(of: "$" + name, in: node)
            let place =
                written == source.position(of: node) ? source.position(of: "${" + name, in: node) : written
            source.add("there is no value \"\(name)\"\(NearestName.hint(for: name, among: values))", at: place)
        }
    }

    /// A snapshot only reads.
    private func checkReads(_ nodes: [Node]) {
        for node in nodes {
            checkCommands(node, CoordinatedCommand.reads, "a snapshot")
            refuseLone(node, "a snapshot")
            for (name, language) in [("sqlite", StatementText.Language.sql), ("graph", .cypher)] {
                guard let own = node.mapping?[name], let text = own.scalar?.string else { continue }
                if StatementText(text, language).writes { source.add("a snapshot only reads", at: own) }
            }
        }
    }

    /// Commands that a coordinated transaction or a snapshot has.
    private func checkCommands(_ node: Node, _ names: [String], _ title: String) {
        guard let own = node.mapping?["redis"] else { return }
        for node in own.sequence.map(Array.init) ?? [own] {
            guard let text = node.scalar?.string, let command = RedisCommandText(text) else { continue }
            if !names.contains(command.name) {
                source.add(
                    "\(title) has no \(command.name)\(NearestName.hint(for: command.name, among: names))", at: node)
            }
        }
        if let pipeline = node.mapping?["pipeline"] { source.add("\(title) has no \"pipeline\"", at: pipeline) }
    }

    func isValueName(_ name: String) -> Bool {
        name.allSatisfy(\.isValueName) && name.first?.isNumber == false
    }

    static func nameRule(_ name: String) -> String {
        "a value's name has letters, digits and _ only, and no digit first, not \"\(name)\""
    }
}

/// Commands of Redis within coordinated transactions and snapshots.
package enum CoordinatedCommand {
    package static let reads = ["GET", "MGET", "EXISTS", "HGET", "HGETALL", "SISMEMBER", "SMEMBERS", "ZSCORE"]
    package static let writes = [
        "SET", "INCR", "INCRBY", "DECR", "DECRBY", "DEL", "EXPIRE", "PERSIST", "HSET", "HDEL", "HINCRBY", "SADD",
        "SREM",
        "ZADD", "ZREM",
    ]
    package static let names = reads + writes
}

extension StepDefinition.RowCount {
    /// `1`, `>= 1`, …
    init?(_ text: String) {
        let sign = text.prefix { "<>=≤≥".contains($0) }
        guard let count = Int(text[sign.endIndex...].trimmed), count >= 0,
            let comparison = sign.isEmpty ? .equal : TargetComparison(text: sign)
        else { return nil }
        self.init(comparison: comparison, count: count)
    }
}
