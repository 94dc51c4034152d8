/// Waiting times that double up to a limit, each drawn from the upper half so that many who failed together do not come back together.
struct BackOff: Sendable, Hashable {
    var first: Duration
    var longest: Duration

    func delay(afterFailures failures: Int, _ generator: inout JitterGenerator) -> Duration {
        let doublings = min(max(failures - 1, 0), 20)
        let full = min(self.first * (1 << doublings), self.longest)
        return full / 2 + full / 2 * Double.random(in: 0...1, using: &generator)
    }
}

/// Randomness as a value, so that the logic that uses it can be tested from a seed.
struct JitterGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) {
        self.state = seed
    }

    /// A Weyl sequence with the mixing of MurmurHash3.
    mutating func next() -> UInt64 {
        self.state &+= 0x9e37_79b9_7f4a_7c15
        var value = self.state
        value = (value ^ (value >> 33)) &* 0xff51_afd7_ed55_8ccd
        value = (value ^ (value >> 33)) &* 0xc4ce_b9fe_1a85_ec53
        return value ^ (value >> 33)
    }
}
