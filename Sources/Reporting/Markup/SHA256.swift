/// SHA-256 as FIPS 180-4 defines it: a page's security policy names its one style sheet by this, so that no other can apply.
enum SHA256 {
    /// The fractional parts of the cube roots of the first 64 primes.
    private static let constants: [UInt32] = primes(64).map { fraction(of: $0, root: 3) }
    /// The fractional parts of the square roots of the first eight primes.
    private static let start: [UInt32] = primes(8).map { fraction(of: $0, root: 2) }

    static func digest(_ message: [UInt8]) -> [UInt8] {
        var bytes = message + [0x80]
        while bytes.count % 64 != 56 { bytes.append(0) }
        bytes += big(UInt64(message.count) * 8)
        var state = start
        for block in Swift.stride(from: 0, to: bytes.count, by: 64) {
            compress(bytes[block..<block + 64], into: &state)
        }
        return state.flatMap { big($0) }
    }

    private static func compress(_ block: ArraySlice<UInt8>, into state: inout [UInt32]) {
        var words = Swift.stride(from: block.startIndex, to: block.endIndex, by: 4).map { index in
            block[index..<index + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        }
        for index in 16..<64 {
            let early = words[index - 15], late = words[index - 2]
            let low = rotate(early, 7) ^ rotate(early, 18) ^ early >> 3
            let high = rotate(late, 17) ^ rotate(late, 19) ^ late >> 10
            words.append(words[index - 16] &+ low &+ words[index - 7] &+ high)
        }
        var s = state
        for index in 0..<64 {
            let choice = s[4] & s[5] ^ ~s[4] & s[6]
            let majority = s[0] & s[1] ^ s[0] & s[2] ^ s[1] & s[2]
            let upper = rotate(s[4], 6) ^ rotate(s[4], 11) ^ rotate(s[4], 25)
            let lower = rotate(s[0], 2) ^ rotate(s[0], 13) ^ rotate(s[0], 22)
            let first = s[7] &+ upper &+ choice &+ constants[index] &+ words[index]
            s = [first &+ lower &+ majority, s[0], s[1], s[2], s[3] &+ first, s[4], s[5], s[6]]
        }
        for index in state.indices { state[index] &+= s[index] }
    }

    private static func rotate(_ word: UInt32, _ bits: UInt32) -> UInt32 { word >> bits | word << (32 - bits) }

    private static func big<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian, Array.init)
    }

    private static func primes(_ count: Int) -> [UInt64] {
        var primes: [UInt64] = []
        var candidate: UInt64 = 2
        while primes.count < count {
            if primes.allSatisfy({ candidate % $0 != 0 }) { primes.append(candidate) }
            candidate += 1
        }
        return primes
    }

    /// The first 32 bits behind the point of a prime's root, found bit by bit in whole numbers.
    private static func fraction(of prime: UInt64, root: Int) -> UInt32 {
        // The greatest x with x^root ≤ prime · 2^(32·root).
        var x: UInt64 = 0
        for bit in (0..<36).reversed() {
            let candidate = x | 1 << UInt64(bit)
            if isAtMost(candidate, prime, root: root) { x = candidate }
        }
        return UInt32(truncatingIfNeeded: x)
    }

    private static func isAtMost(_ x: UInt64, _ prime: UInt64, root: Int) -> Bool {
        let limit = UInt128(prime) << UInt128(32 * root)
        return (0..<root).reduce(UInt128(1)) { power, _ in power * UInt128(x) } <= limit
    }
}
