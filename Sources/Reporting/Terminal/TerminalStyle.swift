/// How text is set off on a terminal. Signs and words carry the meaning; colour only repeats it.
package struct TerminalStyle: Sendable {
    let hasColor: Bool

    /// - Parameter hasColor: false for files, pipes, and where NO_COLOR is set (no-color.org).
    package init(hasColor: Bool) {
        self.hasColor = hasColor
    }

    func bold(_ text: String) -> String { wrap(text, "1") }
    func faint(_ text: String) -> String { wrap(text, "2") }
    func green(_ text: String) -> String { wrap(text, "32") }
    func red(_ text: String) -> String { wrap(text, "31") }
    func yellow(_ text: String) -> String { wrap(text, "33") }

    private func wrap(_ text: String, _ code: String) -> String {
        hasColor ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
