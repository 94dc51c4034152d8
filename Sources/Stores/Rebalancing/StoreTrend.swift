/// What the policy remembers of a store from look to look.
struct StoreTrend: Sendable, Equatable {
    enum Direction: Sendable {
        case gave
        case received
    }

    /// How much a look counts against all before it.
    private static let weight = 0.3
    /// How much of a peak is left at the next look.
    private static let peakDecay = 0.95
    /// Connections in use from which on those who wait are taken to wait for the limit, and not for connecting.
    private static let saturation = 0.7
    /// Tasks waiting, on average, that are worth a move.
    private static let leastQueue = 0.25
    /// Utilisation from which on the next burst will wait.
    private static let highUtilization = 0.9
    private static let largestFactor = 16

    /// In use, smoothed.
    private(set) var use = 0.0
    /// Waiting for the limit, smoothed.
    private(set) var queue = 0.0
    /// The most in use of late, going down slowly: so that a lull of a second gives nothing away.
    private(set) var peak = 0.0
    /// At how many looks in a row tasks have waited for the limit.
    private(set) var waitingLooks = 0
    /// At how many looks in a row it has been busy, whether tasks waited or not.
    private(set) var needyLooks = 0
    /// The same, not begun anew by getting connections.
    private(set) var leastLooks = 0
    private var isNew = true

    private var direction: Direction?
    private var directionSince: Duration = .zero
    private var factor = 1

    var isWaiting: Bool { waitingLooks > 0 }
    /// What the store would use if it could.
    var load: Double { use + queue }

    mutating func look(_ store: StoreLoad, elapsed: Duration) {
        guard !store.isDown else {
            // Its waiting says that it is down, nothing else; and afterwards all is new.
            self = StoreTrend(keepingDirectionOf: self)
            return
        }
        let inUse = min(Double(store.inUse), Double(store.limit))
        let isSaturated = inUse >= Self.saturation * Double(store.limit)
        let meanQueue = elapsed > .zero ? store.waited / elapsed : 0
        let queueNow = isSaturated ? max(Double(store.waiting), meanQueue) : 0
        let weight = isNew ? 1 : Self.weight
        isNew = false
        use += weight * (inUse - use)
        queue += weight * (queueNow - queue)
        peak = max(inUse, peak * Self.peakDecay)
        let isWaiting = queueNow >= Self.leastQueue
        let isBusy = min(inUse, use) >= Self.highUtilization * Double(store.limit)
        waitingLooks = isWaiting ? waitingLooks + 1 : 0
        needyLooks = isWaiting || isBusy ? needyLooks + 1 : 0
        leastLooks = isWaiting && store.limit == store.bounds.lowerBound ? leastLooks + 1 : 0
    }

    // MARK: Going one way only

    /// Whether it may go this way now: not soon after it went the other.
    func may(_ wanted: Direction, now: Duration, coolDown: Duration) -> Bool {
        direction == nil || direction == wanted || now - directionSince >= coolDown * factor
    }

    mutating func went(_ way: Direction, _ count: Int, now: Duration, coolDown: Duration) {
        if let direction, direction != way {
            let isSoon = now - directionSince < coolDown * factor * 4
            factor = isSoon ? min(factor * 2, Self.largestFactor) : 1
        }
        direction = way
        directionSince = now
        if way == .received {
            // The next decision is made from what this one brings about.
            queue = max(0, queue - Double(count))
            waitingLooks = 0
            needyLooks = 0
        }
    }
}

extension StoreTrend {
    private init(keepingDirectionOf other: StoreTrend) {
        direction = other.direction
        directionSince = other.directionSince
        factor = other.factor
    }
}
