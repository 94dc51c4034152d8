import Synchronization
import SystemPackage

/// Writes a history to a file while it happens.
///
/// Each operation is one line and one `write`, done before the call returns: whatever kills the process, the file holds all that was
/// recorded, and at most its last line is torn. (A machine that loses power may lose more; nothing is synced.)
///
/// If the file exists the history goes on: a torn last line is removed, what was open ends in doubt, and processes, indexes and times
/// continue.
///
/// Any thread may call it. Its calls write to a file; they block as long as that takes. One recorder at a time may have the file.
package final class HistoryRecorder: Sendable {
    /// What the file held when it was opened, with the ends of what was open.
    package let previous: History

    private let state: Mutex<State>
    private let file: FileDescriptor
    private let path: String
    private let opened = ContinuousClock().now
    private let openedTime: Int

    private struct State {
        var log: HistoryLog
        var length: Int
        var isBroken = false
    }

    /// - Throws: ``HistoryFileError`` if the file can't be read or written, or holds something else than a history.
    package init(path: String) throws(HistoryFileError) {
        self.path = path
        let (file, text) = try Self.open(path)
        self.file = file
        var log = HistoryLog(continuing: text.history)
        openedTime = log.lastTime
        let abandoned = log.abandonOpen(time: log.lastTime)
        previous = History(text.history.operations + abandoned)
        state = Mutex(State(log: log, length: text.wholeBytes))
        do throws(HistoryFileError) {
            try state.withLock { state throws(HistoryFileError) in
                if text.torn == nil, let last = text.last, last != .newline { try write([.newline], &state) }
                for operation in abandoned { try write(operation, &state) }
            }
        } catch {
            try? file.close()
            throw error
        }
    }

    deinit {
        try? file.close()
    }

    /// A number for a logical thread that is new to the history.
    package func newProcess() -> Int {
        state.withLock { $0.log.newProcess() }
    }

    /// Says that a process is about to run a transaction. It must not begin before this has returned.
    ///
    /// - Throws: ``HistoryMisuse``; ``HistoryFileError`` if it was not recorded, and then it must not begin at all.
    package func invoke(_ transaction: [MicroOperation], process: Int) throws {
        try record { log, time in try log.invoke(transaction, process: process, time: time) }
    }

    /// Says how the process's transaction ended. It must have ended before the call.
    ///
    /// - Throws: ``HistoryMisuse``; ``HistoryFileError`` if it was not recorded, and then it counts as in doubt.
    package func complete(_ outcome: TransactionOutcome, process: Int) throws {
        try record { log, time in try log.complete(outcome, process: process, time: time) }
    }

    private func record(_ step: (inout HistoryLog, Int) throws -> HistoryOperation) throws {
        try state.withLock { state in
            var log = state.log
            let elapsed = opened.duration(to: ContinuousClock().now).components
            let nanoseconds = Int(elapsed.seconds) * 1_000_000_000 + Int(elapsed.attoseconds / 1_000_000_000)
            let operation = try step(&log, openedTime + nanoseconds)
            try write(operation, &state)
            state.log = log
        }
    }

    private func write(_ operation: HistoryOperation, _ state: inout State) throws(HistoryFileError) {
        var line: [UInt8] = []
        operation.appendEDN(to: &line)
        line.append(.newline)
        try write(line, &state)
    }

    /// A line is there as a whole or not at all, also on a disk that is full.
    private func write(_ line: [UInt8], _ state: inout State) throws(HistoryFileError) {
        guard !state.isBroken else { throw HistoryFileError(path: path, problem: .broken) }
        do {
            try file.writeAll(line)
            state.length += line.count
        } catch {
            do { try file.resize(to: Int64(state.length)) } catch { state.isBroken = true }
            throw HistoryFileError(path: path, problem: .io("writing", String(describing: error)))
        }
    }
}

extension HistoryRecorder {
    /// Opens the file, reads what is in it, and cuts off a torn line.
    private static func open(_ path: String) throws(HistoryFileError) -> (FileDescriptor, Contents) {
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(
                FilePath(path), .readWrite, options: [.create, .append, .closeOnExec],
                permissions: [.ownerReadWrite, .groupRead, .otherRead])
        } catch {
            throw HistoryFileError(path: path, problem: .io("opening", String(describing: error)))
        }
        do {
            let bytes = try file.readToEnd()
            let text = try HistoryText(bytes)
            if text.torn != nil { try file.resize(to: Int64(text.wholeBytes)) }
            return (
                file,
                Contents(history: text.history, wholeBytes: text.wholeBytes, torn: text.torn, last: bytes.last)
            )
        } catch let error as EDNError {
            try? file.close()
            throw HistoryFileError(path: path, problem: .notAHistory(error))
        } catch {
            try? file.close()
            throw HistoryFileError(path: path, problem: .io("reading", String(describing: error)))
        }
    }

    private struct Contents {
        let history: History
        let wholeBytes: Int
        let torn: EDNError?
        let last: UInt8?
    }
}

extension HistoryText {
    /// Reads the file at the path; a torn last line is tolerated. Blocks as long as that takes.
    package init(contentsOf path: String) throws(HistoryFileError) {
        let bytes: [UInt8]
        do {
            let file = try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
            bytes = try file.closeAfter { try file.readToEnd() }
        } catch {
            throw HistoryFileError(path: path, problem: .io("reading", String(describing: error)))
        }
        do {
            try self.init(bytes)
        } catch {
            throw HistoryFileError(path: path, problem: .notAHistory(error))
        }
    }
}

extension FileDescriptor {
    fileprivate func readToEnd() throws -> [UInt8] {
        let size = try seek(offset: 0, from: .end)
        try seek(offset: 0, from: .start)
        // One byte more than is expected, so that growth is seen.
        var bytes: [UInt8] = []
        var room = Int(size) + 1
        while true {
            let part = try [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
                count = try read(into: UnsafeMutableRawBufferPointer(buffer))
            }
            if part.isEmpty { return bytes }
            if bytes.isEmpty { bytes = part } else { bytes += part }
            room = 1 << 16
        }
    }
}
