import ArgumentParser
import Foundation
import LoadTesting

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Shows which engines are found, where, and in which version.",
        discussion: "Exit status 3 when one is missing or can't be used; then it says what to do.")

    func run() async throws {
        var findings: [Finding] = []
        for probe in [Finding.redis, Finding.sqlite, Finding.kuzu] { findings.append(await probe()) }
        let width = findings.map(\.engine.count).max() ?? 0
        for finding in findings {
            let name = finding.engine.padding(toLength: width, withPad: " ", startingAt: 0)
            Console.print("\(finding.isUsable ? "✓" : "✗") \(name)  \(finding.text)")
        }
        if findings.contains(where: { !$0.isUsable }) { throw ExitCode(RunResult.Outcome.engineMissing.rawValue) }
    }
}
