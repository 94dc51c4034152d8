import Measurement

/// Something that a simulated user does.
struct UserAction: Sendable, Hashable {
    static let kinds = ["view", "like", "share", "buy"]
    static let items = 200

    var user: Int
    var kind: String
    var item: Int
    /// How long it took the user.
    var spent: Duration
    /// How long it had been when it was told: a phone without a network tells later.
    var delay: Duration

    /// - Parameters:
    ///   - users: their ids are 1 to this.
    ///   - lateness: of the engine that will see it: some come late, and most of these in time.
    init(users: Int, lateness: Duration, using generator: inout SplitMix64) {
        // Some users and some items come up more often than others.
        func pick(_ count: Int) -> Int {
            let place = Double.random(in: 0..<1, using: &generator)
            return 1 + Int(place * place * Double(count))
        }
        user = pick(users)
        item = pick(Self.items)
        let place = Int.random(in: 0..<10, using: &generator)
        kind = Self.kinds[place < 6 ? 0 : place < 8 ? 1 : place < 9 ? 2 : 3]
        // From 50 ms to almost a minute, the short ones as often as the long ones.
        let shift = Int.random(in: 0..<10, using: &generator)
        spent = .microseconds(Int.random(in: 50_000..<100_000, using: &generator) << shift)
        let most = Int(lateness / .milliseconds(1))
        let milliseconds =
            switch Int.random(in: 0..<100, using: &generator) {
            case 0..<85: Int.random(in: 0...20, using: &generator)
            case 85..<97: Int.random(in: 20...max(20, most * 9 / 10), using: &generator)
            default: Int.random(in: most * 3 / 2...max(1, most * 5), using: &generator)
            }
        delay = .milliseconds(milliseconds)
    }
}
