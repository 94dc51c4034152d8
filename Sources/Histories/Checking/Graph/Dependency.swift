/// Why one transaction comes before another.
struct Dependency {
    let from: Int32
    let to: Int32
    let kind: DependencyKinds
    /// -1 for an order of transactions.
    let key: Int32
    /// The value that makes the dependency: what was written after (ww, rw), or read (wr).
    let value: Int

    init(from: Int, to: Int, _ kind: DependencyKinds, key: Int = -1, value: Int = 0) {
        self.from = Int32(from)
        self.to = Int32(to)
        self.kind = kind
        self.key = Int32(key)
        self.value = value
    }
}

struct DependencyKinds: OptionSet, Hashable {
    let rawValue: UInt8

    static let ww = DependencyKinds(rawValue: 1)
    static let wr = DependencyKinds(rawValue: 2)
    static let rw = DependencyKinds(rawValue: 4)
    /// The same process ran one after the other.
    static let process = DependencyKinds(rawValue: 8)
    /// One ended before the other began.
    static let realTime = DependencyKinds(rawValue: 16)
    /// ww and rw where only real time tells which version came first.
    static let timedWW = DependencyKinds(rawValue: 32)
    static let timedRW = DependencyKinds(rawValue: 64)

    static let dependencies: DependencyKinds = [.ww, .wr, .rw]
    static let anyRW: DependencyKinds = [.rw, .timedRW]
    static let anyWW: DependencyKinds = [.ww, .timedWW]

    /// The kinds that need the order, and are not there without it. (Real time implies the order within a process.)
    static func needing(_ order: AnomalyName.Order) -> DependencyKinds {
        switch order {
        case .none: []
        case .process: .process
        case .realTime: [.realTime, .timedWW, .timedRW]
        }
    }

    var label: String {
        switch self {
        case .ww, .timedWW: "ww"
        case .wr: "wr"
        case .rw, .timedRW: "rw"
        case .process: "process"
        default: "realtime"
        }
    }
}
