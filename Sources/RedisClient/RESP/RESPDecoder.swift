import NIOCore

/// Reads RESP replies from bytes that arrive in any pieces.
///
/// Open aggregates stand on a stack of their own, so depth costs no call stack, and what was read once is not read again when more
/// bytes arrive. Sizes are checked when they are announced. After an error the decoder must not be used again.
struct RESPDecoder {
    let limits: RESPLimits
    private(set) var buffer = ByteBuffer()
    private var frames: [RESPFrame] = []
    /// A string whose length has been read and whose content has not arrived yet.
    private var awaited: AwaitedString?
    /// How much of an unfinished line has been searched for its end.
    private var searched = 1
    private var replyBytes = 0
    private var replyElements = 0

    init(limits: RESPLimits = RESPLimits()) {
        self.limits = limits
    }

    /// Whether part of a reply has arrived and the rest has not.
    var isWithinReply: Bool {
        self.buffer.readableBytes > 0 || !self.frames.isEmpty || self.awaited != nil
    }

    mutating func append(_ bytes: ByteBuffer) {
        if self.buffer.readableBytes == 0 {
            self.buffer = bytes
        } else {
            self.buffer.discardReadBytes()
            self.buffer.writeImmutableBuffer(bytes)
        }
    }

    /// The next whole reply, or nil until more bytes arrive.
    mutating func next() throws(RESPDecodingError) -> RESPValue? {
        while true {
            switch try self.step() {
            case .needsMore:
                // An empty buffer is let go of, so that the channel can read into the same memory again.
                if self.buffer.readableBytes == 0 { self.buffer = ByteBuffer() }
                return nil
            case .consumed:
                continue
            case .value(let value):
                guard let reply = self.frames.isEmpty ? value : self.attach(value) else { continue }
                self.replyBytes = 0
                self.replyElements = 0
                return reply
            }
        }
    }

    private enum Step {
        case needsMore
        /// Progress without a value: an aggregate was opened, a chunk of a string was read.
        case consumed
        case value(RESPValue)
    }

    private struct AwaitedString {
        let type: RESPType
        let length: Int
    }

    /// Puts a value into the innermost open aggregate, and whatever that completes into the next one.
    private mutating func attach(_ value: RESPValue) -> RESPValue? {
        var value = value
        while !self.frames.isEmpty {
            guard let completed = self.frames[self.frames.count - 1].append(value) else { return nil }
            self.frames.removeLast()
            switch completed {
            case .value(let whole):
                value = whole
            case .attributes(let pairs):
                self.frames.append(RESPFrame(.attributed, remaining: 1, attributes: pairs))
                return nil
            }
        }
        return value
    }

    private mutating func step() throws(RESPDecodingError) -> Step {
        if let awaited = self.awaited { return try self.finish(awaited) }
        if let value = try self.plainString() { return .value(value) }
        guard let line = try self.readLine() else { return .needsMore }
        if let frame = self.frames.last, frame.isStreamed {
            if frame.kind == .string, line.type != .chunk { throw .misplaced(line.type.rawValue) }
            // How many values a streamed aggregate has was not announced.
            self.replyElements += 1
            try self.checkElements(self.replyElements)
        }
        switch line.type {
        case .bulkString, .bulkError, .verbatimString, .chunk:
            return try self.openString(line)
        case .array, .set, .push, .map, .attributes:
            return try self.openAggregate(line)
        case .end:
            return try self.endStream(line)
        case .simpleString, .simpleError, .integer, .null, .boolean, .double, .bigNumber:
            let value = try line.scalar(in: self.buffer)
            self.consume(line)
            return .value(value)
        }
    }

    /// A bulk string that is there as a whole, in one look at the buffer: nearly all that pipelines get are. Nil for whatever else stands there,
    /// which takes the long way, and has its errors found there.
    private mutating func plainString() throws(RESPDecodingError) -> RESPValue? {
        if let frame = self.frames.last, frame.isStreamed { return nil }
        let found = self.buffer.withUnsafeReadableBytes { bytes -> (start: Int, length: Int)? in
            guard bytes.count > 5, bytes[0] == RESPType.bulkString.rawValue else { return nil }
            var (index, length) = (1, 0)
            // So few digits that they can't overflow.
            let end = min(bytes.count - 1, 10)
            while index < end, case let digit = bytes[index] &- 0x30, digit <= 9 {
                length = length &* 10 &+ Int(digit)
                index += 1
            }
            let (start, next) = (index + 2, index + 2 + length)
            guard index > 1, index - 1 <= self.limits.maximumLineBytes, next + 2 <= bytes.count,
                bytes[index] == 0x0d, bytes[index + 1] == 0x0a, bytes[next] == 0x0d, bytes[next + 1] == 0x0a
            else { return nil }
            return (start, length)
        }
        guard let (start, length) = found,
            let content = self.buffer.getSlice(at: self.buffer.readerIndex + start, length: length)
        else { return nil }
        self.replyBytes += start + length + 2
        try self.checkBytes(self.replyBytes)
        self.buffer.moveReaderIndex(forwardBy: start + length + 2)
        self.searched = 1
        return .bulkString(content)
    }

    private mutating func consume(_ line: RESPLine) {
        self.buffer.moveReaderIndex(forwardBy: line.wireLength)
        self.searched = 1
    }

