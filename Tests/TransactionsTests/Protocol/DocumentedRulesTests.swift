import Foundation
import Testing

@Suite struct DocumentedRulesTests {
    @Test("Every test that the documentation names for a rule of the protocol is there") func exist() throws {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        let chapter = try String(
            contentsOf: root.appendingPathComponent("Documentation/transaction-rules.md"), encoding: .utf8)
        let rows = chapter.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst(2)
        let suites = try Self.suites(in: root.appendingPathComponent("Tests"))
        #expect(rows.count > 30)
        for row in rows {
            let cell = try #require(row.split(separator: "|").last)
            let names = cell.matches(of: /`(\w+)\.(\w+)`/)
            #expect(!names.isEmpty, "no test in: \(row)")
            for name in names {
                let source = suites[String(name.1)] ?? ""
                #expect(source.contains("func \(name.2)("), "there is no test \(name.0)")
            }
        }
    }

    /// The sources of all suites, by name.
    private static func suites(in folder: URL) throws -> [String: String] {
        var suites: [String: String] = [:]
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        while let file = files?.nextObject() as? URL {
            guard file.pathExtension == "swift" else { continue }
            let source = try String(contentsOf: file, encoding: .utf8)
            for match in source.matches(of: /struct (\w+Tests)\b/) { suites[String(match.1)] = source }
        }
        return suites
    }
}
