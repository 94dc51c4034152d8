/// What the process under test tells, one line each, written to its standard output before it does anything else: what
/// was written is in the pipe, however the process ends.
package enum CrashMessage: Sendable, Hashable {
    /// The coordinator is open, the stores are recovered.
    case opened
    /// A unit is about to be run.
    case began(Int)
    /// It was acknowledged, with its number.
    case acknowledged(Int, number: UInt64)
    /// Instead of it, an earlier unit with its idempotency key has happened.
    case repeated(Int, of: Int)
    /// It has failed, with the promise that nothing of it happened.
    case failed(Int, String)
    /// It has failed, and nobody knows what became of it.
    case unknown(Int, String)
    /// The process is about to end at a failpoint.
    case failpoint(String)
    /// What a process of these stores can't go on after.
    case broken(String)

    var line: String {
        switch self {
        case .opened: "opened"
        case .began(let unit): "began \(unit)"
        case .acknowledged(let unit, let number): "acknowledged \(unit) \(number)"
        case .repeated(let unit, let earlier): "repeated \(unit) \(earlier)"
        case .failed(let unit, let text): "failed \(unit) \(Self.oneLine(text))"
        case .unknown(let unit, let text): "unknown \(unit) \(Self.oneLine(text))"
        case .failpoint(let name): "failpoint \(name)"
        case .broken(let text): "broken \(Self.oneLine(text))"
        }
    }

    /// - Returns: nil for a line that is none of these.
    init?(line: String) {
        let words = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        let unit = words.count > 1 ? Int(words[1]) : nil
        let rest = words.count > 2 ? words[2] : ""
        switch (words.first, unit) {
        case ("opened", _): self = .opened
        case ("began", let unit?): self = .began(unit)
        case ("acknowledged", let unit?):
            guard let number = UInt64(rest) else { return nil }
            self = .acknowledged(unit, number: number)
        case ("repeated", let unit?):
            guard let earlier = Int(rest) else { return nil }
            self = .repeated(unit, of: earlier)
        case ("failed", let unit?): self = .failed(unit, rest)
        case ("unknown", let unit?): self = .unknown(unit, rest)
        case ("failpoint", _): self = .failpoint(words.dropFirst().joined(separator: " "))
        case ("broken", _): self = .broken(words.dropFirst().joined(separator: " "))
        default: return nil
        }
    }

    /// Short enough for a pipe to take it as a whole, whoever else writes.
    private static func oneLine(_ text: String) -> String {
        String(text.map { $0.isNewline ? " " : $0 }.prefix(700))
    }
}
