import Foundation
import Testing

@Suite("The README is true")
struct ReadmeTests {
    private func text(_ path: String) throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    @Test(
        "Examples in Swift are the snippets that the compiler checks",
        arguments: [("README.md", "ThreeStores"), ("Documentation/dashboard.md", "ServiceDashboard")])
    func example(document: String, snippet: String) throws {
        let whole = try text("Snippets/\(snippet).swift")
        // What is imported for the compiler's sake need not be shown.
        let shown =
            document == "README.md" ? whole : whole.split(separator: "// snippet.show\n").last.map(String.init) ?? ""
        let code = shown.replacing("// snippet.show\n", with: "").replacing("// snippet.hide\n", with: "")
            .trimmingCharacters(in: .whitespacesAndNewlines)
        let chapter = try text(document)
        #expect(!code.isEmpty && chapter.contains("```swift\n\(code)\n```"))
    }

    @Test("Every hazard of the documentation has a test that names it")
    func hazards() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("GraphClientTests/Hazards")
        let tests = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .map { try String(contentsOf: $0, encoding: .utf8) }.joined()
        let documentation = try text("Documentation/graph-engine-hazards.md")
        for number in 1...23 {
            #expect(documentation.contains("| H\(number) |"))
            #expect(tests.contains("\"H\(number): "), "no test for H\(number)")
        }
    }
}
