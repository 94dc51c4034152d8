import Stores

/// Some of the stores. A set of ``StoreKind`` hashes their names each time, of which a short unit would notice the sum.
struct StoreSet: OptionSet, Hashable, Sendable {
    let rawValue: UInt8

    static let sqlite = StoreSet(.sqlite)
    static let graph = StoreSet(.graph)
    static let redis = StoreSet(.redis)

    init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    init(_ store: StoreKind) {
        rawValue = 1 << store.place
    }

    init(_ stores: Set<StoreKind>) {
        self = stores.reduce(into: []) { $0.insert($1) }
    }

    func contains(_ store: StoreKind) -> Bool { contains(StoreSet(store)) }

    mutating func insert(_ store: StoreKind) { formUnion(StoreSet(store)) }

    /// - Returns: whether it was there.
    @discardableResult
    mutating func remove(_ store: StoreKind) -> Bool {
        defer { subtract(StoreSet(store)) }
        return contains(store)
    }

    /// How many.
    var count: Int { rawValue.nonzeroBitCount }

    /// In the order of ``StoreKind``.
    var members: [StoreKind] { Self.lists[Int(rawValue)] }

    /// The same as a set.
    var kinds: Set<StoreKind> { Self.sets[Int(rawValue)] }

    private static let lists = (UInt8(0)..<8).map { bits in
        StoreKind.allCases.filter { StoreSet(rawValue: bits).contains($0) }
    }
    private static let sets = lists.map { Set($0) }
}

extension StoreKind {
    /// From 0, without gaps.
    var place: Int {
        switch self {
        case .sqlite: 0
        case .graph: 1
        case .redis: 2
        }
    }
}
