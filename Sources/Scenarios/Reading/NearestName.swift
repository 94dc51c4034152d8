/// What somebody may have meant.
enum NearestName {
    /// `; did you mean "x"?`, or what there is when nothing is near.
    static func hint(for wrong: String, among names: [String]) -> String {
        if let near = nearest(to: wrong, among: names) { return "; did you mean \"\(near)\"?" }
        return names.isEmpty ? "" : "; there are: \(names.joined(separator: ", "))"
    }

    /// The one with the fewest letters to change, of several the first; nil when all have little in common with it.
    static func nearest(to wrong: String, among names: [String]) -> String? {
        let reach = max(2, wrong.count / 3)
        return names.map { (name: $0, distance: distance(wrong.lowercased(), $0.lowercased())) }
            .filter { $0.distance <= reach && $0.distance < max($0.name.count, 2) }
            .min { $0.distance < $1.distance }?.name
    }

    /// How many letters have to be changed, added, left out or swapped with the next: the optimal string alignment
    /// distance (after Damerau, Communications of the ACM 1964).
    static func distance(_ a: String, _ b: String) -> Int {
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
