import Foundation
import Testing
import TrivetTesting

@testable import GraphClient

@Suite("P1: a log that can't be written (H27)", .timeLimit(.minutes(5))) struct FullLogTests {
    @Test("H27: the engine ends the process when such a database is closed")
    func hazard() async throws {
        await #expect(processExitsWith: .signal(SIGABRT)) {
            // Without the report of a crash that is wanted.
            signal(SIGABRT, SIG_DFL)
            try await TemporaryDirectory.withDirectory { folder in
                let path = folder.path(of: "graph")
                let database = try RawDatabase(path)
                let connection = database.connect()
                _ = connection.run("CREATE NODE TABLE A(id INT64 PRIMARY KEY)")
                _ = connection.run("CREATE (:A {id: 1})")
                try FileLimit.set(try FileLimit.size(of: path + ".wal"))
                #expect(connection.run("CREATE (:A {id: 2})")?.contains("Cannot write to file") == true)
                database.close()
            }
        }
    }

    @Test(
        "H27: the client closes it, and what was committed is there when it is opened again", arguments: [false, true])
    func closed(healsBefore: Bool) async throws {
        // In a process of its own, whose files are limited.
        await #expect(processExitsWith: .success) { [healsBefore] in
            try await TemporaryDirectory.withDirectory { folder in
                let path = folder.path(of: "graph")
                try await GraphDatabase.withDatabase(at: path) { database in
                    try await database.withSession { session in
                        try await session.execute("CREATE NODE TABLE A(id INT64 PRIMARY KEY)")
                        try await session.execute("CREATE (:A {id: 1})")
                        try FileLimit.set(database.logSize)
                        do {
                            try await session.transaction { _ = try $0.query("CREATE (:A {id: 2})") }
                            Issue.record("a full log was written")
                        } catch GraphError.commitInDoubt {}
                        if healsBefore { try FileLimit.set(nil) }
                    }
                }
                try FileLimit.set(nil)
                let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
                #expect(!left.contains { $0.hasSuffix(".room") }, "\(left)")
                for round in 1...2 {
                    try await GraphDatabase.withDatabase(at: path) { database in
                        try await database.withSession { session in
                            let ids = try await session.query("MATCH (a:A) WHERE a.id <> 2 RETURN a.id ORDER BY a.id")
                                .decode(Int.self)
                            #expect(ids == [1] + (1..<round).map { $0 + 10 })
                            try await session.execute("CREATE (:A {id: $id})", ["id": round + 10])
                        }
                    }
                }
            }
        }
    }
}

/// How long files of this process may become, as on a disk without room.
private enum FileLimit {
    static func set(_ bytes: Int?) throws {
        signal(SIGXFSZ, SIG_IGN)
        #if os(Linux) && !canImport(Musl)
            let resource = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
        #else
            let resource = RLIMIT_FSIZE
        #endif
        var limit = rlimit()
        try #require(getrlimit(resource, &limit) == 0)
        limit.rlim_cur = bytes.map(rlim_t.init) ?? limit.rlim_max
        try #require(setrlimit(resource, &limit) == 0)
    }

    static func size(of path: String) throws -> Int {
        var status = stat()
        try #require(stat(path, &status) == 0)
        return Int(status.st_size)
    }
}
