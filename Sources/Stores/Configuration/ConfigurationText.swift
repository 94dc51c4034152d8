/// Durations and sizes as people write them.
enum ConfigurationText {
    private static let durations: [(unit: String, nanoseconds: Double)] = [
        ("ns", 1), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("s", 1e9), ("min", 60e9), ("m", 60e9), ("h", 3600e9),
        ("d", 86_400e9),
    ]

    private static let sizes: [(unit: String, bytes: Int64)] = [
        ("B", 1), ("KB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000),
        ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40),
    ]

    /// "30s", "1.5 h", "500ms": a number that is not negative, and a unit.
    static func duration(_ text: String) -> Duration? {
        guard let (number, unit) = split(text), let scale = durations.first(where: { $0.unit == unit.lowercased() })
        else { return nil }
        let nanoseconds = (number * scale.nanoseconds).rounded()
        // 292 years.
        guard nanoseconds < 9e18 else { return nil }
        return .nanoseconds(Int64(nanoseconds))
    }

    /// In the largest unit that is exact.
    static func text(_ duration: Duration) -> String {
        if duration == .zero { return "0s" }
        let (seconds, attoseconds) = duration.components
        if attoseconds == 0 {
            if seconds % 3600 == 0 { return "\(seconds / 3600)h" }
            if seconds % 60 == 0 { return "\(seconds / 60)m" }
            return "\(seconds)s"
        }
        let milliseconds = attoseconds / 1_000_000_000_000_000
        if milliseconds * 1_000_000_000_000_000 == attoseconds { return "\(seconds * 1_000 + milliseconds)ms" }
        return "\(duration / .microseconds(1))us"
    }

    /// "128MiB", "10 MB", "4096B": a number that is not negative, and a unit. Case does not matter.
    static func bytes(_ text: String) -> Int64? {
        guard let (number, unit) = split(text),
            let scale = sizes.first(where: { $0.unit.lowercased() == unit.lowercased() })
        else { return nil }
        let bytes = number * Double(scale.bytes)
        guard bytes < 9e18, bytes == bytes.rounded() else { return nil }
        return Int64(bytes)
    }

    /// In the largest unit that is exact.
    static func bytes(_ bytes: Int64) -> String {
        let scale = sizes.reversed().first { bytes > 0 && bytes % $0.bytes == 0 && $0.unit.hasSuffix("iB") }
        guard let scale else { return "\(bytes)B" }
        return "\(bytes / scale.bytes)\(scale.unit)"
    }

    private static func split(_ text: String) -> (number: Double, unit: String)? {
        let text = text.trimmed
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard let number = Double(digits) else { return nil }
        return (number, text.dropFirst(digits.count).trimmed)
    }
}
