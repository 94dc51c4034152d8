/// Which names somebody may have meant.
package enum NearestNames {
    /// The nearest first; at most three, none that has little in common.
    package static func of(_ name: String, among names: [String]) -> [String] {
        let reach = max(2, name.count / 3)
        return names.map { ($0, distance(name.lowercased(), $0.lowercased())) }
            .filter { other, distance in
                distance <= reach || (name.count >= 3 && other.lowercased().contains(name.lowercased()))
            }
            .sorted { ($0.1, $0.0) < ($1.1, $1.0) }.prefix(3).map(\.0)
    }

    /// How many letters have to be changed, added, left out or swapped with the next: the optimal string alignment distance (after Damerau,
    /// Communications of the ACM 1964).
    package static func distance(_ a: String, _ b: String) -> Int {
        let (a, b) = (Array(a), Array(b))
        var rows = [Array(0...b.count)]
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var least = min(row[j] + 1, rows[i][j + 1] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { least = min(least, rows[i - 1][j - 1] + 1) }
                row.append(least)
            }
            rows.append(row)
        }
        return rows[a.count][b.count]
    }
}
