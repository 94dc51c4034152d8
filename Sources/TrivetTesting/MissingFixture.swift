/// A test asked for a fixture that no trait provides.
public struct MissingFixture: Error, Sendable, CustomStringConvertible {
    /// What is missing and how to add it.
    public let description: String

    init(_ fixture: String, trait: String) {
        description =
            "This test uses \(fixture), which only the trait \(trait) provides: add it to the test or its suite."
    }
}
