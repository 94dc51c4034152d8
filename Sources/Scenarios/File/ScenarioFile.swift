/// A scenario as its file has it: plain values, checked against each other.
package struct ScenarioFile: Sendable, Hashable {
    /// Its name on the command line and in results.
    package var id: String
    package var summary = ""
    package var schema = SchemaDefinition()
    package var values: [ValueDefinition] = []
    package var data: [DataSetDefinition] = []
    package var mappings: [MappingDefinition] = []
    package var operations: [OperationDefinition] = []
    package var load = LoadDefinition()
    package var faults: [FaultDefinition] = []
    package var targets: [TargetDefinition] = []
    /// What a second has to meet so that a recovery has ended.
    package var recovered: [TargetExpression] = []
    package var checks: [CheckDefinition] = []
    /// What it was read from.
    package var source = Source()

    /// A file's text, and its path: for messages, and for the files that it names.
    package struct Source: Sendable, Hashable {
        package var path = ""
        package var text = ""
    }

    package init(id: String) {
        self.id = id
    }
}

/// What is made in each store before anything else.
package struct SchemaDefinition: Sendable, Hashable {
    package var sqlite: [String] = []
    package var graph: [String] = []
    package var redis: [RedisCommandText] = []

    package var isEmpty: Bool { sqlite.isEmpty && graph.isEmpty && redis.isEmpty }
}

/// Rows that are there before the load.
package struct DataSetDefinition: Sendable, Hashable {
    package var name: String
    /// Nil where a file says how many.
    package var count: Int?
    /// Whether the scale leaves the count alone.
    package var isFixed = false
    package var rows: RowFileDefinition?
    package var values: [ValueDefinition] = []
    package var sqlite: StatementText?
    package var graph: StatementText?
    package var redis: [RedisCommandText] = []

    /// Its count at a scale; at least 1.
    package func count(scale: Double) -> Int? {
        count.map { isFixed ? $0 : max(1, Int((Double($0) * scale).rounded())) }
    }
}

/// How much a transaction may see of others.
package enum Isolation: String, Sendable, Hashable, CaseIterable {
    case readCommitted, snapshot, serializable
}

/// Who goes first where transactions wait for each other.
package enum Priority: String, Sendable, Hashable, CaseIterable {
    case background, normal, high
}

/// One statement, or several commands of Redis at once.
package struct StepDefinition: Sendable, Hashable {
    package enum Statement: Sendable, Hashable {
        case sqlite(StatementText)
        case graph(StatementText)
        case redis([RedisCommandText])

        /// Names of the values that it needs, each once.
        package var parameters: [String] {
            switch self {
            case .sqlite(let text), .graph(let text): text.parameters
            case .redis(let commands):
                commands.flatMap(\.parameters).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
            }
        }
    }

    package var statement: Statement
    /// How many times Redis' commands are sent in one pipeline, each time with new values; 1 is no pipeline.
    package var repetitions = 1
    /// How many rows the answer must have.
    package var rows: RowCount?
    /// The name of the value that gets the first one of the answer.
    package var result: String?
    /// Whether a statement of SQL is done through a connection that Trivet has not opened, as another program would.
    package var isOutside = false
    /// The table of the mapping whose lag is measured: the statement returns the key and the version of each row that it changes.
    package var lag: String?
    /// Where Redis keeps the answer of a statement of SQL; nil for nowhere.
    package var cached: CachedAnswer?

    /// A key of Redis that holds an answer's first value.
    package struct CachedAnswer: Sendable, Hashable {
        package var key: TextTemplate
        /// How long it stays; nil for ever.
        package var expiry: Duration?
    }

    /// So many rows, such as `>= 1`.
    package struct RowCount: Sendable, Hashable {
        package var comparison: TargetComparison
        package var count: Int
    }
}

/// Something that the load does.
package struct OperationDefinition: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        /// Each statement by itself.
        case steps
        case transaction(TransactionDefinition)
        case snapshot
    }

    package var name: String
    /// Its share, in proportion to the other operations'.
    package var weight = 1.0
    /// The id of the built-in check that its latencies are samples of.
    package var check: String?
    package var values: [ValueDefinition] = []
    package var kind = Kind.steps
    package var steps: [StepDefinition] = []
    /// Whether all answers must be the same.
    package var isSame = false
}

/// How a coordinated transaction runs.
package struct TransactionDefinition: Sendable, Hashable {
    package var isolation = Isolation.serializable
    package var priority = Priority.normal
    package var timeLimit: Duration?
    package var attempts: Int?
}

/// What the stores have to hold afterwards.
package struct CheckDefinition: Sendable, Hashable {
    package enum Condition: Sendable, Hashable {
        case equals(StepDefinition.Statement, FieldValue)
        case same([StepDefinition.Statement])
    }

    package var name: String
    package var condition: Condition
}
