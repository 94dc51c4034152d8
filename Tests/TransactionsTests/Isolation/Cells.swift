import GRDB
import GraphClient
import LocalEngines
import RedisClient
import Stores

@testable import Transactions

/// A store that holds numbers and texts by id, for tests that don't care which.
enum Place: String, CaseIterable, Sendable {
    case sqlite, graph, redis

    /// The value of a cell; nil if there is none.
    func value(_ id: Int, in txn: isolated Transaction) async throws -> Int? {
        switch self {
        case .sqlite:
            try await txn.readSQLite {
                try Int.fetchOne($0, sql: "SELECT value FROM cell WHERE id = ?", arguments: [id])
            }
        case .graph:
            try await txn.graph.query("MATCH (c:Cell {id: $id}) RETURN c.value", ["id": id]).first?.decode(Int.self)
        case .redis: try await txn.redis.get("cell:\(id)", as: Int.self)
        }
    }

    /// Sets a cell, and creates it if there is none.
    func set(_ id: Int, to value: Int, in txn: isolated Transaction) async throws {
        switch self {
        case .sqlite:
            try await txn.sqlite {
                try $0.execute(
                    sql: "INSERT INTO cell VALUES (?, ?, '') ON CONFLICT DO UPDATE SET value = excluded.value",
                    arguments: [id, value])
            }
        case .graph:
            try await txn.graph.execute(
                "MERGE (c:Cell {id: $id}) ON CREATE SET c.value = $value, c.log = '' ON MATCH SET c.value = $value",
                ["id": id, "value": value])
        case .redis: try await txn.redis.set("cell:\(id)", value)
        }
    }

    func delete(_ id: Int, in txn: isolated Transaction) async throws {
        switch self {
        case .sqlite: try await txn.sqlite { try $0.execute(sql: "DELETE FROM cell WHERE id = ?", arguments: [id]) }
        case .graph: try await txn.graph.execute("MATCH (c:Cell {id: $id}) DELETE c", ["id": id])
        case .redis: try await txn.redis.delete("cell:\(id)")
        }
    }

    /// All cells by id, as far as the store can be asked for all: Redis can't within a transaction.
    func all(in txn: isolated Transaction) async throws -> [Int: Int] {
        switch self {
        case .sqlite:
            let rows = try await txn.readSQLite { db in
                try Row.fetchAll(db, sql: "SELECT id, value FROM cell").map { ($0["id"] as Int, $0["value"] as Int) }
            }
            return Dictionary(uniqueKeysWithValues: rows)
        case .graph:
            let rows = try await txn.graph.query("MATCH (c:Cell) RETURN c.id AS id, c.value AS value")
            return Dictionary(
                uniqueKeysWithValues: try rows.decode(CellRow.self).map { ($0.id, $0.value) })
        case .redis: return [:]
        }
    }

    /// The numbers that were appended to a cell's list.
    func list(_ id: Int, in txn: isolated Transaction) async throws -> [Int] {
        switch self {
        case .sqlite:
            try await txn.readSQLite {
                try String.fetchOne($0, sql: "SELECT log FROM cell WHERE id = ?", arguments: [id])
            }.numbers
        case .graph:
            try await txn.graph.query("MATCH (c:Cell {id: $id}) RETURN c.log", ["id": id]).first?
                .decode(String?.self).numbers ?? []
        case .redis:
            try await txn.redis.hgetall("log:\(id)", as: Int.self).sorted { Int($0.key) ?? 0 < Int($1.key) ?? 0 }
                .map(\.value)
        }
    }

    /// Appends to a cell's list, in one step of the store that reads under its lock.
    func append(_ number: Int, to id: Int, in txn: isolated Transaction) async throws {
        switch self {
        case .sqlite:
            try await txn.sqlite {
                try $0.execute(sql: "UPDATE cell SET log = log || ? WHERE id = ?", arguments: [" \(number)", id])
            }
        case .graph:
            try await txn.graph.execute(
                "MATCH (c:Cell {id: $id}) SET c.log = c.log + $number", ["id": id, "number": " \(number)"])
        case .redis:
            let place = try await txn.redis.increment("length:\(id)")
            try await txn.redis.hset("log:\(id)", ["\(place)": number])
        }
    }

    /// The value of a cell in a snapshot.
    func value(_ id: Int, in snapshot: Snapshot) async throws -> Int? {
        switch self {
        case .sqlite:
            try await snapshot.sqlite {
                try Int.fetchOne($0, sql: "SELECT value FROM cell WHERE id = ?", arguments: [id])
            }
        case .graph:
            try await snapshot.graph("MATCH (c:Cell {id: $id}) RETURN c.value", ["id": id]).first?.decode(Int.self)
        case .redis: try await snapshot.redis.get("cell:\(id)", as: Int.self)
        }
    }
}

extension String? {
    fileprivate var numbers: [Int] { (self ?? "").split(separator: " ").compactMap { Int($0) } }
}

private struct CellRow: Decodable {
    var id: Int
    var value: Int
}

/// A cell in a store.
struct Cell: Sendable, Hashable {
    var place: Place
    var id: Int

    init(_ place: Place, _ id: Int) {
        self.place = place
        self.id = id
    }

    func value(in txn: isolated Transaction) async throws -> Int { try await place.value(id, in: txn) ?? 0 }
    func set(_ value: Int, in txn: isolated Transaction) async throws { try await place.set(id, to: value, in: txn) }
    func list(in txn: isolated Transaction) async throws -> [Int] { try await place.list(id, in: txn) }
    func append(_ number: Int, in txn: isolated Transaction) async throws {
        try await place.append(number, to: id, in: txn)
    }

    func value(in snapshot: Snapshot) async throws -> Int { try await place.value(id, in: snapshot) ?? 0 }

    func add(_ amount: Int, in txn: isolated Transaction) async throws {
        let value = try await value(in: txn)
        try await set(value + amount, in: txn)
    }
}

/// A coordinator over three live stores with cells.
struct CellStores: Sendable {
    let coordinator: Coordinator
    let redis: RedisConnection

    static func with(
        configuration: CoordinatorConfiguration = CoordinatorConfiguration(),
        _ body: (CellStores) async throws -> Void
    ) async throws {
        try await RedisServer.withServer { server in
            try await TemporaryDirectory.withDirectory { folder in
                try await RedisConnection.withConnection(to: server.endpoint) { redis in
                    try await Coordinator.withCoordinator(
                        sqlite: folder.path(of: "cells.sqlite"), graph: folder.path(of: "cells.graph"), redis: redis,
                        configuration: configuration
                    ) { coordinator in
                        try await coordinator.sqlite.write { db in
                            try db.execute(
                                sql: "CREATE TABLE cell (id INTEGER PRIMARY KEY, value INTEGER NOT NULL, log TEXT)")
                        }
                        try await coordinator.graph?.withWriter { session in
                            try await session.execute(
                                "CREATE NODE TABLE Cell(id INT64 PRIMARY KEY, value INT64, log STRING)")
                        }
                        try await body(CellStores(coordinator: coordinator, redis: redis))
                    }
                }
            }
        }
    }

    func prepare(_ values: [(Cell, Int)]) async throws {
        try await coordinator.transaction { txn in
            for (cell, value) in values { try await cell.set(value, in: txn) }
        }
    }
}
