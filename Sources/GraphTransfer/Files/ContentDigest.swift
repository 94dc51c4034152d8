/// What rows say, in whatever order: the sum of their SHA-256, as numbers of 256 bits, modulo 2^256. Rows that are there twice count twice.
struct ContentDigest {
    private(set) var rows = 0
    private var sum = [UInt32](repeating: 0, count: 8)

    mutating func add(_ row: [UInt8]) {
        rows += 1
        var hasher = SHA256()
        hasher.update(row)
        let words = hasher.finalize()
        var carry: UInt64 = 0
        for index in sum.indices.reversed() {
            carry += UInt64(sum[index]) + UInt64(words[index])
            sum[index] = UInt32(truncatingIfNeeded: carry)
            carry >>= 32
        }
    }

    /// 64 hexadecimal digits.
    var text: String { SHA256.hexadecimal(sum) }
}
