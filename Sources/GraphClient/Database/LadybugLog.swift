import Foundation

/// LadybugDB's log, as far as its checksums tell whether it is what was written.
///
/// The engine reads a record before it looks at the checksum, and crashes or hangs on some damaged ones; and it either refuses
/// every log whose end is missing, as a crash within a write leaves it, or cuts off all that follows the first damage, committed or not.
/// So what may be cut off is decided here (H16).
///
/// The format is that of LadybugDB 0.22 (`src/storage/wal` of its source distribution): a header of a UUID, a flag and a checksum; then
/// records of length, content and checksum, where a checksum covers all that belongs to it. All numbers are little-endian.
struct LadybugLog {
    enum State: Equatable {
        case intact
        /// The last write was cut short: what begins at `offset` was never committed.
        case cutShort(offset: Int)
        /// At `offset` is not what was written.
        case damaged(offset: Int)
    }

    let state: State

    /// - Returns: nil where there is no such file.
    init?(at path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
        state = bytes.withUnsafeBytes { Self.state(of: $0) }
    }

    private static let headerLength = 17
    private static let numberLength = 8
    /// The kind of record that ends a transaction.
    private static let commit: UInt8 = 2
    /// Far above a commit's, which holds at most a name.
    private static let longestCommit = 4_096

    static func state(of bytes: UnsafeRawBufferPointer) -> State {
        var offset = 0
        var end = bytes.isEmpty ? 0 : headerEnd(of: bytes)
        while let next = end {
            offset = next
            if offset == bytes.count { return .intact }
            end = recordEnd(at: offset, of: bytes)
        }
        return isCutShort(at: offset, bytes) ? .cutShort(offset: offset) : .damaged(offset: offset)
    }

    /// Nil where the header is not intact.
    private static func headerEnd(of bytes: UnsafeRawBufferPointer) -> Int? {
        guard bytes.count >= headerLength else { return nil }
        // Written by a program that wants none: there is nothing to check.
        if bytes[headerLength - 1] == 0 { return bytes.count }
        return isIntact(0..<headerLength, bytes) ? headerLength + numberLength : nil
    }

    /// Nil where the record is not intact.
    private static func recordEnd(at offset: Int, of bytes: UnsafeRawBufferPointer) -> Int? {
        guard let length = number(at: offset, bytes), let contents = Int(exactly: length),
            contents <= bytes.count - offset - numberLength
        else { return nil }
        let end = offset + numberLength + contents
        return isIntact(offset..<end, bytes) ? end + numberLength : nil
    }

    /// A write that a crash has cut short is missing its end, or has zeros in its place; and no transaction was committed after it.
    private static func isCutShort(at offset: Int, _ bytes: UnsafeRawBufferPointer) -> Bool {
        let room = UInt64(bytes.count - offset)
        // The header has no length before its contents.
        let length = offset == 0 ? UInt64(headerLength - numberLength) : number(at: offset, bytes)
        let reachesBeyondEnd = length.map { $0 > room || $0 + 2 * UInt64(numberLength) > room } ?? true
        guard reachesBeyondEnd || bytes[bytes.count - 1] == 0 else { return false }
        return !(offset..<bytes.count).contains { isCommit(at: $0, bytes) }
    }

    private static func isCommit(at offset: Int, _ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let length = number(at: offset, bytes), length > 0, length <= longestCommit,
            offset + numberLength < bytes.count, bytes[offset + numberLength] == commit
        else { return false }
        return recordEnd(at: offset, of: bytes) != nil
    }

    // MARK: - Numbers and checksums

    private static func number(at offset: Int, _ bytes: UnsafeRawBufferPointer) -> UInt64? {
        guard offset >= 0, offset + numberLength <= bytes.count else { return nil }
        return UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// Whether the checksum after `range` is that of its bytes.
    private static func isIntact(_ range: Range<Int>, _ bytes: UnsafeRawBufferPointer) -> Bool {
        number(at: range.upperBound, bytes) == checksum(of: UnsafeRawBufferPointer(rebasing: bytes[range]))
    }

    /// The sum without carry of the multiplied words; of what is left after the last whole word, the MurmurHash64A (Appleby).
    static func checksum(of bytes: UnsafeRawBufferPointer) -> UInt64 {
        var sum: UInt64 = 5381
        var offset = 0
        while let word = number(at: offset, bytes) {
            sum ^= word &* 0xBF58_476D_1CE4_E5B9
            offset += numberLength
        }
        if offset < bytes.count { sum ^= hash(of: bytes[offset...]) }
        return sum
    }

    /// Of fewer than eight bytes.
    private static func hash(of bytes: Slice<UnsafeRawBufferPointer>) -> UInt64 {
        let factor: UInt64 = 0xC6A4_A793_5BD1_E995
        let word = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        var hash = (0xE17A_1465 ^ UInt64(bytes.count) &* factor ^ word) &* factor
        hash = (hash ^ hash >> 47) &* factor
        return hash ^ hash >> 47
    }
}

extension LadybugLog {
    /// Whether the engine has to cut off the end of a log, which a crash has left unfinished.
    /// - Throws: ``GraphError/cannotOpen(path:reason:)`` where a log is damaged.
    static func isCutShort(ofDatabaseAt path: String) throws -> Bool {
        // The second is there while a checkpoint is, and after a crash within it.
        let states = try [path + ".wal", path + ".wal.checkpoint"].map { log in
            let state = try LadybugLog(at: log)?.state ?? .intact
            if case .damaged(let offset) = state { throw damage(of: path, log: log, offset: offset) }
            return state
        }
        return states.contains { $0 != .intact }
    }

    private static func damage(of path: String, log: String, offset: Int) -> GraphError {
        .cannotOpen(
            path: path,
            reason: """
                its log \(log) is damaged: what stands at byte \(offset) has another checksum than what was written. Restore a backup; to \
                give up what was committed from there on, cut the log off there (truncate -s \(offset) \(log)).
                """)
    }
}
