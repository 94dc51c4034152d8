import Yams

/// A mapping of the file whose names a section of the format fixes.
///
/// What is missing or wrong is noted, and reading goes on, so that all problems are found at once.
struct Fields {
    let section: FormatSection
    let node: Node
    let source: SourceText
    /// Whether there are names that it doesn't know: one of them may stand for what seems to be missing.
    private(set) var hasUnknownNames = false
    private var members: [String: Node] = [:]

    /// Nil, with a problem, for what is no mapping.
    init?(_ node: Node, _ section: FormatSection, _ source: SourceText) {
        self.section = section
        self.node = node
        self.source = source
        guard let mapping = node.mapping else {
            source.add("\(section.title) is a mapping of names to values, not \(node.kindName)", at: node)
            return nil
        }
        for (key, value) in mapping {
            let name = key.scalar?.string ?? ""
            if section.fields.contains(where: { $0.name == name }) {
                members[name] = value
            } else {
                hasUnknownNames = true
                source.add(
                    "\(section.title) has no \"\(name)\"\(NearestName.hint(for: name, among: section.names))", at: key)
            }
        }
        for field in section.fields where field.isRequired && members[field.name] == nil {
            source.add("\(section.title) needs \"\(field.name)\": \(field.text)", at: node)
        }
    }

    subscript(name: String) -> Node? {
        assert(section.names.contains(name), "\(name) is no field of \(section.title)")
        return members[name]
    }

    /// The names that are there, of some.
    func present(of names: [String]) -> [String] { names.filter { members[$0] != nil } }

    // MARK: Values; nil where there is none or a wrong one

    func text(_ name: String) -> String? { self[name].flatMap { source.text($0, name) } }

    func duration(_ name: String) -> Duration? { self[name].flatMap { source.duration($0, name) } }

    func integer(_ name: String, atLeast least: Int = .min) -> Int? {
        self[name].flatMap { source.integer($0, name, atLeast: least) }
    }

    func number(_ name: String, above least: Double = -.infinity) -> Double? {
        self[name].flatMap { source.number($0, name, above: least) }
    }

    func flag(_ name: String) -> Bool? {
        guard let node = self[name] else { return nil }
        if let value = node.scalar?.style == .plain ? node.bool : nil { return value }
        source.add("\"\(name)\" is true or false, not \(node.kindName)", at: node)
        return nil
    }

    /// One of some words.
    func choice<Choice: RawRepresentable & CaseIterable>(_ name: String, _ type: Choice.Type) -> Choice?
    where Choice.RawValue == String {
        guard let node = self[name], let word = source.text(node, name) else { return nil }
        if let choice = Choice(rawValue: word) { return choice }
        let words = Choice.allCases.map(\.rawValue)
        source.add(
            "\"\(name)\" can't be \"\(word)\"\(NearestName.hint(for: word, among: words))", at: node)
        return nil
    }

    /// The nodes of a list; none, with a problem, for what is no list.
    func list(_ name: String) -> [Node] {
        guard let node = self[name] else { return [] }
        if let list = node.sequence { return Array(list) }
        source.add("\"\(name)\" is a list, not \(node.kindName)", at: node)
        return []
    }

    /// The nodes of a list, or the only one.
    func oneOrMany(_ name: String) -> [Node] {
        guard let node = self[name] else { return [] }
        return node.sequence.map(Array.init) ?? [node]
    }

    /// The names and values of a table whose names are the user's.
    func table(_ name: String) -> [(key: String, keyNode: Node, value: Node)] {
        guard let node = self[name] else { return [] }
        guard let mapping = node.mapping else {
            source.add("\"\(name)\" is a mapping of names to values, not \(node.kindName)", at: node)
            return []
        }
        return mapping.map { ($0.key.scalar?.string ?? "", $0.key, $0.value) }
    }
}

extension Node {
    /// For messages.
    var kindName: String {
        switch self {
        case .scalar(let scalar): scalar.string.isEmpty ? "nothing" : "\"\(scalar.string.prefix(40))\""
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .alias: "an alias"
        }
    }

    /// A word or number without quotes: what YAML gives a meaning of its own.
    var isPlain: Bool { scalar?.style == .plain }
}
