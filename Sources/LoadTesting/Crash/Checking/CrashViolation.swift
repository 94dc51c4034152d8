/// A promise that was not kept.
package struct CrashViolation: Sendable, Hashable, Codable, CustomStringConvertible {
    /// Which one: I1 to I5 and I7 of the protocol, T5 for recovery, T8 for what the verifier found.
    package var promise: String
    /// What is wrong.
    package var text: String

    package var description: String { "\(promise): \(text)" }

    init(_ promise: String, _ text: String) {
        self.promise = promise
        self.text = text
    }
}
