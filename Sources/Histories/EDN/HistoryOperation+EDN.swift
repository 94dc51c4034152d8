extension HistoryOperation {
    /// The operation as one line of EDN, in the form that Jepsen's checker Elle reads, without the line's end.
    package var edn: String {
        var text: [UInt8] = []
        appendEDN(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    func appendEDN(to text: inout [UInt8]) {
        text += "{:index \(index) :type :\(kind.rawValue) :process \(process) :time \(time) :f :txn :value [".utf8
        for (number, operation) in value.enumerated() {
            if number > 0 { text.append(UInt8(ascii: " ")) }
            operation.appendEDN(to: &text)
        }
        text += "]}".utf8
    }
}

extension MicroOperation: CustomStringConvertible {
    package var description: String {
        var text: [UInt8] = []
        appendEDN(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    fileprivate func appendEDN(to text: inout [UInt8]) {
        switch self {
        case .append(let key, let value):
            text += "[:append ".utf8
            text.appendEDN(string: key)
            text += " \(value)]".utf8
        case .write(let key, let value):
            text += "[:w ".utf8
            text.appendEDN(string: key)
            text += " \(value)]".utf8
        case .read(let key, let reading):
            text += "[:r ".utf8
            text.appendEDN(string: key)
            text.append(UInt8(ascii: " "))
            reading.appendEDN(to: &text)
            text.append(UInt8(ascii: "]"))
        }
    }
}

extension Reading: CustomStringConvertible {
    package var description: String {
        var text: [UInt8] = []
        appendEDN(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    fileprivate func appendEDN(to text: inout [UInt8]) {
        switch self {
        case .nothing: text += "nil".utf8
        case .register(let value): text += "\(value)".utf8
        case .list(let values):
            text.append(UInt8(ascii: "["))
            for (number, value) in values.enumerated() {
                if number > 0 { text.append(UInt8(ascii: " ")) }
                text += String(value).utf8
            }
            text.append(UInt8(ascii: "]"))
        }
    }
}

extension [UInt8] {
    fileprivate mutating func appendEDN(string: String) {
        append(UInt8(ascii: "\""))
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""): self += #"\""#.utf8
            case UInt8(ascii: "\\"): self += #"\\"#.utf8
            case .newline: self += #"\n"#.utf8
            case 0x0D: self += #"\r"#.utf8
            default: append(byte)
            }
        }
        append(UInt8(ascii: "\""))
    }
}
