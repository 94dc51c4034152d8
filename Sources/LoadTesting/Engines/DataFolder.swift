import Foundation
import Measurement
import Transactions

/// The folder of the three stores, and how Trivet knows that it has made it.
///
/// A note lies in the folder, so a copy or a moved folder is known too. Where there is none, the folder is taken only if none of the files
/// that Trivet would write is there.
package enum DataFolder {
    /// The note's name.
    package static let note = "trivet.json"
    package static let database = "records.sqlite"
    package static let graph = "graph.db"
    package static let redis = "redis"

    private struct Note: Codable {
        var madeBy = "trivet"
        var version = RunResult.currentVersion
    }

    /// Makes the folder, if there is none, and says whose it is. Blocks.
    ///
    /// - Parameter adopts: whether stores of somebody else's may be taken.
    /// - Throws: `DataFolderError`; nothing was written into stores that are not ours.
    package static func claim(_ folder: String, adopts: Bool) throws {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw DataFolderError(folder: folder, reason: error.systemReason + ".")
        }
        let isMarked = hasNote(folder)
        if !adopts, let store = isMarked ? foreignDatabase(folder) : firstStore(folder) {
            throw DataFolderError(
                folder: folder,
                reason: """
                    \(folder)/\(store) is there, and Trivet has not made it. Nothing was written. \
                    With --adopt, trivet run, verify and recover take it all the same.
                    """)
        }
        guard !isMarked else { return }
        do {
            let data = try JSONEncoder().encode(Note())
            try data.write(to: URL(fileURLWithPath: folder + "/" + note), options: .atomic)
        } catch {
            throw DataFolderError(folder: folder, reason: error.systemReason + ".")
        }
    }

    private static func hasNote(_ folder: String) -> Bool {
        guard let data = FileManager.default.contents(atPath: folder + "/" + note) else { return false }
        return (try? JSONDecoder().decode(Note.self, from: data).madeBy) == "trivet"
    }

    /// The first file that a run would write; with `records.sqlite` come `records.sqlite-wal` and others.
    private static func firstStore(_ folder: String) -> String? {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.sorted().first { name in
            name == redis || name.hasPrefix(database) || name.hasPrefix(graph)
        }
    }

    /// A database that was put into a folder of ours.
    private static func foreignDatabase(_ folder: String) -> String? {
        (try? SQLiteLook.tables(of: folder + "/" + database)).flatMap { tables in
            tables.isEmpty || tables.contains(StoreMarks.sqliteTable) ? nil : database
        }
    }
}
