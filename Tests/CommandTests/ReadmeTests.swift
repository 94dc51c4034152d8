import Foundation
import Testing

@Suite("The README is true")
struct ReadmeTests {
    private func text(_ path: String) throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    @Test("The library example is the snippet that the compiler checks")
    func example() throws {
        let snippet = try text("Snippets/ThreeStores.swift")
            .replacing("// snippet.show\n", with: "").replacing("// snippet.hide\n", with: "")
            .trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(try text("README.md").contains("```swift\n\(snippet)\n```"))
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
