/// The format of scenario files.
package enum ScenarioFormat {
    private static let statement = FormatKind.either([.text, .list(.text)])
    private static let stepFields: [FormatSection.Field] = [
        .init(name: "sqlite", kind: .text, text: "A statement of SQL; `$name` is a value."),
        .init(name: "graph", kind: .text, text: "A statement of Cypher; `$name` is a value."),
        .init(
            name: "redis", kind: statement,
            text: "A command, or several that are sent as one pipeline; `$name` and `${name}` are values."),
        .init(
            name: "pipeline", kind: .integer(least: 1),
            text: "With redis: how many times the commands are sent in one pipeline, each time with new values."),
        .init(
            name: "rows", kind: .text,
            text: "How many rows or elements the answer must have, such as `1` or `>= 1`; another number is a failure."),
        .init(name: "into", kind: .text, text: "The first value of the answer is `$name` in the steps that follow."),
        .init(
            name: "outside", kind: .flag,
            text:
                "With sqlite: whether it is done through a connection that Trivet has not opened, as by another program."
        ),
        .init(
            name: "lag", kind: .text,
            text:
                "With sqlite: the table of a mapping. The statement returns the key and the version of each row that it changes, and how long Redis takes to show it is measured."
        ),
        .init(
            name: "cached", kind: .text,
            text: "With sqlite: the key in which Redis keeps the answer's first value; it is asked first."),
        .init(name: "expiry", kind: .duration, text: "With cached: how long the key stays; for ever by default."),
    ]

    /// Ids of the built-in checks that lags are samples of.
    static let checksOfMappings = ["cache.lag"]

    static let file = FormatSection(
        id: "scenario", title: "a scenario",
        fields: [
            .init(name: "scenario", kind: .text, isRequired: true, text: "Its name: letters, digits, - and _."),
            .init(name: "summary", kind: .text, text: "What it does, in a sentence."),
            .init(name: "schema", kind: .section("schema"), text: "What is made in each store before anything else."),
            .init(name: "values", kind: .table(.section("generator")), text: "Values that all statements may use."),
            .init(name: "data", kind: .list(.section("dataSet")), text: "Rows that are there before the load."),
            .init(
                name: "mappings", kind: .list(.section("mapping")),
                text: "Tables of SQLite whose rows Redis follows, whoever changes them."),
            .init(
                name: "operations", kind: .list(.section("operation")), isRequired: true,
                text: "What the load consists of."),
            .init(name: "load", kind: .section("load"), isRequired: true, text: "How much of it, and when."),
            .init(name: "faults", kind: .list(.section("fault")), text: "What goes wrong on purpose, and when."),
            .init(
                name: "targets", kind: .list(.either([.text, .section("target")])),
                text: "What has to hold, as `metric op value`."),
            .init(
                name: "recovered", kind: .list(.text),
                text: "Targets of one second; after a fault, the first second that meets them ends the recovery."),
            .init(name: "checks", kind: .list(.section("check")), text: "What the stores have to hold afterwards."),
        ])

    static let schema = FormatSection(
        id: "schema", title: "schema",
        fields: [
            .init(name: "sqlite", kind: statement, text: "Statements of SQL."),
            .init(name: "graph", kind: statement, text: "Statements of Cypher, one in each text."),
            .init(name: "redis", kind: statement, text: "Commands of Redis."),
        ])

    static let dataSet = FormatSection(
        id: "dataSet", title: "a data set",
        fields: [
            .init(name: "name", kind: .text, isRequired: true, text: "Its name; generators use it for its count."),
            .init(name: "count", kind: .integer(least: 1), text: "How many rows; --scale multiplies it."),
            .init(name: "fixed", kind: .flag, text: "Whether --scale leaves the count alone."),
            .init(name: "rows", kind: .section("rowFile"), text: "A file whose columns are the values."),
            .init(name: "values", kind: .table(.section("generator")), text: "Values of each row."),
            .init(name: "sqlite", kind: .text, text: "A statement of SQL for each row."),
            .init(
                name: "graph", kind: .text,
                text: "A statement of Cypher for each row, or for a thousand at once when it uses `$rows`."),
            .init(name: "redis", kind: statement, text: "Commands for each row."),
        ], oneOf: ["count", "rows"])

    static let rowFile = FormatSection(
        id: "rowFile", title: "rows",
        fields: [
            .init(name: "csv", kind: .text, text: "A CSV file with a header line; relative to the scenario's file."),
            .init(name: "jsonLines", kind: .text, text: "A file with one JSON object on each line."),
        ], oneOf: ["csv", "jsonLines"])

    static let mapping = FormatSection(
        id: "mapping", title: "a mapping",
        fields: [
            .init(name: "table", kind: .text, isRequired: true, text: "The table of SQLite."),
            .init(
                name: "key", kind: .text, isRequired: true,
                text: "The key of a row, with columns in braces, such as product:{id}."),
            .init(name: "string", kind: .text, text: "The key holds this column as a text."),
            .init(name: "json", kind: .list(.text), text: "The key holds an object of JSON with these columns."),
            .init(name: "hash", kind: .list(.text), text: "The key holds a hash with these columns."),
            .init(name: "expiry", kind: .duration, text: "How long a key stays; as long as the row by default."),
            .init(
                name: "version", kind: .text,
                text: "The column that each change raises, one of the value's; by it, lags are measured."),
            .init(
                name: "check", kind: .word(checksOfMappings),
                text: "The built-in check that the lags are samples of."),
        ], oneOf: ["string", "json", "hash"])

    static let operation = FormatSection(
        id: "operation", title: "an operation",
        fields: [
            .init(name: "name", kind: .text, isRequired: true, text: "Its name, by which targets speak of it."),
            .init(name: "weight", kind: .number, text: "Its share among the operations; 1 by default."),
            .init(name: "check", kind: .text, text: "The built-in check that its latencies are samples of."),
            .init(name: "values", kind: .table(.section("generator")), text: "Values, drawn once for each operation."),
        ] + stepFields + [
            .init(name: "steps", kind: .list(.section("step")), text: "Several statements, one after the other."),
            .init(
                name: "transaction", kind: .either([.list(.section("step")), .section("transaction")]),
                text: "Several statements as one transaction over the stores."),
            .init(
                name: "snapshot", kind: .list(.section("step")),
                text: "Several statements that read the stores as they were at one moment."),
            .init(
                name: "same", kind: .flag,
                text: "With steps or snapshot: whether all answers must be the same; others are a failure."),
        ], oneOf: ["sqlite", "graph", "redis", "steps", "transaction", "snapshot"])

    static let step = FormatSection(
        id: "step", title: "a step", fields: stepFields, oneOf: ["sqlite", "graph", "redis"])

    static let transaction = FormatSection(
        id: "transaction", title: "a transaction",
        fields: [
            .init(
                name: "isolation", kind: .word(Isolation.allCases.map(\.rawValue)),
                text: "How much it may see of others; serializable by default."),
            .init(
                name: "priority", kind: .word(Priority.allCases.map(\.rawValue)),
                text: "Who goes first where transactions wait for each other; normal by default."),
            .init(name: "timeLimit", kind: .duration, text: "How long it may take in all; 30s by default."),
            .init(name: "attempts", kind: .integer(least: 1), text: "How often it is tried; 10 times by default."),
            .init(name: "steps", kind: .list(.section("step")), isRequired: true, text: "Its statements."),
        ])

    static let load = FormatSection(
        id: "load", title: "load",
        fields: [
            .init(
                name: "users", kind: .integer(least: 1),
                text: "How many act at once, each waiting for its own answers (a closed model)."),
            .init(
                name: "rate", kind: .number,
                text: "How many operations come in a second, however long the answers take (an open model)."),
            .init(
                name: "arrivals", kind: .word(ArrivalSpacing.allCases.map(\.rawValue)),
                text: "With rate: how they are spaced; poisson by default."),
            .init(
                name: "places", kind: .integer(least: 1),
                text: "With rate: the most operations under way at once; 64 by default."),
            .init(
                name: "patience", kind: .duration,
                text: "With rate: how long after it was due an operation may begin before it is dropped; 1s by default."
            ),
            .init(
                name: "lag", kind: .duration,
                text:
                    "With rate: above this the load generator's own delay (p99) makes the run inconclusive; 50ms by default."
            ),
            .init(name: "think", kind: .duration, text: "With users: how long each pauses after an operation."),
            .init(
                name: "stages", kind: .list(.section("stage")), isRequired: true, text: "How the load goes over time."),
            .init(name: "quick", kind: .list(.section("stage")), text: "The same in a short form."),
        ], oneOf: ["users", "rate"])

    static let stage = FormatSection(
        id: "stage", title: "a stage",
        fields: [
            .init(
                name: "warm-up", kind: .duration, text: "Load that is not counted, for so long; only at the beginning."),
            .init(name: "ramp", kind: .duration, text: "From one level to another, for so long."),
            .init(name: "hold", kind: .duration, text: "One level, for so long."),
            .init(name: "spike", kind: .duration, text: "Another level for a short time."),
            .init(name: "name", kind: .text, text: "Its name, by which targets speak of it; the kind's by default."),
            .init(name: "at", kind: .number, text: "The level: users, or operations a second; the load's by default."),
            .init(
                name: "from", kind: .number, text: "With ramp: the level at its beginning; the one before by default."),
            .init(name: "to", kind: .number, text: "With ramp: the level at its end; the load's by default."),
        ], oneOf: StageKind.allCases.map(\.rawValue))

    static let target = FormatSection(
        id: "target", title: "a target",
        fields: [
            .init(name: "target", kind: .text, isRequired: true, text: "As `metric op value`."),
            .init(
                name: "during", kind: .text,
                text: "Only in a stage, by its name, or in `steady`, `fault` or `recovery`; the whole run by default."),
            .init(name: "window", kind: .duration, text: "It has to hold in each window of this length."),
            .init(name: "abort", kind: .flag, text: "Whether the run ends as soon as it is missed."),
        ])

    static let check = FormatSection(
        id: "check", title: "a check",
        fields: [
            .init(name: "name", kind: .text, isRequired: true, text: "What it says when it does not hold."),
            .init(name: "sqlite", kind: .text, text: "A statement whose first value is compared."),
            .init(name: "graph", kind: .text, text: "A statement whose first value is compared."),
            .init(name: "redis", kind: .text, text: "A command whose answer is compared."),
            .init(name: "equals", kind: .scalar, text: "What the value has to be."),
            .init(name: "same", kind: .list(.section("step")), text: "Statements whose answers have to be the same."),
        ], oneOf: ["sqlite", "graph", "redis", "same"])

    /// All but generators and faults, which choose their fields by their kind.
    static let sections = [
        file, schema, dataSet, rowFile, mapping, operation, step, transaction, load, stage, target, check,
    ]
}
