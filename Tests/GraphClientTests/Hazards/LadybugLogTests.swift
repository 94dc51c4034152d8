import Foundation
import Testing
import TrivetTesting

@testable import GraphClient

@Suite("H16: LadybugDB's log is checked before the engine reads it", .timeLimit(.minutes(5)))
struct LadybugLogTests {
    /// A log of three transactions, and where its header and its records end.
    private static func log(transactions: Int = 3) -> (bytes: [UInt8], ends: [Int]) {
        func number(_ number: UInt64) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) } }
        func summed(_ bytes: [UInt8]) -> [UInt8] {
            bytes + number(bytes.withUnsafeBytes { LadybugLog.checksum(of: $0) })
        }
        var bytes = summed((0..<16).map { UInt8($0 * 7) } + [1])
        var ends = [bytes.count]
        for transaction in 0..<transactions {
            let contents: [[UInt8]] = [
                [1] + number(0), [30] + (0..<UInt8(40 + transaction)).map { $0 &* 5 }, [2] + number(0),
            ]
            for content in contents {
                bytes += summed(number(UInt64(content.count)) + content)
                ends.append(bytes.count)
            }
        }
        return (bytes, ends)
    }

    private static func state(_ bytes: [UInt8]) -> LadybugLog.State {
        bytes.withUnsafeBytes { LadybugLog.state(of: $0) }
    }

    @Test("H16: a whole log is intact, and one that ends anywhere else was cut short after the last whole record")
    func cutShort() throws {
        let (bytes, ends) = Self.log()
        #expect(Self.state(bytes) == .intact && Self.state([]) == .intact)
        for length in 1..<bytes.count {
            let expected: LadybugLog.State =
                ends.contains(length) ? .intact : .cutShort(offset: ends.last { $0 < length } ?? 0)
            #expect(Self.state(Array(bytes.prefix(length))) == expected)
        }
    }

    @Test("H16: zeros in the place of what was written last are an end that is missing")
    func zeros() throws {
        let (bytes, ends) = Self.log()
        let last = ends[ends.count - 4]
        for kept in last..<bytes.count - 1 {
            let written = Array(bytes.prefix(kept)) + [UInt8](repeating: 0, count: bytes.count - kept)
            if written == bytes { continue }
            #expect(Self.state(written) == .cutShort(offset: ends.last { $0 <= kept } ?? 0))
        }
    }

    @Test("H16: a changed bit is noticed wherever it is, and never taken for a missing end while a commit follows")
    func changedBits() throws {
        let (bytes, ends) = Self.log()
        let lastCommit = ends[ends.count - 2]
        // The flag that says that there are no checksums is the engine's to refuse.
        for index in bytes.indices where index != 16 {
            for bit in 0..<8 {
                var changed = bytes
                changed[index] ^= 1 << bit
                let state = Self.state(changed)
                if index < lastCommit {
                    guard case .damaged(let offset) = state else {
                        Issue.record("bit \(bit) of byte \(index): \(state)")
                        continue
                    }
                    #expect(offset == ends.last { $0 <= index } ?? 0)
                } else {
                    #expect(state != .intact)
                }
            }
        }
    }

    /// A database whose process was killed after so many commits, one row each.
    private func killed(commits: Int, at path: String) async {
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, commits = commits as Int] in
            let database = try await GraphDatabase.open(at: path, engine: try GraphEngine.load(.ladybug))
            try await database.withSession { session in
                try await session.execute("CREATE NODE TABLE T(id INT64 PRIMARY KEY, s STRING)")
                for id in 0..<commits {
                    try await session.execute("CREATE (:T {id: $id, s: $s})", ["id": id, "s": "row \(id)"])
                }
            }
            kill(getpid(), SIGKILL)
        }
    }

    /// The number of rows of a copy of the database that has another log.
    private func rows(of path: String, log: Data, in folder: TemporaryDirectory) async throws -> Int {
        let copy = folder.path(of: "copy")
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) where name.hasPrefix("copy") {
            try FileManager.default.removeItem(atPath: folder.path(of: name))
        }
        try FileManager.default.copyItem(atPath: path, toPath: copy)
        try log.write(to: URL(fileURLWithPath: copy + ".wal"))
        return try await GraphDatabase.withDatabase(at: copy, engine: try GraphEngine.load(.ladybug)) { database in
            try await database.withSession { session in
                let wrong = try await session.query(
                    "MATCH (t:T) WHERE t.s <> 'row ' + cast(t.id AS STRING) RETURN count(*)")
                #expect(try wrong.scalar(Int.self) == 0)
                return try await session.query("MATCH (t:T) RETURN count(*)").scalar()
            }
        }
    }

    @Test("H16: what a crash has cut short opens without the transaction that was not committed")
    func crash() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let path = folder.path(of: "graph")
            await killed(commits: 20, at: path)
            let log = try Data(contentsOf: URL(fileURLWithPath: path + ".wal"))
            #expect(try LadybugLog(at: path + ".wal")?.state == .intact)
            #expect(try await rows(of: path, log: log, in: folder) == 20)
            for missing in stride(from: 1, to: 60, by: 4) {
                #expect(try await rows(of: path, log: log.dropLast(missing), in: folder) == 19)
            }
        }
    }

    @Test("H16: a damaged log after a crash is refused with the place, and the engine never reads it")
    func damage() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let path = folder.path(of: "graph")
            await killed(commits: 20, at: path)
            let log = try Data(contentsOf: URL(fileURLWithPath: path + ".wal"))
            // Not the last commit, from which a missing end can't be told apart by its length alone.
            for index in stride(from: 0, to: log.count - 26, by: 61) {
                var changed = log
                changed[changed.startIndex + index] ^= 0x10
                do {
                    _ = try await rows(of: path, log: changed, in: folder)
                    Issue.record("byte \(index)")
                } catch GraphError.cannotOpen(_, let reason) {
                    #expect(reason.contains("damaged: what stands at byte") && reason.contains(".wal"))
                }
            }
        }
    }
}
