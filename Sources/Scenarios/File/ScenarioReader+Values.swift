import Yams

extension ScenarioReader {
    /// The table `values` of a section.
    ///
    /// - Parameter visible: names that come from elsewhere, which texts may use.
    func values(_ fields: Fields, visible: [String]) -> [ValueDefinition] {
        let entries = fields.table("values")
        var visible = visible
        return entries.map { name, keyNode, node in
            if !isValueName(name) { source.add(Self.nameRule(name), at: keyNode) }
            // A text may only use what comes before it, so that none needs itself.
            defer { visible.append(name) }
            // One that is wrong is there all the same: its uses are not wrong too.
            let generator = generator(node, visible: visible) ?? .constant(.null)
            return ValueDefinition(name: name, generator: generator)
        }
    }

    func generator(_ node: Node, visible: [String]) -> GeneratorDefinition? {
        switch node {
        case .scalar(let scalar):
            guard let value = source.scalar(node) else { return nil }
            guard node.isPlain, case .text = value else { return .constant(value) }
            return named(scalar.string, node, nil, visible)
        case .mapping(let mapping):
            guard mapping.count == 1, let (key, value) = mapping.first.map({ ($0.key, $0.value) }) else {
                source.add(
                    "a generator is one name with its options, such as {uniform: {from: 1, to: 6}}", at: node)
                return nil
            }
            return named(key.scalar?.string ?? "", key, value, visible)
        default:
            source.add("a value is a generator or stands for itself, not \(node.kindName)", at: node)
            return nil
        }
    }

    private func named(_ name: String, _ nameNode: Node, _ node: Node?, _ visible: [String]) -> GeneratorDefinition? {
        guard let section = GeneratorFormat.sections.first(where: { $0.id == name }) else {
            source.add(
                "there is no generator \"\(name)\"\(NearestName.hint(for: name, among: GeneratorFormat.names)); a text that stands for itself is written in quotes",
                at: nameNode)
            return nil
        }
        let wrongOptions = Node.mapping(.init([], .implicit, .block, nameNode.mark))
        switch name {
        case "choice": return choice(node ?? wrongOptions, section)
        case "text":
            guard let node, let text = source.text(node, "text") else {
                if node == nil { source.add("text needs the text, such as {text: user-$id}", at: nameNode) }
                return nil
            }
            let template = TextTemplate(text)
            checkNames(template.names, node, visible)
            return .text(template)
        default: break
        }
        if name == "sequence", let node, node.scalar != nil {
            return source.integer(node, "sequence").map { .sequence(from: $0, step: 1) }
        }
        if name == "texts", let node, node.scalar != nil {
            return source.integer(node, "texts", atLeast: 1).map { .texts(words: $0...$0) }
        }
        guard let fields = Fields(node ?? wrongOptions, section, source) else { return nil }
        switch name {
        case "sequence": return .sequence(from: fields.integer("from") ?? 1, step: fields.integer("step") ?? 1)
        case "uniform": return uniform(fields)
        case "zipfian": return zipfian(fields)
        case "names": return .names(fields.choice("part", GeneratorDefinition.NamePart.self) ?? .full)
        case "texts":
            let from = fields.integer("from", atLeast: 1) ?? 1
            let to = fields.integer("to", atLeast: 1) ?? max(from, 8)
            guard from <= to else {
                source.add("\"from\" is more than \"to\"", at: fields.node)
                return nil
            }
            return .texts(words: from...to)
        default: return column(fields)
        }
    }

    // MARK: Each kind

    private func choice(_ node: Node, _ section: FormatSection) -> GeneratorDefinition? {
        var nodes = node.sequence.map(Array.init), weights: [Double] = []
        if nodes == nil {
            guard let fields = Fields(node, section, source) else { return nil }
            nodes = fields.list("of")
            weights = fields.list("weights").compactMap { source.number($0, "weights", above: 0) }
        }
        let values = (nodes ?? []).compactMap { source.scalar($0) }
        if values.isEmpty {
            source.add("\"choice\" has nothing to choose from", at: node)
            return nil
        }
        if weights.isEmpty { weights = values.map { _ in 1 } }
        guard weights.count == values.count else {
            source.add("\"choice\" has \(values.count) values and \(weights.count) weights", at: node)
            return nil
        }
        return .choice(values, weights: weights)
    }

    private func uniform(_ fields: Fields) -> GeneratorDefinition? {
        let ends = ["from", "to"].compactMap { fields[$0] }
        // A point in one of the numbers asks for numbers between the whole ones too.
        if ends.contains(where: { $0.isPlain && $0.int == nil && $0.float != nil }) {
            guard let from = fields.number("from"), let to = fields.number("to") else { return nil }
            guard from < to else {
                source.add("\"from\" is not less than \"to\"", at: fields.node)
                return nil
            }
            return .uniformNumber(from: from, to: to)
        }
        return range(fields).map { .uniform(from: $0.0, to: $0.1) }
    }

    private func zipfian(_ fields: Fields) -> GeneratorDefinition? {
        let exponent = fields.number("exponent", above: 0) ?? 0.99
        return range(fields).map { .zipfian(from: $0.0, to: $0.1, exponent: exponent) }
    }

    private func range(_ fields: Fields) -> (GeneratorDefinition.Bound, GeneratorDefinition.Bound)? {
        let from = fields["from"].map { bound($0, "from") } ?? .number(1)
        guard let from, let node = fields["to"], let to = bound(node, "to") else { return nil }
        if case .number(let low) = from, case .number(let high) = to, low > high {
            source.add("\"from\" is more than \"to\"", at: fields.node)
            return nil
        }
        return (from, to)
    }

    private func bound(_ node: Node, _ name: String) -> GeneratorDefinition.Bound? {
        if node.isPlain, let value = node.int { return .number(value) }
        guard let text = source.text(node, name) else { return nil }
        guard dataSets.contains(text) else {
            source.add(
                "\"\(name)\" is a whole number or a data set, whose count it is; there is no data set \"\(text)\"\(NearestName.hint(for: text, among: dataSets))",
                at: node)
            return nil
        }
        return .count(of: text)
    }

    private func column(_ fields: Fields) -> GeneratorDefinition? {
        guard let file = rowFile(fields), let column = fields.text("name") else { return nil }
        if let columns = columns(file, fields), !columns.contains(column), let node = fields["name"] {
            source.add(
                "\(file.path) has no column \"\(column)\"\(NearestName.hint(for: column, among: columns))", at: node)
        }
        return .column(
            file, column: column, order: fields.choice("order", GeneratorDefinition.RowOrder.self) ?? .random)
    }

    // MARK: Files

    func rowFile(_ fields: Fields) -> RowFileDefinition? {
        let names = ["csv", "jsonLines"]
        guard let name = single(fields).flatMap({ names.contains($0) ? $0 : nil }), let path = fields.text(name) else {
            return nil
        }
        let isAbsolute = path.hasPrefix("/") || folder.isEmpty
        return RowFileDefinition(
            path: isAbsolute ? path : "\(folder)/\(path)", format: name == "csv" ? .csv : .jsonLines)
    }

    /// The columns of a file; nil, with a problem, when it can't be read.
    func columns(_ file: RowFileDefinition, _ fields: Fields) -> [String]? {
        do {
            return try RowTable(file).columns
        } catch {
            let node = fields["csv"] ?? fields["jsonLines"] ?? fields.node
            source.add("\(error)", at: node)
            return nil
        }
    }
}
