/// Many questions at once: with twenty of them, one is answered wrongly by chance alone.
enum Holm {
    /// Probabilities that can be held to one limit however many there are: among those that are below it, the chance that even one is there by chance
    /// is at most the limit (Holm, Scandinavian Journal of Statistics 1979). In the order of `probabilities`.
    static func adjusted(_ probabilities: [Double]) -> [Double] {
        var adjusted = probabilities
        var greatest = 0.0
        for (place, index) in probabilities.indices.sorted(by: { probabilities[$0] < probabilities[$1] }).enumerated() {
            greatest = max(greatest, min(1, probabilities[index] * Double(probabilities.count - place)))
            adjusted[index] = greatest
        }
        return adjusted
    }
}
