/// What is wrong in a configuration: everything at once, each with its key, value and what is allowed. Values of secrets are never in it.
public struct StoresConfigurationError: Error, Sendable, Hashable {
    /// One thing that is wrong.
    public struct Problem: Sendable, Hashable, CustomStringConvertible {
        /// The key, or the file that can't be read.
        public let key: String
        /// The value as it was given; nil where none was, and for secrets.
        public let value: String?
        /// What is wrong, or what is allowed.
        public let explanation: String

        /// One sentence.
        public var description: String {
            value.map { "\(key) is “\($0)”: \(explanation)" } ?? "\(key): \(explanation)"
        }
    }

    /// Everything that is wrong, in the order of the documentation.
    public let problems: [Problem]
}

extension StoresConfigurationError: CustomStringConvertible {
    /// A line for each problem.
    public var description: String {
        "The configuration can't be used.\n" + problems.map { "  \($0)" }.joined(separator: "\n")
    }
}
