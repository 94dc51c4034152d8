/// A place in a file, both counted from 1; columns in Unicode scalars, as editors count them.
package struct SourcePosition: Sendable, Hashable, Comparable {
    package var line: Int
    package var column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    package static func < (a: SourcePosition, b: SourcePosition) -> Bool { (a.line, a.column) < (b.line, b.column) }
}

/// Something that is wrong with a scenario's file.
package struct ScenarioProblem: Sendable, Hashable {
    package var position: SourcePosition
    /// What it is, and what would be right.
    package var message: String

    package init(position: SourcePosition, message: String) {
        self.position = position
        self.message = message
    }
}

/// A file that is no scenario: everything that is wrong with it at once.
package struct ScenarioFileError: Error, Sendable, Hashable, CustomStringConvertible {
    package var file: String
    /// In the order of the file.
    package var problems: [ScenarioProblem]

    /// A line for each problem, as compilers write theirs, so that editors find the place.
    package var description: String {
        problems.map { "\(file):\($0.position.line):\($0.position.column): \($0.message)" }.joined(separator: "\n")
    }
}
