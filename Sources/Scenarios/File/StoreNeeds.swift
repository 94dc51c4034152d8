/// A store, as scenarios speak of it.
package enum ScenarioStore: String, Sendable, Hashable, CaseIterable {
    case sqlite, graph, redis

    /// For people.
    package var title: String {
        switch self {
        case .sqlite: "SQLite"
        case .graph: "the graph"
        case .redis: "Redis"
        }
    }
}

/// What a scenario needs of the stores that it is run on, as far as its words tell. A plain value.
package struct StoreNeeds: Sendable {
    /// Something that writes.
    package struct Write: Sendable, Hashable {
        package var store: ScenarioStore
        /// Where it stands, such as `the operation "order"`.
        package var place: String
    }

    /// The stores that it speaks to.
    package private(set) var stores: Set<ScenarioStore> = []
    /// What writes, in the file's order. Of Redis' single commands only a server knows it: see `commands`.
    package private(set) var writes: [Write] = []
    /// The first place that needs a coordinator; nil for none.
    package private(set) var coordinated: String?
    /// Names of Redis' commands that stand by themselves, each with its first place.
    package private(set) var commands: [(name: String, place: String)] = []

    package init(_ file: ScenarioFile) {
        if !file.schema.sqlite.isEmpty { write(.sqlite, "the schema") }
        if !file.schema.graph.isEmpty { write(.graph, "the schema") }
        if !file.schema.redis.isEmpty { write(.redis, "the schema") }
        for set in file.data {
            let place = "the data \"\(set.name)\""
            if set.sqlite != nil { write(.sqlite, place) }
            if set.graph != nil { write(.graph, place) }
            if !set.redis.isEmpty { write(.redis, place) }
        }
        for mapping in file.mappings {
            // Triggers and notes in SQLite, and the keys.
            let place = "the mapping of \"\(mapping.table)\""
            coordinated = coordinated ?? place
            write(.sqlite, place)
            write(.redis, place)
        }
        for operation in file.operations {
            let place = "the operation \"\(operation.name)\""
            switch operation.kind {
            case .steps:
                for step in operation.steps {
                    add(step.statement, place)
                    guard step.cached != nil else { continue }
                    coordinated = coordinated ?? place
                    write(.sqlite, place)
                    write(.redis, place)
                }
            case .transaction, .snapshot:
                // Both write what keeps the stores together, whatever their statements do.
                coordinated = coordinated ?? place
                for step in operation.steps { write(step.statement.store, place) }
                write(.sqlite, place)
            }
        }
        for check in file.checks {
            let place = "the check \"\(check.name)\""
            switch check.condition {
            case .equals(let statement, _): add(statement, place)
            case .same(let statements): for statement in statements { add(statement, place) }
            }
        }
        for fault in file.faults {
            let place = "the fault \(fault.kind.name)"
            switch fault.kind {
            case .sqliteBusy, .sqliteFull: write(.sqlite, place)
            case .graphReader: write(.graph, place)
            case .graphFull: stores.insert(.graph)
            case .workerKill, .workerDiskFull: break
            default: stores.insert(.redis)
            }
        }
    }

    private mutating func add(_ statement: StepDefinition.Statement, _ place: String) {
        stores.insert(statement.store)
        switch statement {
        case .sqlite(let text), .graph(let text):
            if text.writes { write(statement.store, place) }
        case .redis(let all):
            for command in all where !commands.contains(where: { $0.name == command.name }) {
                commands.append((command.name, place))
            }
        }
    }

    private mutating func write(_ store: ScenarioStore, _ place: String) {
        stores.insert(store)
        if !writes.contains(where: { $0.store == store }) { writes.append(Write(store: store, place: place)) }
    }
}

extension StepDefinition.Statement {
    package var store: ScenarioStore {
        switch self {
        case .sqlite: .sqlite
        case .graph: .graph
        case .redis: .redis
        }
    }
}
