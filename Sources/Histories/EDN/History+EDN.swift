extension History {
    /// Reads a history from EDN: maps one after the other, usually one a line, or one vector of them.
    ///
    /// Other entries of a map are passed over, as are operations that are not a client's transaction (a fault that was injected).
    /// Keys that are numbers or keywords are taken by their text, for histories that others recorded.
    ///
    /// - Throws: ``EDNError`` for the first thing that is not a history. That includes a torn last line, see ``HistoryText``.
    package init(edn: String) throws(EDNError) {
        let text = try HistoryText(Array(edn.utf8))
        if let torn = text.torn { throw torn }
        self = text.history
    }
}

/// A history read from a file that a killed process may have left.
package struct HistoryText: Sendable {
    package let history: History
    /// How many bytes of the text are whole lines; what follows is torn.
    package let wholeBytes: Int
    /// What is wrong with a last line that has no line end: its writer was killed within it.
    package let torn: EDNError?

    /// - Throws: ``EDNError`` for anything that is wrong before the last line.
    package init(_ bytes: [UInt8]) throws(EDNError) {
        let lastLine = bytes.lastIndex(of: .newline).map { $0 + 1 } ?? 0
        var scanner = EDNScanner(bytes)
        var operations: [HistoryOperation] = []
        var torn: EDNError?
        var whole = bytes.count
        let inVector = scanner.take(UInt8(ascii: "["))
        while let next = scanner.peek(), !(inVector && next == UInt8(ascii: "]")) {
            let start = scanner.position
            do throws(EDNError) {
                if let operation = try scanner.historyOperation(count: operations.count) {
                    operations.append(operation)
                }
            } catch {
                guard start >= lastLine, !inVector else { throw error }
                torn = error
                whole = lastLine
                break
            }
        }
        if inVector {
            try scanner.expect(UInt8(ascii: "]"), "the vector's end")
            guard scanner.peek() == nil else { throw scanner.unexpected("the end of the text") }
        }
        history = History(operations)
        wholeBytes = whole
        self.torn = torn
    }
}

extension EDNScanner {
    /// One operation; nil for one that is not a client's transaction.
    fileprivate mutating func historyOperation(count: Int) throws(EDNError) -> HistoryOperation? {
        skipTag()
        let start = position
        try expect(UInt8(ascii: "{"), "an operation, which is a map,")
        var parts = OperationParts()
        while !take(UInt8(ascii: "}")) { try entry(of: &parts) }
        guard parts.hasNumberedProcess, parts.function == "txn" || parts.function == nil else { return nil }
        if parts.value == nil, let valueStart = parts.valueStart {
            let end = position
            position = valueStart
            parts.value = try microOperations()
            position = end
        }
        guard let kind = parts.kind, let process = parts.process, let value = parts.value else {
            let missing = parts.kind == nil ? ":type" : parts.process == nil ? ":process" : ":value"
            throw error("this operation has no \(missing)", at: start)
        }
        return HistoryOperation(
            index: parts.index ?? count, kind: kind, process: process, time: parts.time, value: value)
    }

    private mutating func entry(of parts: inout OperationParts) throws(EDNError) {
        let name = try keyword()
        guard let first = peek() else { throw unexpected("the value of :\(name)") }
        switch name {
        case "index": parts.index = try integer("an index")
        case "time": parts.time = try integer("a time in nanoseconds")
        case "f": parts.function = try keyword()
        case "type":
            let place = position
            parts.kind = HistoryOperation.Kind(rawValue: try keyword())
            if parts.kind == nil { throw error("a type is :invoke, :ok, :fail or :info", at: place) }
        case "process":
            parts.hasNumberedProcess = first != UInt8(ascii: ":")
            if parts.hasNumberedProcess {
                parts.process = try integer("a process, which is a number,")
            } else {
                try skipValue()
            }
        case "value" where parts.function == "txn" && parts.hasNumberedProcess:
            parts.value = try microOperations()
        case "value":
            // Read once it is known whether it is a transaction's.
            parts.valueStart = position
            try skipValue()
        default: try skipValue()
        }
    }

    private struct OperationParts {
        var index: Int?
        var kind: HistoryOperation.Kind?
        var process: Int?
        var hasNumberedProcess = true
        var time = 0
        var function: String?
        var value: [MicroOperation]?
        var valueStart: Int?
    }

    private mutating func microOperations() throws(EDNError) -> [MicroOperation] {
        try expect(UInt8(ascii: "["), "a transaction, which is a vector,")
        var operations: [MicroOperation] = []
        while !take(UInt8(ascii: "]")) { operations.append(try microOperation()) }
        return operations
    }

    private mutating func microOperation() throws(EDNError) -> MicroOperation {
        try expect(UInt8(ascii: "["), "a micro-operation, which is a vector,")
        _ = peek()
        let start = position
        let name = try keyword()
        let key = try key()
        let operation: MicroOperation
        switch name {
        case "append": operation = .append(key: key, value: try integer("the value to append"))
        case "w": operation = .write(key: key, value: try integer("the value to write"))
        case "r": operation = .read(key: key, try reading())
        default: throw error("a micro-operation is :append, :w or :r", at: start)
        }
        try expect(UInt8(ascii: "]"), "the micro-operation's end")
        return operation
    }

    private mutating func key() throws(EDNError) -> String {
        if peek() == UInt8(ascii: "\"") { return try string("a key") }
        let text = String(decoding: atom(), as: UTF8.self)
        guard !text.isEmpty else { throw unexpected("a key") }
        return text
    }

    private mutating func reading() throws(EDNError) -> Reading {
        switch peek() {
        case UInt8(ascii: "["):
            _ = take(UInt8(ascii: "["))
            var values: [Int] = []
            while !take(UInt8(ascii: "]")) { values.append(try integer("a list's value")) }
            return .list(values)
        case UInt8(ascii: "n"):
            let start = position
            guard atom().elementsEqual("nil".utf8) else {
                throw error("a read returns nil, a number or a list", at: start)
            }
            return .nothing
        default: return .register(try integer("what was read (nil, a number or a list)"))
        }
    }
}
