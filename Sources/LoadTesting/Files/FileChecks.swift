import Scenarios

/// Holds the stores to what a file says of them after the load.
struct FileChecks: Sendable {
    let file: ScenarioFile
    let runner: StepRunner

    /// What does not hold, in words; nothing for what does.
    func findings() async -> [String] {
        var findings: [String] = []
        for check in file.checks {
            do {
                if let finding = try await finding(check) { findings.append("\(check.name): \(finding)") }
            } catch {
                findings.append("\(check.name): \(error)")
            }
        }
        return findings
    }

    private func finding(_ check: CheckDefinition) async throws -> String? {
        switch check.condition {
        case .equals(let statement, let wanted):
            let value = try await runner.run(statement, [:]).first
            return value.isSame(as: wanted) ? nil : "it is \"\(value)\", and should be \"\(wanted)\""
        case .same(let statements):
            var first: StepAnswer?
            for statement in statements {
                let answer = try await runner.run(statement, [:])
                if let first, !first.isSame(as: answer) {
                    return "\(FileOperation.text(first)) is not the same as \(FileOperation.text(answer))"
                }
                first = first ?? answer
            }
            return nil
        }
    }
}
