import Foundation
import GRDB
import LocalEngines
import Scenarios
import Testing

@testable import LoadTesting

@Suite("§6: --data and folders that Trivet has not made")
struct DataFolderTests {
    private func contents(_ folder: String) throws -> [String: Data] {
        var all: [String: Data] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
            all[name] = FileManager.default.contents(atPath: folder + "/" + name) ?? Data()
        }
        return all
    }

    private func makeDatabase(_ path: String) throws {
        let database = try DatabaseQueue(path: path)
        try database.write { try $0.execute(sql: "CREATE TABLE mine (id INTEGER)") }
        try database.close()
    }

    @Test("§6: a folder of ours is known again, as a copy and elsewhere too; other files may lie in it")
    func ours() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let data = folder.path(of: "data")
            try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
            try Data("x".utf8).write(to: URL(fileURLWithPath: data + "/notes.txt"))
            var run = FileRun(
                try ScenarioFile(
                    "scenario: s\noperations: [{name: x, redis: INCR x}]\nload: {users: 1, stages: [{hold: 100ms}]}",
                    path: "s.yaml"), plan: LoadPlan())
            run.folder = data
            #expect(try await run.run(command: "", monitor: LoadMonitor()).passed)
            let copy = folder.path(of: "copy"), moved = folder.path(of: "moved")
            try FileManager.default.copyItem(atPath: data, toPath: copy)
            try FileManager.default.moveItem(atPath: data, toPath: moved)
            for folder in [copy, moved] {
                run.folder = folder
                #expect(try await run.run(command: "", monitor: LoadMonitor()).passed)
            }
        }
    }

    @Test(
        "§6: stores of somebody else's are left as they are, unless they may be taken",
        arguments: [
            "records.sqlite", "records.sqlite-wal", "graph.db", "redis/appendonlydir/appendonly.aof.1.base.rdb",
        ])
    func foreign(file: String) async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let path = folder.path(of: file)
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            if file == "records.sqlite" {
                try makeDatabase(path)
            } else {
                try Data("x".utf8).write(to: URL(fileURLWithPath: path))
            }
            let before = try contents(folder.path)
            do {
                _ = try await LiveEngines.withEngines(folder: folder.path) { _ in }
                Issue.record("it was taken")
            } catch let error as DataFolderError {
                #expect(error.description.contains(folder.path) && error.description.contains("--adopt"))
            }
            #expect(try contents(folder.path) == before)
            try DataFolder.claim(folder.path, adopts: true)
            // A database that is no coordinator's is refused in a folder of ours too: somebody has put it there.
            if file == "records.sqlite" {
                do {
                    try DataFolder.claim(folder.path, adopts: false)
                    Issue.record("it was taken")
                } catch is DataFolderError {}
            } else {
                try DataFolder.claim(folder.path, adopts: false)
            }
        }
    }

    @Test("§6: looking into a database leaves nothing behind, with a log and without", arguments: [true, false])
    func look(isOpen: Bool) async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let path = folder.path(of: "a %41?.sqlite")
            let database = try DatabaseQueue(path: path)
            try await database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = WAL") }
            try await database.write { try $0.execute(sql: "CREATE TABLE mine (id INTEGER)") }
            if !isOpen { try database.close() }
            let before = Set(try contents(folder.path).keys)
            #expect(before.count == (isOpen ? 3 : 1))
            #expect(try SQLiteLook.tables(of: path) == ["mine"])
            #expect(Set(try contents(folder.path).keys) == before)
            if isOpen { try database.close() }
            #expect(try SQLiteLook.tables(of: folder.path(of: "none")) == [])
        }
    }
}
