public import GRDB

/// A key of Redis that holds a copy of a row.
public struct CacheMapping: Sendable {
    /// The key.
    public var key: KeyPattern
    /// How its value is made.
    public var value: Form
    /// How long a value stays; nil for as long as the row does. A key that may expire may be missing.
    public var expiry: Duration?

    /// How a key's value is made of a row.
    public enum Form: Sendable {
        /// A string: one column as text; a blob as its bytes. NULL means that there is no key.
        case string(String)
        /// A string: a JSON object. Blobs stand in it as Base64.
        case json(ColumnMap)
        /// A hash. Columns that are NULL have no field; when all are, there is no key.
        case hash(ColumnMap)
        /// What a closure makes of the row.
        case custom(Custom)
    }

    /// A value that Swift code makes.
    public struct Custom: Sendable {
        /// The columns that the closure reads: the row has these only, and a change of others is not noticed.
        public var columns: [String]
        /// To be raised when the closure makes other values than before, so that all keys are made again.
        public var version: Int
        /// Makes the value; nil for no key. It runs on the coordinator's thread, so it must be quick, and depend on the
        /// row alone.
        public var make: @Sendable (Row) throws -> CacheValue?

        /// A value that `make` makes.
        public init(columns: [String], version: Int = 1, _ make: @escaping @Sendable (Row) throws -> CacheValue?) {
            self.columns = columns
            self.version = version
            self.make = make
        }
    }

    /// A key that holds a copy of a row; each parameter is explained at its property.
    public init(key: KeyPattern, value: Form, expiry: Duration? = nil) {
        self.key = key
        self.value = value
        self.expiry = expiry
    }

    /// The columns that the value depends on.
    var valueColumns: [String] {
        switch value {
        case .string(let column): [column]
        case .json(let map), .hash(let map): map.columns
        case .custom(let custom): custom.columns
        }
    }
}

/// What a key of Redis is to hold.
public enum CacheValue: Sendable, Hashable {
    /// A string's bytes.
    case string([UInt8])
    /// A hash's fields.
    case hash([String: [UInt8]])

    /// A string of text.
    public static func text(_ text: String) -> CacheValue { .string(Array(text.utf8)) }
}

extension CacheValue {
    /// The changes that make a key hold it, whatever the key held before.
    func effects(expiresAt: Int64?) -> [CacheEffect] {
        switch self {
        case .string(let bytes): return [.set(bytes, expiresAt: expiresAt)]
        case .hash(let fields):
            guard !fields.isEmpty else { return [.delete] }
            let sorted = fields.sorted { $0.key < $1.key }.map { CacheField(name: Bytes($0.key.utf8), value: $0.value) }
            return [.delete, .setFields(sorted)] + (expiresAt.map { [.expire(at: $0)] } ?? [])
        }
    }
}
