import Foundation
import Testing

@Suite("The README is true")
struct ReadmeTests {
    private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    private func files(_ folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent(folder).path).sorted()
    }

    @Test("Every example in Swift, here and in the documentation, is a text that the compiler checks")
    func examples() throws {
        var checked = try text("Tests/IntegrationTests/SignUpExample.swift").shownParts
        for file in try files("Snippets") { checked += try text("Snippets/\(file)").shownParts }
        var examples: Set<String> = []
        for document in try ["README.md"] + files("Documentation").map({ "Documentation/\($0)" })
        where document.hasSuffix(".md") {
            for example in try text(document).blocks(of: "swift") {
                #expect(checked.contains(example), "no snippet has this of \(document):\n\(example)")
                examples.insert(example)
            }
        }
        #expect(Set(checked) == examples, "a snippet that nobody reads")
    }

    @Test("Every hazard of the documentation has a test that names it")
    func hazards() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("GraphClientTests/Hazards")
        let tests = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .map { try String(contentsOf: $0, encoding: .utf8) }.joined()
        let documentation = try text("Documentation/graph-engine-hazards.md")
        let numbers = documentation.matches(of: /\n\| H(\d+) \|/).compactMap { Int($0.output.1) }
        #expect(numbers.count >= 27 && numbers == Array(1...numbers.count))
        for number in numbers {
            #expect(tests.contains("\"H\(number): "), "no test for H\(number)")
        }
    }
}

extension String {
    /// A snippet's parts that readers see, which it says as SwiftPM's snippets do: all but what is between `snippet.hide` and `snippet.show`.
    fileprivate var shownParts: [String] {
        var parts: [[Substring]] = [[]]
        var isShown = true
        for line in split(separator: "\n", omittingEmptySubsequences: false) {
            switch line.drop(while: { $0 == " " }) {
            case "// snippet.hide": isShown = false
            case "// snippet.show":
                isShown = true
                parts.append([])
            default: if isShown { parts[parts.count - 1].append(line) }
            }
        }
        return parts.map(\.withoutIndentation).filter { !$0.isEmpty }
    }

    /// The code blocks of a document in Markdown in one language.
    fileprivate func blocks(of language: String) -> [String] {
        split(separator: "\n```\(language)\n").dropFirst().compactMap { rest in
            rest.split(separator: "\n```").first.map(String.init)
        }
    }
}

extension [Substring] {
    /// As one text, as far to the left as its lines allow.
    fileprivate var withoutIndentation: String {
        let indentation = filter { !$0.isEmpty }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
        return map { $0.dropFirst(indentation) }.joined(separator: "\n").trimmingCharacters(in: .newlines)
    }
}
