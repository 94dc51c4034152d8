import Spelling

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
        return names.map { (name: $0, distance: NearestNames.distance(wrong.lowercased(), $0.lowercased())) }
            .filter { $0.distance <= reach && $0.distance < max($0.name.count, 2) }
            .min { $0.distance < $1.distance }?.name
    }
}
