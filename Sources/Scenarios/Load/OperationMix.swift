import Measurement

/// Which operation comes next, by their weights. A plain value.
package struct OperationMix: Sendable, Hashable {
    private let ends: [Double]

    /// - Parameter weights: one at least, each more than 0.
    package init(_ weights: [Double]) {
        precondition(!weights.isEmpty && weights.allSatisfy { $0 > 0 })
        var sum = 0.0
        ends = weights.map { weight in
            sum += weight
            return sum
        }
    }

    package func next(using generator: inout SplitMix64) -> Int {
        let place = Double.random(in: 0..<(ends.last ?? 1), using: &generator)
        return ends.firstIndex { place < $0 } ?? ends.count - 1
    }
}
