import Yams

extension ScenarioReader {
    func load(_ node: Node) -> LoadDefinition? {
        guard let fields = Fields(node, ScenarioFormat.load, source) else { return nil }
        var load = LoadDefinition()
        let level: Double
        switch single(fields) {
        case "users":
            guard let users = fields.integer("users", atLeast: 1) else { return nil }
            level = Double(users)
            load.model = .users(users, think: fields.duration("think") ?? .zero)
            refuse(fields, ["arrivals", "places", "patience", "lag"], "rate")
        case "rate":
            guard let rate = fields.number("rate", above: 0) else { return nil }
            level = rate
            load.model = .rate(open(fields, rate))
            refuse(fields, ["think"], "users")
        default: return nil
        }
        load.stages = stages(fields, "stages", level)
        load.quick = fields["quick"] == nil ? load.stages : stages(fields, "quick", level)
        return load
    }

    private func refuse(_ fields: Fields, _ names: [String], _ model: String) {
        for name in fields.present(of: names) {
            guard let node = fields[name] else { continue }
            source.add("\"\(name)\" goes with \"\(model)\" only", at: node)
        }
    }

    private func open(_ fields: Fields, _ rate: Double) -> LoadDefinition.OpenModel {
        var model = LoadDefinition.OpenModel(rate: rate)
        if let spacing = fields.choice("arrivals", ArrivalSpacing.self) { model.spacing = spacing }
        if let places = fields.integer("places", atLeast: 1) { model.places = places }
        if let patience = positive(fields, "patience") { model.patience = patience }
        if let lag = positive(fields, "lag") { model.mostLag = lag }
        return model
    }

    func positive(_ fields: Fields, _ name: String) -> Duration? {
        guard let duration = fields.duration(name), let node = fields[name] else { return nil }
        if duration > .zero { return duration }
        source.add("\"\(name)\" has to be more than nothing", at: node)
        return nil
    }

    // MARK: Stages

    private func stages(_ fields: Fields, _ name: String, _ level: Double) -> [StageDefinition] {
        var stages: [StageDefinition] = []
        var areRead = true
        for node in fields.list(name) {
            guard let stage = stage(node, level, after: stages.last) else {
                areRead = false
                continue
            }
            if stage.kind == .warmUp, stages.contains(where: { $0.kind != .warmUp }) {
                source.add("a warm-up comes before all that is counted", at: node)
            }
            if stages.contains(where: { $0.name == stage.name }) {
                source.add("there is another stage \"\(stage.name)\" before this one; give it a \"name\"", at: node)
            }
            if LoadCondition(rawValue: stage.name) != nil {
                source.add("a stage can't be called \"\(stage.name)\"; targets mean something else by it", at: node)
            }
            stages.append(stage)
        }
        if areRead, let node = fields[name], !stages.contains(where: { $0.kind != .warmUp && $0.length > .zero }) {
            source.add("\"\(name)\" has no stage that is counted", at: node)
        }
        return stages
    }

    private func stage(_ node: Node, _ level: Double, after last: StageDefinition?) -> StageDefinition? {
        guard let fields = Fields(node, ScenarioFormat.stage, source), let name = single(fields),
            let kind = StageKind(rawValue: name), let length = positive(fields, name)
        else { return nil }
        func levelOf(_ name: String) -> Double? { fields.number(name, above: -.leastNonzeroMagnitude) }
        var stage = StageDefinition(
            kind: kind, name: fields.text("name") ?? name, length: length, from: level, to: level)
        if kind == .ramp {
            stage.from = levelOf("from") ?? last?.to ?? 0
            stage.to = levelOf("to") ?? level
            refuseLevels(fields, ["at"], "a ramp goes \"from\" one level \"to\" another")
        } else {
            stage.from = levelOf("at") ?? level
            stage.to = stage.from
            refuseLevels(fields, ["from", "to"], "only a ramp has two levels; give this one \"at\"")
            if kind == .spike, fields["at"] == nil {
                source.add("a spike needs \"at\": its level", at: node)
            }
        }
        return stage
    }

    private func refuseLevels(_ fields: Fields, _ names: [String], _ message: String) {
        if let name = fields.present(of: names).first, let node = fields[name] { source.add(message, at: node) }
    }

    // MARK: Targets

    func target(_ node: Node, in file: ScenarioFile) -> TargetDefinition? {
        if node.scalar != nil { return expression(node, file).map { TargetDefinition(expression: $0) } }
        guard let fields = Fields(node, ScenarioFormat.target, source), let own = fields["target"] else { return nil }
        guard let expression = expression(own, file) else { return nil }
        var target = TargetDefinition(expression: expression)
        target.aborts = fields.flag("abort") ?? false
        target.window = positive(fields, "window")
        if let node = fields["during"], let name = fields.text("during") {
            if let condition = LoadCondition(rawValue: name) {
                target.scope = .condition(condition)
            } else {
                let stages = (file.load.stages + file.load.quick).filter { $0.kind != .warmUp }.map(\.name)
                target.scope = .stage(name)
                if !stages.contains(name) {
                    let names = stages + LoadCondition.allCases.map(\.rawValue)
                    source.add(
                        "there is no stage \"\(name)\" that is counted\(NearestName.hint(for: name, among: names))",
                        at: node)
                }
            }
        }
        if expression.metric == .recovery, target.window != nil || target.scope != .run || target.aborts {
            source.add("recovery is a figure of the whole run; it has no \"during\", \"window\" or \"abort\"", at: node)
        }
        return target
    }

    private func expression(_ node: Node, _ file: ScenarioFile) -> TargetExpression? {
        guard let text = source.text(node, "target") else { return nil }
        do throws(TargetParser.Problem) {
            let expression = try TargetParser(operations: file.operations.map(\.name)).parse(text)
            if expression.metric == .recovery, file.faults.isEmpty {
                source.add("recovery needs faults to recover from", at: node)
            }
            if case .cacheLag = expression.metric { checkLag(expression, file, node) }
            if case .lag = expression.metric, case .users = file.load.model {
                source.add("users begin when they are ready: only a load with a \"rate\" has a lag", at: node)
            }
            return expression
        } catch {
            var place = source.position(of: node)
            place.column += error.offset + (node.isPlain ? 0 : 1)
            source.add(error.message, at: place)
            return nil
        }
    }

    /// A lag that no statement measures is never there.
    private func checkLag(_ expression: TargetExpression, _ file: ScenarioFile, _ node: Node) {
        let measuring = file.operations.filter { $0.steps.contains { $0.lag != nil } }
        if let name = expression.operation, !measuring.isEmpty, !measuring.contains(where: { $0.name == name }) {
            source.add("the operation \"\(name)\" has no statement with \"lag\"", at: node)
        } else if measuring.isEmpty {
            source.add(
                "cache.lag needs a statement with \"lag\", and a mapping with \"version\" that it speaks of", at: node)
        }
    }

    /// Of a second after a fault: latency, rate, and what becomes of operations.
    func secondTarget(_ node: Node, in file: ScenarioFile) -> TargetExpression? {
        guard let expression = expression(node, file) else { return nil }
        if expression.metric == .recovery {
            source.add("what ends a recovery can't be about the recovery", at: node)
            return nil
        }
        return expression
    }
}