    private mutating func readLine() throws(RESPDecodingError) -> RESPLine? {
        switch RESPLine.search(self.buffer, from: self.searched, limit: self.limits.maximumLineBytes) {
        case .incomplete(let searched):
            self.searched = searched
            return nil
        case .failure(let error):
            throw error
        case .line(let line):
            self.replyBytes += line.wireLength
            try self.checkBytes(self.replyBytes)
            return line
        }
    }

    private func checkElements(_ count: Int) throws(RESPDecodingError) {
        if count > self.limits.maximumElements {
            throw .tooManyElements(count: count, limit: self.limits.maximumElements)
        }
    }

    private func checkBytes(_ bytes: Int) throws(RESPDecodingError) {
        if bytes > self.limits.maximumReplyBytes {
            throw .replyTooLarge(bytes: bytes, limit: self.limits.maximumReplyBytes)
        }
    }
}

// MARK: - Strings

extension RESPDecoder {
    private mutating func openString(_ line: RESPLine) throws(RESPDecodingError) -> Step {
        let length = try line.length(in: self.buffer)
        switch length {
        case .null:
            guard line.type == .bulkString else { throw .malformedValue(line.type.rawValue) }
            self.consume(line)
            return .value(.null)
        case .streamed:
            guard line.type == .bulkString else { throw .malformedValue(line.type.rawValue) }
            try self.push(RESPFrame(.string, remaining: nil))
            self.consume(line)
            return .consumed
        case .count(let count):
            if line.type == .chunk {
                guard let frame = self.frames.last, frame.kind == .string else { throw .misplaced(line.type.rawValue) }
                if count == 0 {
                    self.frames.removeLast()
                    self.consume(line)
                    return .value(frame.value)
                }
            }
            // With the CR LF behind it.
            let (announced, overflow) = (self.replyBytes + 2).addingReportingOverflow(count)
            try self.checkBytes(overflow ? Int.max : announced)
            self.replyBytes = announced
            self.consume(line)
            return try self.finish(AwaitedString(type: line.type, length: count))
        }
    }

    private mutating func finish(_ awaited: AwaitedString) throws(RESPDecodingError) -> Step {
        let length = awaited.length
        guard self.buffer.readableBytes - 2 >= length else {
            self.awaited = awaited
            return .needsMore
        }
        let start = self.buffer.readerIndex
        guard self.buffer.getInteger(at: start + length, as: UInt16.self) == 0x0d0a,
            let content = self.buffer.getSlice(at: start, length: length)
        else { throw .unterminatedString }
        self.buffer.moveReaderIndex(forwardBy: length + 2)
        self.awaited = nil
        if awaited.type == .bulkString { return .value(.bulkString(content)) }
        switch awaited.type {
        case .chunk:
            self.frames[self.frames.count - 1].append(chunk: content)
            return .consumed
        case .bulkError:
            return .value(.error(RESPErrorReply(String(decoding: content.readableBytesView, as: UTF8.self))))
        case .verbatimString:
            let view = content.readableBytesView
            guard length >= 4, view[view.startIndex + 3] == UInt8(ascii: ":"),
                let rest = content.getSlice(at: content.readerIndex + 4, length: length - 4)
            else { throw .malformedValue(awaited.type.rawValue) }
            let format = String(decoding: view.prefix(3), as: UTF8.self)
            return .value(.verbatimString(RESPVerbatimString(format: format, content: rest)))
        default:
            return .value(.bulkString(content))
        }
    }
}

// MARK: - Aggregates

extension RESPDecoder {
    private mutating func openAggregate(_ line: RESPLine) throws(RESPDecodingError) -> Step {
        let length = try line.length(in: self.buffer)
        let perEntry = line.type == .map || line.type == .attributes ? 2 : 1
        switch length {
        case .null:
            guard line.type == .array else { throw .malformedValue(line.type.rawValue) }
            self.consume(line)
            return .value(.null)
        case .streamed:
            guard line.type == .array || line.type == .set || line.type == .map else {
                throw .malformedValue(line.type.rawValue)
            }
            try self.push(RESPFrame(.init(line.type), remaining: nil))
            self.consume(line)
            return .consumed
        case .count(let count):
            let (values, overflow) = count.multipliedReportingOverflow(by: perEntry)
            let (total, overflowToo) = self.replyElements.addingReportingOverflow(values)
            try self.checkElements(overflow || overflowToo ? Int.max : total)
            self.replyElements = total
            self.consume(line)
            if count == 0 {
                guard line.type != .attributes else { return .consumed }
                return .value(RESPFrame(.init(line.type), remaining: 0).value)
            }
            try self.push(RESPFrame(.init(line.type), remaining: values))
            return .consumed
        }
    }

    private mutating func endStream(_ line: RESPLine) throws(RESPDecodingError) -> Step {
        guard line.contentLength == 0 else { throw .malformedValue(line.type.rawValue) }
        guard let frame = self.frames.last, let value = frame.endOfStream else {
            throw .misplaced(line.type.rawValue)
        }
        self.frames.removeLast()
        self.consume(line)
        return .value(value)
    }

    private mutating func push(_ frame: RESPFrame) throws(RESPDecodingError) {
        guard self.frames.count < self.limits.maximumDepth else { throw .tooDeep(limit: self.limits.maximumDepth) }
        self.frames.append(frame)
    }
}
