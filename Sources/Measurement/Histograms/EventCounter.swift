import Synchronization

/// A count of events that any number of threads add to at the same time, without waiting for each other.
public final class EventCounter: Sendable {
    private let counts = StripedAtomics(count: 1)

    /// A counter at 0.
    public init() {}

    /// Counts events. From any thread.
    public func add(_ events: Int = 1) {
        counts.own.pointee.wrappingAdd(UInt64(bitPattern: Int64(events)), ordering: .relaxed)
    }

    /// How many were counted. What is counted during the call may be in it or not.
    public var count: Int {
        var sum: UInt64 = 0
        for number in 0..<counts.stripes { sum &+= counts.stripe(number).pointee.load(ordering: .relaxed) }
        return Int(Int64(bitPattern: sum))
    }
}
