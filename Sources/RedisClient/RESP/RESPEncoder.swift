import NIOCore

/// Writes commands in the one form that servers of every RESP version read: an array of bulk strings.
///
/// Each command is written with one reservation of memory and plain copies: this runs once for each command sent.
enum RESPEncoder {
    static func encode(_ command: RedisCommand, into buffer: inout ByteBuffer) {
        let words = Self.words(command.name)
        var needed = Self.overhead + command.name.utf8.count + words * Self.overhead
        for argument in command.arguments { needed += Self.bound(argument) }
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: needed) { memory in
            var cursor = Cursor(memory: memory)
            cursor.header(0x2a, words + command.arguments.count)
            if words == 1 {
                cursor.bulk(command.name)
            } else {
                for word in command.name.split(separator: " ") { cursor.bulk(String(word)) }
            }
            for argument in command.arguments { cursor.bulk(argument) }
            return cursor.offset
        }
    }

    /// A header (type, up to 20 characters of length, CR LF) and the CR LF behind the content.
    private static let overhead = 26

    /// `CLIENT TRACKING` is one command to its documentation and two strings on the wire.
    private static func words(_ name: String) -> Int {
        var words = 1
        for byte in name.utf8 where byte == 0x20 { words += 1 }
        return words == 1 ? 1 : name.split(separator: " ").count
    }

    private static func bound(_ argument: RedisArgument) -> Int {
        switch argument {
        case .string(let text): text.utf8.count + Self.overhead
        case .bytes(let bytes): bytes.readableBytes + Self.overhead
        case .integer: 20 + Self.overhead
        case .double(let number): Self.text(number).utf8.count + Self.overhead
        }
    }

    static func text(_ number: Double) -> String {
        if number.isInfinite { return number < 0 ? "-inf" : "inf" }
        return number.isNaN ? "nan" : "\(number)"
    }

    private struct Cursor {
        let memory: UnsafeMutableRawBufferPointer
        var offset = 0

        mutating func byte(_ byte: UInt8) {
            self.memory[self.offset] = byte
            self.offset += 1
        }

        mutating func end() {
            self.byte(0x0d)
            self.byte(0x0a)
        }

        mutating func header(_ type: UInt8, _ count: Int) {
            self.byte(type)
            self.decimal(count)
            self.end()
        }

        mutating func copy(_ source: UnsafeRawBufferPointer) {
            guard let start = self.memory.baseAddress, let bytes = source.baseAddress else { return }
            precondition(self.memory.count - self.offset >= source.count)
            (start + self.offset).copyMemory(from: bytes, byteCount: source.count)
            self.offset += source.count
        }

        mutating func bulk(_ text: String) {
            var text = text
            text.withUTF8 { utf8 in
                self.header(0x24, utf8.count)
                self.copy(UnsafeRawBufferPointer(utf8))
            }
            self.end()
        }

        mutating func bulk(_ argument: RedisArgument) {
            switch argument {
            case .string(let text):
                self.bulk(text)
            case .bytes(let bytes):
                self.header(0x24, bytes.readableBytes)
                bytes.withUnsafeReadableBytes { self.copy($0) }
                self.end()
            case .integer(let number):
                self.header(0x24, Self.digits(number))
                self.decimal(number)
                self.end()
            case .double(let number):
                self.bulk(RESPEncoder.text(number))
            }
        }

        private static func digits(_ number: Int) -> Int {
            var digits = number < 0 ? 2 : 1
            var rest = number.magnitude / 10
            while rest > 0 {
                digits += 1
                rest /= 10
            }
            return digits
        }

        mutating func decimal(_ number: Int) {
            // Most counts and lengths.
            if number >= 0, number < 10 { return self.byte(0x30 + UInt8(truncatingIfNeeded: number)) }
            let digits = Self.digits(number)
            var rest = number.magnitude
            var index = self.offset + digits
            repeat {
                index -= 1
                let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
                self.memory[index] = 0x30 + UInt8(truncatingIfNeeded: digit)
                rest = quotient
            } while rest > 0
            if number < 0 { self.memory[self.offset] = 0x2d }
            self.offset += digits
        }
    }
}
