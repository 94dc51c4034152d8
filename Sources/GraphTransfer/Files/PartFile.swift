import Foundation

/// Writes lines to a new file, and knows its checksum.
struct PartFileWriter: ~Copyable {
    private let file: FileHandle
    private let path: String
    private var buffer: [UInt8] = []
    private var hash = SHA256()
    private(set) var bytes = 0

    init(_ path: String) throws {
        self.path = path
        guard FileManager.default.createFile(atPath: path, contents: nil), let file = FileHandle(forWritingAtPath: path)
        else { throw TransferError.file(path, "can't be written") }
        self.file = file
    }

    mutating func write(_ line: [UInt8]) throws {
        buffer += line
        buffer.append(0x0A)
        if buffer.count >= 1 << 18 { try flush() }
    }

    private mutating func flush() throws {
        hash.update(buffer)
        bytes += buffer.count
        do {
            try file.write(contentsOf: Data(buffer))
            buffer.removeAll(keepingCapacity: true)
        } catch {
            throw TransferError.file(path, "can't be written: \(error.localizedDescription)")
        }
    }

    /// Makes it durable.
    /// - Returns: its checksum.
    mutating func finish() throws -> String {
        try flush()
        do {
            try file.synchronize()
            try file.close()
        } catch {
            throw TransferError.file(path, "can't be written: \(error.localizedDescription)")
        }
        return SHA256.hexadecimal(hash.finalize())
    }
}

/// Reads a file's lines.
struct PartFileReader: ~Copyable {
    private let file: FileHandle
    private let path: String
    private var buffer: [UInt8] = []
    /// Where the next line begins.
    private var start = 0
    /// The number of the last line read, from 1.
    private(set) var line = 0

    init(_ path: String) throws {
        self.path = path
        guard let file = FileHandle(forReadingAtPath: path) else { throw TransferError.file(path, "can't be read") }
        self.file = file
    }

    /// The next line without its end; nil after the last.
    mutating func next() throws -> [UInt8]? {
        var searched = start
        while true {
            if let end = buffer[searched...].firstIndex(of: 0x0A) {
                defer { start = end + 1 }
                line += 1
                return Array(buffer[start..<end])
            }
            buffer.removeFirst(start)
            start = 0
            searched = buffer.count
            guard let more = try file.read(upToCount: 1 << 18), !more.isEmpty else { break }
            buffer += more
        }
        guard buffer.isEmpty else {
            throw TransferError(.damaged, "The last line of \(path) has no end.", remedy: "Export the graph again.")
        }
        return nil
    }

    /// A file's checksum and length.
    static func checksum(_ path: String) throws -> (sha256: String, bytes: Int) {
        guard let file = FileHandle(forReadingAtPath: path) else { throw TransferError.file(path, "can't be read") }
        defer { try? file.close() }
        var hash = SHA256()
        var bytes = 0
        while let more = try file.read(upToCount: 1 << 20), !more.isEmpty {
            try Task.checkCancellation()
            hash.update([UInt8](more))
            bytes += more.count
        }
        return (SHA256.hexadecimal(hash.finalize()), bytes)
    }
}

extension TransferError {
    static func file(_ path: String, _ reason: String) -> TransferError {
        TransferError(.place, "\(path) \(reason).", remedy: "Check the path, its rights and the free space.")
    }
}
