import CReference
@_spi(Benchmarks) import GraphClient
import LocalEngines
import RedisClient
import Stores

/// The same writes as `Coordinator.addUser`, by hand and in C: so many to one commit of each store, by one thread, with nothing that would bring the stores
/// together after a crash. What no coordinator can be faster than, on the machine and the engine at hand.
struct GroupReference: Sendable {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// An address, since a pointer can't go to the session's thread. One thread at a time uses what is there.
    private let address: UInt
    private let session: GraphSession

    /// - Parameters:
    ///   - folder: where SQLite's and the graph's files are made.
    ///   - engine: the graph's; nil for the one that the environment names.
    static func with(
        in folder: TemporaryDirectory, redis: RedisEndpoint, engine: GraphEngine?,
        isolation: isolated (any Actor)? = #isolation,
        _ body: (GroupReference) async throws -> Void
    ) async throws {
        guard case .unixSocket(let socket) = redis else { throw Failure(description: "Redis has no Unix socket") }
        let path = folder.path(of: "c.sqlite")
        let records = try await SQLitePool.open(at: path)
        let result: Result<Void, any Error>
        do {
            let graph = try await GraphPool.open(at: folder.path(of: "c.graph"), engine: engine)
            do {
                try await BenchmarkStores.makeTables(records, graph)
                try await graph.database.withSession { session in
                    let reference = try GroupReference(on: graph.database, session, sqlite: path, redis: socket)
                    defer { reference.close() }
                    try await body(reference)
                }
                result = .success(())
            } catch {
                result = .failure(error)
            }
            await graph.shutdown(within: .seconds(5))
        } catch {
            result = .failure(error)
        }
        await records.shutdown(within: .seconds(5))
        try result.get()
    }

    private init(on database: GraphDatabase, _ session: GraphSession, sqlite: String, redis: String) throws {
        guard
            let reference = group_reference_open(
                database.engine.path, database.engine.kind.functionPrefix, try database.makeEngineConnection(), sqlite,
                redis)
        else { throw Failure(description: "The C reference can't open its stores.") }
        address = UInt(bitPattern: reference)
        self.session = session
    }

    /// Writes users, so many to a commit.
    func write(from first: Int, _ count: Int, perCommit: Int) async throws {
        let written = try await session.run { [address] _ in
            group_reference_write(OpaquePointer(bitPattern: address), Int64(first), UInt64(count), UInt64(perCommit))
        }
        guard written == count else {
            throw Failure(description: "The C reference wrote \(written) of \(count) users.")
        }
    }

    private func close() {
        group_reference_close(OpaquePointer(bitPattern: address))
    }
}
