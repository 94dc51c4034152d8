import Foundation
import Reporting

/// Results go to standard output, progress and errors to standard error.
enum Console {
    static func print(_ text: String) {
        write(text, to: .standardOutput)
    }

    static func printError(_ text: String) {
        write(text, to: .standardError)
    }

    private static func write(_ text: String, to handle: FileHandle) {
        // A reader that has gone away, as in `trivet run | head`, is no reason to fail.
        try? handle.write(contentsOf: Data((text.hasSuffix("\n") ? text : text + "\n").utf8))
    }

    /// Colour where a person reads along: on a terminal, unless NO_COLOR (no-color.org) is set or TERM is "dumb".
    static func style(for descriptor: CInt) -> TerminalStyle {
        let environment = ProcessInfo.processInfo.environment
        let isWanted = environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
        return TerminalStyle(hasColor: isWanted && isatty(descriptor) == 1)
    }
}

/// A result could not be written.
struct OutputError: Error, CustomStringConvertible {
    let path: String
    let reason: String
    var description: String { "Can't write \(path): \(reason)" }
}

/// Arguments that are each right and don't fit together, or don't fit the machine.
struct ConfigurationError: Error, CustomStringConvertible {
    let description: String
}
