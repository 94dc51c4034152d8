/// A text with `$name` or `${name}` in it; `$$` is a dollar sign.
package struct TextTemplate: Sendable, Hashable {
    package enum Part: Sendable, Hashable {
        case text(String)
        case value(String)
    }

    package private(set) var parts: [Part] = []

    /// The names of the values, in their order.
    package var names: [String] {
        parts.compactMap { if case .value(let name) = $0 { name } else { nil } }
    }

    package init(_ text: String) {
        var rest = Substring(text)
        var literal = ""
        while let character = rest.first {
            rest.removeFirst()
            guard character == "$" else {
                literal.append(character)
                continue
            }
            if rest.first == "$" {
                rest.removeFirst()
                literal.append("$")
                continue
            }
            guard let name = Self.name(&rest) else {
                literal.append("$")
                continue
            }
            if !literal.isEmpty { parts.append(.text(literal)) }
            literal = ""
            parts.append(.value(name))
        }
        if !literal.isEmpty { parts.append(.text(literal)) }
    }

    /// The text with its values; a name without a value is nothing.
    package func text(_ value: (String) -> FieldValue?) -> String {
        parts.map { part in
            switch part {
            case .text(let text): text
            case .value(let name): value(name)?.description ?? ""
            }
        }.joined()
    }

    /// Takes the name after a dollar sign; nil, and nothing taken, when there is none.
    private static func name(_ rest: inout Substring) -> String? {
        var copy = rest
        let isBraced = copy.first == "{"
        if isBraced { copy.removeFirst() }
        let name = copy.prefix { $0.isValueName }
        copy.removeFirst(name.count)
        guard let first = name.first, !first.isNumber else { return nil }
        if isBraced {
            guard copy.first == "}" else { return nil }
            copy.removeFirst()
        }
        rest = copy
        return String(name)
    }
}

extension Character {
    /// Part of a value's name.
    var isValueName: Bool { isASCII && (isLetter || isNumber) || self == "_" }
}
