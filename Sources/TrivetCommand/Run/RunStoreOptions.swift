import ArgumentParser
import LoadTesting

/// The stores of a run: in a folder, or a user's own.
struct RunStoreOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Keeps the three stores in this folder.", valueName: "folder"))
    var data: String?

    @Option(
        help: ArgumentHelp(
            "With a scenario's file: a SQLite database of your own that it is run on. Each store that the file uses has to be named then.",
            valueName: "file"))
    var sqlite: String?

    @Option(help: ArgumentHelp("The same: a graph of your own.", valueName: "file"))
    var graph: String?

    @Option(
        help: ArgumentHelp(
            """
            The same: a Redis server of your own, as host:port, unix:path or redis://user:password@host:port/database. User and password may come \
            from TRIVET_REDIS_USERNAME and TRIVET_REDIS_PASSWORD instead.
            """, valueName: "address"))
    var redis: String?

    @Flag(
        help: ArgumentHelp(
            "Lets the run write into stores that Trivet has not made; without it, a run that would is refused before anything is written."
        ))
    var adopt = false

    private var isExisting: Bool { sqlite != nil || graph != nil || redis != nil }

    func validate() throws {
        if data != nil, isExisting {
            throw ValidationError("--data names all three stores; --sqlite, --graph and --redis are instead of it.")
        }
        if adopt, data == nil, !isExisting {
            throw ValidationError(
                "--adopt goes with --data, --sqlite, --graph or --redis: private engines are Trivet's own.")
        }
        if let redis { _ = try RedisAddress(redis) }
    }

    /// The user's own stores; nil for private engines.
    ///
    /// - Throws: `ValidationError` where no file is run.
    func existing(isFile: Bool) throws -> ExistingStores? {
        guard isExisting else { return nil }
        guard isFile else {
            throw ValidationError(
                "--sqlite, --graph and --redis go with a scenario's file; built-in scenarios make their own stores.")
        }
        let server = try redis.map { text in
            let address = try RedisAddress(text)
            return ExistingStores.Redis(
                name: address.name, endpoint: address.endpoint, configuration: address.configuration)
        }
        return ExistingStores(sqlite: sqlite, graph: graph, redis: server, adopts: adopt)
    }

    /// As it is typed, but without a password.
    var commandLine: [String] {
        var parts: [String] = []
        if let data { parts.append("--data \(data)") }
        if let sqlite { parts.append("--sqlite \(sqlite)") }
        if let graph { parts.append("--graph \(graph)") }
        if let redis, let address = try? RedisAddress(redis) { parts.append("--redis \(address.name)") }
        if adopt { parts.append("--adopt") }
        return parts
    }
}
