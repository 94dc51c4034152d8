/// What a statement needs from the database, judged from its words before the engine sees it.
///
/// The judgement errs on the safe side: a word such as CREATE anywhere outside of strings, quoted names, labels and
/// properties makes a statement a write, which costs it a place in the writers' queue and nothing else.
enum StatementKind: Equatable {
    /// Reads only: runs beside everything but a checkpoint.
    case read
    /// May write: one at a time.
    case write
    /// Not accepted as text, with the reason and the remedy.
    case refused(String)
    /// Copies files into tables, outside the engine's log: only through `GraphDatabase.bulkLoad`.
    case bulkLoad
}

/// For callers that choose a connection by what a statement does.
package enum GraphStatements {
    /// Whether a statement certainly reads only, judged from its words.
    package static func onlyReads(_ cypher: String) -> Bool { StatementText(cypher).kind == .read }
}

extension StatementKind {
    typealias Token = CypherScanner.Token

    /// - Parameter misfindsByList: what the engine's capability of that name says.
    init(tokens: [Token], misfindsByList: Bool) {
        let tokens = tokens.drop { $0 == .symbol(UInt8(ascii: ";")) }
        guard let first = tokens.first else {
            self = .refused("The statement is empty.")
            return
        }
        if let separator = tokens.firstIndex(of: .symbol(UInt8(ascii: ";"))),
            tokens[separator...].contains(where: { $0 != .symbol(UInt8(ascii: ";")) })
        {
            // The engine reports success when the first of several succeeds (H10 in the documentation).
            self = .refused("More than one statement in a text: send each in a call of its own.")
            return
        }
        if misfindsByList, let objection = RelationshipFilter.objection(to: Array(tokens)) {
            self = .refused(objection)
            return
        }
        self = Self.judge(first: first.keyword, tokens: tokens)
        if Self.makesFurtherFiles(tokens) {
            self = .refused(
                "Graphs within a database, and partitions of a table, have files of their own, which Trivet's copies and checks of a "
                    + "database don't reach. Use another database, or a table without partitions.")
        }
    }

    /// `CREATE GRAPH`, `USE GRAPH`, `DROP GRAPH` and `CREATE NODE TABLE … PARTITION BY`, in LadybugDB.
    private static func makesFurtherFiles(_ tokens: ArraySlice<Token>) -> Bool {
        let words = tokens.map(\.keyword)
        guard let first = words.first, ["CREATE", "USE", "DROP"].contains(first), words.count > 1 else { return false }
        return words[1] == "GRAPH"
            || words[1] == "NODE" && zip(words, words.dropFirst()).contains { $0 == ("PARTITION", "BY") }
    }

    private static func judge(first: String, tokens: ArraySlice<Token>) -> StatementKind {
        switch first {
        case "EXPLAIN", "PROFILE":
            let rest = tokens.dropFirst().drop { $0.keyword == "LOGICAL" }
            guard let first = rest.first else { return .refused("\(first) needs a statement after it.") }
            return judge(first: first.keyword, tokens: rest)
        case "BEGIN", "COMMIT", "ROLLBACK":
            return .refused("\(first) as text is refused: use transaction { … }, which rolls back on every error.")
        case "CHECKPOINT":
            return .refused("CHECKPOINT as text is refused: use GraphDatabase.checkpoint(), which can't lose the file.")
        case "COPY":
            return copiesIntoTable(tokens) ? .bulkLoad : .read
        case "IMPORT":
            return .bulkLoad
        case "ANALYZE":
            return .write
        case "CALL":
            return judgeCall(tokens)
        default:
            if let objection = KeptExpression.objection(to: tokens) { return .refused(objection) }
            return containsWriteWord(tokens) ? .write : .read
        }
    }

    /// `COPY t FROM …` loads; `COPY (…) TO …` exports.
    private static func copiesIntoTable(_ tokens: ArraySlice<Token>) -> Bool {
        tokens.dropFirst().first != .symbol(UInt8(ascii: "("))
    }

    private static func judgeCall(_ tokens: ArraySlice<Token>) -> StatementKind {
        let rest = tokens.dropFirst()
        guard let name = rest.first, rest.dropFirst().first == .symbol(UInt8(ascii: "=")) else {
            let isKnownReader = rest.first.map { readingFunctions.contains($0.keyword) } ?? false
            return isKnownReader && !containsWriteWord(tokens) ? .read : .write
        }
        switch name.keyword {
        case "AUTO_CHECKPOINT", "CHECKPOINT_THRESHOLD", "FORCE_CHECKPOINT_ON_CLOSE":
            return .refused(
                "Automatic checkpoints stay off: with one, a reader makes COMMIT fail and a kill can destroy the file. "
                    + "Use GraphDatabase.checkpoint().")
        case "DEBUG_ENABLE_MULTI_WRITES", "ENABLE_MULTI_WRITES":
            return .refused("Concurrent writers lose updates or corrupt the database in this engine.")
        case "TIMEOUT":
            return .refused("Use withTimeLimit(_:_:), which knows which statement it stopped.")
        default:
            return .write
        }
    }

    /// Names after `.` and `:` are properties and labels.
    private static func containsWriteWord(_ tokens: ArraySlice<Token>) -> Bool {
        var previous: Token?
        for token in tokens {
            defer { previous = token }
            guard case .word = token else { continue }
            if previous == .symbol(UInt8(ascii: ".")) || previous == .symbol(UInt8(ascii: ":")) { continue }
            if writeWords.contains(token.keyword) { return true }
        }
        return false
    }

    private static let writeWords: Set<String> = [
        "ALTER", "ATTACH", "COMMENT", "CREATE", "DELETE", "DETACH", "DROP", "IMPORT", "INSTALL", "MERGE", "NEXTVAL",
        "REMOVE", "SET", "UNINSTALL", "UPDATE", "USE",
    ]

    private static let readingFunctions: Set<String> = [
        "BM_INFO", "CATALOG_VERSION", "CURRENT_SETTING", "DB_VERSION", "FILE_INFO", "FREE_SPACE_INFO",
        "QUERY_FTS_INDEX", "QUERY_VECTOR_INDEX", "SHOW_ATTACHED_DATABASES", "SHOW_CONNECTION", "SHOW_FUNCTIONS",
        "SHOW_INDEXES", "SHOW_LOADED_EXTENSIONS", "SHOW_MACROS", "SHOW_OFFICIAL_EXTENSIONS", "SHOW_SEQUENCES",
        "SHOW_TABLES", "SHOW_WARNINGS", "STATS_INFO", "STORAGE_INFO", "TABLE_INFO",
    ]
}
