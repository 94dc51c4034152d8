/// A mapping that can't be: the place, what is wrong with it, and what to write instead.
public struct MappingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where, such as `mappings[0].cache.key`.
    public let place: String
    /// What is wrong.
    public let reason: String
    /// What can be done about it.
    public let remedy: String

    /// Place, reason and remedy.
    public var description: String { "\(place): \(reason). \(remedy)" }

    init(_ place: String, _ reason: String, remedy: String) {
        self.place = place
        self.reason = reason
        self.remedy = remedy
    }

    /// A name that does not exist, with the one that was probably meant.
    static func unknown(_ kind: String, _ name: String, at place: String, known: [String]) -> MappingError {
        guard let nearest = NearestName.nearest(to: name, in: known) else {
            return MappingError(place, "there is no \(kind) \"\(name)\"", remedy: "There are none at all.")
        }
        let others = known.count <= 12 ? " There are: \(known.joined(separator: ", "))." : ""
        return MappingError(
            place, "there is no \(kind) \"\(name)\"", remedy: "Did you mean \"\(nearest)\"?\(others)")
    }
}

/// Finds what was probably meant.
enum NearestName {
    /// The name with the fewest letters to add, remove or change; of several the first.
    static func nearest(to wrong: String, in names: [String]) -> String? {
        let letters = Array(wrong.lowercased())
        return names.min { distance(letters, Array($0.lowercased())) < distance(letters, Array($1.lowercased())) }
    }

    /// Levenshtein's distance (1966), row by row.
    private static func distance(_ a: [Character], _ b: [Character]) -> Int {
        var last = Array(0...b.count)
        for (i, letter) in a.enumerated() {
            var row = [i + 1]
            for (j, other) in b.enumerated() {
                row.append(min(last[j] + (letter == other ? 0 : 1), last[j + 1] + 1, row[j] + 1))
            }
            last = row
        }
        return last[b.count]
    }
}
