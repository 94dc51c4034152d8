/// A run that ended with an error, such as a missing engine: there are no figures, and its reports say why.
package struct RunFailure: Error, Sendable, Hashable {
    static let verdict = "The run did not come to an end."

    var profile: String
    /// What repeats it.
    var command: String
    /// What went wrong.
    var reason: String

    package init(profile: String, command: String, reason: String) {
        self.profile = profile
        self.command = command
        self.reason = reason
    }
}
