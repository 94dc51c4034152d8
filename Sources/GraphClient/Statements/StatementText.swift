/// A statement's text with what Trivet knows of it: its kind and its parameters. Made once for each connection, kept with
/// the prepared form.
final class StatementText {
    let text: String
    let kind: StatementKind
    /// The place that it needs; nil for those that are refused.
    let mode: AccessGate.Mode?
    /// Whether it may change properties of rows that are there.
    let updatesRows: Bool
    /// Whether tables may be other ones after it.
    let changesSchema: Bool
    /// Whether it does nothing but create, so that what it does does not depend on what is there.
    let onlyCreates: Bool
    /// Whether its columns are the same for as long as the schema is: not where it reads a file or calls a function.
    let hasFixedColumns: Bool
    /// The words of the statement, for a guess at which tables it uses.
    let words: Set<String>
    /// The functions that it calls, in upper case.
    let calls: Set<String>
    /// The version of the schema at which it was found to do the same when run again; nil when it wasn't asked.
    var replayableAt: Int?
    /// In order of first appearance.
    let parameters: [StatementParameter]
    private let parameterRanges: [(name: String, range: Range<String.Index>)]
    /// Which property a parameter is stored in, for those that stand as `{property: $p}` or `x.property = $p`.
    let assignments: [PropertyAssignment]
    private let detaches: Bool
    private var knownDeletion: DetachedDeletion?
    /// The prepared form, for as long as the connection's cache keeps it.
    var prepared: PreparedStatement?

    var parameterNames: [String] { parameters.map(\.name) }

    /// - Parameter misfindsByList: whether the engine has to be kept from a list that is searched for a relationship's property (H22).
    init(_ text: String, misfindsByList: Bool = false) {
        let tokens = CypherScanner.tokens(in: text)
        self.text = text
        // A NUL ends the text for the engine, which would run only what stands before it.
        kind =
            text.utf8.contains(0)
            ? .refused("The statement contains a NUL character, at which the engine would cut it.")
            : StatementKind(tokens: tokens.map(\.token), misfindsByList: misfindsByList)
        mode =
            switch kind {
            case .read: .read
            case .write: .write
            case .refused, .bulkLoad: nil
            }
        words = Set(
            tokens.compactMap { token, _ in
                if case .word(let word) = token { String(word) } else { nil }
            })
        calls = Set(
            zip(tokens, tokens.dropFirst()).compactMap { current, next in
                guard case .word(let word) = current.token, next.token == .symbol(UInt8(ascii: "(")) else { return nil }
                return word.uppercased()
            })
        detaches = kind == .write && words.contains { $0.uppercased() == "DETACH" }
        updatesRows = kind == .write && words.contains { ["SET", "MERGE"].contains($0.uppercased()) }
        changesSchema = kind == .write && Self.changesSchema(tokens.map(\.token))
        onlyCreates = kind == .write && !changesSchema && Self.onlyCreates(tokens.map(\.token))
        hasFixedColumns = !words.contains { ["LOAD", "CALL"].contains($0.uppercased()) }
        parameterRanges = tokens.compactMap { token, range in
            if case .parameter(let name) = token { (String(name), range) } else { nil }
        }
        var seen: Set<String> = []
        parameters = parameterRanges.map(\.name).filter { seen.insert($0).inserted }.map(StatementParameter.init)
        assignments = PropertyAssignment.all(in: tokens.map(\.token))
    }

    /// What `DETACH DELETE` in it stands for; nil where there is none.
    var detachedDeletion: DetachedDeletion? {
        get throws {
            guard detaches else { return nil }
            if knownDeletion == nil { knownDeletion = try DetachedDeletion(text) }
            return knownDeletion
        }
    }

    /// Judged by how it begins: `DETACH DELETE` within a statement, or a property called "table", changes nothing.
    private static func changesSchema(_ tokens: [CypherScanner.Token]) -> Bool {
        let start = tokens.prefix(3).map { token in
            if case .word(let word) = token { word.uppercased() } else { "" }
        }
        switch start.first {
        case "ALTER", "ATTACH", "COMMENT", "DETACH", "DROP", "IMPORT", "INSTALL", "LOAD", "UNINSTALL", "USE":
            return true
        case "CREATE":
            return start.dropFirst().contains {
                ["INDEX", "MACRO", "NODE", "REL", "SEQUENCE", "TABLE", "TYPE"].contains($0)
            }
        default: return false
        }
    }

    /// The text with each parameter of `conversions` wrapped: `$id` becomes `uuid($id)`. For the types of which the
    /// engine takes no bound value but has a function that makes them from a text.
    func wrapping(_ conversions: [String: ParameterConversion]) -> String {
        guard !conversions.isEmpty else { return text }
        return replacingParameters { name, parameter in conversions[name]?.wrap(parameter) }
    }

    /// The text with other texts in the place of parameters.
    ///
    /// - Parameter replacement: for a parameter's name, and as it stands in the text; nil leaves it.
    func replacingParameters(_ replacement: (_ name: String, _ parameter: String) -> String?) -> String {
        var result = ""
        var position = text.startIndex
        for (name, range) in parameterRanges {
            guard let replacement = replacement(name, String(text[range])) else { continue }
            result += text[position..<range.lowerBound]
            result += replacement
            position = range.upperBound
        }
        return result + text[position...]
    }
}

/// A parameter's name, also in the form that the engine takes.
struct StatementParameter {
    let name: String
    let cName: [CChar]

    init(_ name: String) {
        self.name = name
        cName = Array(name.utf8CString)
    }
}

/// A function that makes a value of a type that can't be bound from a bound text.
enum ParameterConversion: Hashable, Sendable {
    case uuid, blob
    case decimal(scale: Int)

    func wrap(_ parameter: String) -> String {
        switch self {
        case .uuid: "uuid(\(parameter))"
        case .blob: "blob(\(parameter))"
        case .decimal(let scale): "cast(\(parameter) AS DECIMAL(38, \(scale)))"
        }
    }
}
