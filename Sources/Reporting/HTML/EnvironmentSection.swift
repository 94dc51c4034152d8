import Foundation
import LoadTesting
import Measurement

/// What it ran on, and how to do it again.
struct EnvironmentSection {
    var result: RunResult

    var part: PagePart { PagePart(id: "environment", render()) }

    private func render() -> Markup {
        """
        <section id="environment" aria-labelledby="environment-h"><h2 id="environment-h">Environment</h2>
        <dl class="environment">\(facts.markup { "<dt>\($0.0)</dt><dd>\($0.1)</dd>\n" })</dl>
        <h3 id="again">Again</h3><code class="command">\(result.command)</code></section>

        """
    }

    private var facts: [(String, String)] {
        let machine = result.machine.map { machine in
            [
                ("Processor", "\(machine.processor), \(machine.cores) \(machine.cores == 1 ? "core" : "cores")"),
                ("Memory", "\(Figure.text(Double(machine.memory) / 1_073_741_824)) GiB"), ("System", machine.system),
            ]
        }
        let engines = result.engines.listed.map { ($0.name, $0.version) }.filter { !$0.1.isEmpty }
        let own = [("Trivet", result.version), ("Commit", result.commit), ("Began", result.started.map(PageDate.text))]
        return own.compactMap { name, value in value.map { (name, $0) } } + (machine ?? [])
            + engines + (result.scenarios.isEmpty ? [] : [("Seed", String(result.seed))])
    }
}

enum PageDate {
    /// As a day and a time, without the letters between them.
    static func text(_ iso8601: String) -> String {
        iso8601.replacingOccurrences(of: "T", with: " ").replacingOccurrences(of: "Z", with: " UTC")
    }
}
