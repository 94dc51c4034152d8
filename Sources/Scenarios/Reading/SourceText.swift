import Yams

/// A file's text with what was found wrong in it.
///
/// Belongs to one reading, on one thread.
final class SourceText {
    private let lines: [[Unicode.Scalar]]
    private(set) var problems: [ScenarioProblem] = []

    init(_ text: String) {
        lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(Array.init)
    }

    func add(_ message: String, at position: SourcePosition) {
        let problem = ScenarioProblem(position: position, message: message)
        // What is used in several places is read several times.
        if !problems.contains(problem) { problems.append(problem) }
    }

    func add(_ message: String, at node: Node) {
        add(message, at: position(of: node))
    }

    func position(of node: Node) -> SourcePosition {
        SourcePosition(line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    }

    /// Where the `number`-th occurrence of a part of a text stands, which may go over several lines and be written in
    /// any of YAML's styles.
    func position(of part: String, occurrence number: Int = 0, in node: Node) -> SourcePosition {
        let start = position(of: node)
        let wanted = Array(part.unicodeScalars)
        var left = number
        for index in max(0, start.line - 1)..<lines.count where !wanted.isEmpty {
            let line = lines[index]
            var column = index == start.line - 1 ? start.column - 1 : 0
            while column + wanted.count <= line.count {
                if Array(line[column..<column + wanted.count]) == wanted {
                    if left == 0 { return SourcePosition(line: index + 1, column: column + 1) }
                    left -= 1
                    column += wanted.count
                } else {
                    column += 1
                }
            }
        }
        return start
    }
}
