import Foundation

/// About how many different values there were, in memory of a fixed size however many there are.
///
/// Flajolet, Fusy, Gandouet and Meunier, "HyperLogLog" (AofA 2007): each value goes to one of m registers by its hash, which keeps the longest run of
/// zeros. The estimate is Ertl's ("New cardinality estimation algorithms for HyperLogLog sketches", arXiv 1702.01284, algorithm 6), which has no bias to
/// correct at either end. Its standard error is 1.04 / √m. A plain value.
package struct HyperLogLog: Sendable, Hashable {
    /// The binary logarithm of the number of registers.
    private let precision: Int
    private var registers: [UInt8]

    /// - Parameter precision: 4 to 16; a register takes a byte.
    package init(precision: Int = 12) {
        precondition((4...16).contains(precision), "a sketch has 16 to 65 536 registers")
        self.precision = precision
        registers = [UInt8](repeating: 0, count: 1 << precision)
    }

    /// The relative error that two of three estimates don't exceed.
    package var standardError: Double { 1.04 / Double(registers.count).squareRoot() }

    package mutating func insert(_ value: Int) {
        let hash = Self.hash(value)
        let index = Int(hash >> UInt64(64 - precision))
        // The bits that chose the register are out; the bit below them ends the run at the latest.
        let rest = hash << UInt64(precision) | 1 << UInt64(precision - 1)
        registers[index] = max(registers[index], UInt8(rest.leadingZeroBitCount + 1))
    }

    /// Adds all that `other` has seen, as if it had been seen here.
    ///
    /// - Parameter other: of the same precision.
    package mutating func merge(_ other: HyperLogLog) {
        precondition(precision == other.precision, "sketches of different precision can't be put together")
        for index in registers.indices { registers[index] = max(registers[index], other.registers[index]) }
    }

    package var estimate: Double {
        let most = 64 - precision
        var multiplicity = [Double](repeating: 0, count: most + 2)
        for register in registers { multiplicity[Int(register)] += 1 }
        let m = Double(registers.count)
        var z = m * Self.tau(1 - multiplicity[most + 1] / m)
        for k in stride(from: most, through: 1, by: -1) { z = (z + multiplicity[k]) / 2 }
        z += m * Self.sigma(multiplicity[0] / m)
        return m * m / (2 * log(2) * z)
    }

    /// What SplitMix64 makes of a number: no two numbers have the same.
    private static func hash(_ value: Int) -> UInt64 {
        var z = UInt64(bitPattern: Int64(value)) &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// x + Σ x^(2^k) · 2^(k-1), until it doesn't change any more: the part of empty registers.
    private static func sigma(_ x: Double) -> Double {
        guard x < 1 else { return .infinity }
        var (x, y, z) = (x, 1.0, x)
        while true {
            x *= x
            let before = z
            z += x * y
            y += y
            if z == before { return z }
        }
    }

    /// The part of full registers.
    private static func tau(_ x: Double) -> Double {
        guard x > 0, x < 1 else { return 0 }
        var (x, y, z) = (x, 1.0, 1 - x)
        while true {
            x = x.squareRoot()
            let before = z
            y /= 2
            z -= (1 - x) * (1 - x) * y
            if z == before { return z / 3 }
        }
    }
}
