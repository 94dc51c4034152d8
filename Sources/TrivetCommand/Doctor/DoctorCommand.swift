import ArgumentParser
import Foundation
import GraphClient
import LoadTesting

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Shows which engines are found, where, and in which version.",
        discussion: """
            Exit status 3 when one is missing or can't be used; then it says what to do. Of the graph's engines one has to be there: the one that \
            --graph-engine names.
            """)

    @OptionGroup var engine: GraphEngineOption

    func run() async throws {
        let preferred = try GraphEngine.Kind.preferred()
        var findings = [await Finding.redis(), await Finding.sqlite()]
        for kind in GraphEngine.Kind.allCases {
            findings.append(await Finding.graph(kind, isOptional: kind != preferred))
        }
        let width = findings.map(\.engine.count).max() ?? 0
        for finding in findings {
            let name = finding.engine.padding(toLength: width, withPad: " ", startingAt: 0)
            let sign = finding.isUsable ? "✓" : finding.isOptional ? "–" : "✗"
            Console.print("\(sign) \(name)  \(finding.text)")
        }
        if findings.contains(where: { !$0.isUsable && !$0.isOptional }) {
            throw ExitCode(RunResult.Outcome.engineMissing.rawValue)
        }
    }
}
