import Foundation

/// A checksum of the log, written when the database is closed and checked when it is opened again.
///
/// The engine's log has none of its own, so a damaged one may crash or hang the process or give wrong data (H16). The seal covers the time in
/// which the database lies on disk; what a crash leaves behind has no seal, and is read as it is.
struct LogSeal {
    private let database: String
    private var log: String { database + ".wal" }
    private var seal: String { database + ".wal.seal" }

    init(ofDatabaseAt path: String) {
        database = path
    }

    /// Seals the log of a database that has just been closed.
    func write() {
        guard let contents = try? contents() else { return }
        try? contents.write(toFile: seal, atomically: true, encoding: .utf8)
    }

    /// Checks the seal, if there is one, and breaks it for whoever is going to write. A log that another program has written since, which shows by its
    /// time of modification, is none of our business.
    func check(isReadOnly: Bool) throws {
        guard let sealed = try? String(contentsOfFile: seal, encoding: .utf8) else { return }
        let found = (try? contents()) ?? "missing"
        let isSameWrite = found.split(separator: " ").first == sealed.split(separator: " ").first
        guard found == sealed || (found != "missing" && !isSameWrite) else {
            throw GraphError.cannotOpen(
                path: database,
                reason: """
                    its log \(log) was damaged after the database was closed: its checksum is another one. Restore a backup; to give up \
                    what the log holds beyond the last checkpoint, move the log and \(seal) away.
                    """)
        }
        if !isReadOnly { try FileManager.default.removeItem(atPath: seal) }
    }

    private func contents() throws -> String {
        let attributes = try FileManager.default.attributesOfItem(atPath: log)
        let modified = (attributes[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
        let bytes = try Data(contentsOf: URL(fileURLWithPath: log), options: .alwaysMapped)
        return "\(Int64(modified * 1_000)) \(bytes.count) \(String(Self.checksum(of: bytes), radix: 16))\n"
    }

    /// FNV-1a, 64 bits (Fowler, Noll, Vo: draft-eastlake-fnv): it has to notice damage, not an attacker.
    private static func checksum(of bytes: Data) -> UInt64 {
        bytes.withUnsafeBytes { buffer in
            buffer.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
        }
    }
}
