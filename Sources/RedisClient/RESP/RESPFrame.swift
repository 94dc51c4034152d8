import NIOCore

/// An aggregate of which not everything has arrived.
///
/// The payloads are separate properties, not the cases of an enum: an array inside an enum cannot be appended to in place.
struct RESPFrame {
    enum Kind {
        case array
        case set
        case push
        case map
        case attributes
        /// Attributes are complete; the value they belong to follows.
        case attributed
        /// A streamed string, as far as its chunks have arrived.
        case string

        init(_ type: RESPType) {
            switch type {
            case .set: self = .set
            case .push: self = .push
            case .map: self = .map
            case .attributes: self = .attributes
            default: self = .array
            }
        }
    }

    enum Completion {
        case value(RESPValue)
        case attributes([RESPPair])
    }

    let kind: Kind
    /// How many values are missing; nil when an end marker tells.
    private var remaining: Int?
    private var values: [RESPValue] = []
    private var pairs: [RESPPair] = []
    private var key: RESPValue?
    private(set) var text = ByteBuffer()

    /// The most places reserved on an announcement alone.
    private static let reservation = 1024

    init(_ kind: Kind, remaining: Int?, attributes: [RESPPair] = []) {
        self.kind = kind
        self.remaining = remaining
        // A count that was only announced must not cost memory in proportion.
        let places = min(remaining ?? 0, Self.reservation)
        switch kind {
        case .array, .set, .push: self.values.reserveCapacity(places)
        case .map, .attributes: self.pairs.reserveCapacity(places / 2)
        case .attributed: self.pairs = attributes
        case .string: break
        }
    }

    var isStreamed: Bool { self.remaining == nil }

    /// Adds a value, and returns the whole when it was the last.
    mutating func append(_ value: RESPValue) -> Completion? {
        switch self.kind {
        case .attributed:
            return .value(.attributed(RESPAttributedValue(attributes: self.pairs, value: value)))
        case .map, .attributes:
            if let key = self.key {
                self.key = nil
                self.pairs.append(RESPPair(key, value))
            } else {
                self.key = value
            }
        case .array, .set, .push, .string:
            self.values.append(value)
        }
        guard let missing = self.remaining else { return nil }
        self.remaining = missing - 1
        guard missing == 1 else { return nil }
        if case .attributes = self.kind { return .attributes(self.pairs) }
        return .value(self.value)
    }

    mutating func append(chunk: ByteBuffer) {
        self.text.writeImmutableBuffer(chunk)
    }

    /// The whole, when an end marker may stand here.
    var endOfStream: RESPValue? {
        guard self.isStreamed, self.key == nil, self.kind != .string else { return nil }
        return self.value
    }

    var value: RESPValue {
        switch self.kind {
        case .array: .array(self.values)
        case .set: .set(self.values)
        case .push: .push(self.values)
        case .map, .attributes, .attributed: .map(self.pairs)
        case .string: .bulkString(self.text)
        }
    }
}
