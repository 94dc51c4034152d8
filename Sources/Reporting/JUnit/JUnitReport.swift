import Foundation
import LoadTesting

/// A run as JUnit XML, in the form that Jenkins' xunit plug-in defines (junit-10.xsd) and that other viewers read too: each target is a test, and
/// each scenario is one. A target with too few samples, or of a saturated load generator, is an error: nothing failed, and nothing was shown either.
package enum JUnitReport {
    /// The document's text, with a line break at its end.
    package static func render(_ result: RunResult) -> String {
        render(
            [targets(result), scenarios(result)].compactMap { $0 }, profile: result.profile, seconds: result.seconds)
    }

    /// A run that has no figures: a test that could not be carried out.
    package static func render(_ failure: RunFailure) -> String {
        let suite = "\(failure.profile).targets"
        let outcome = JUnitCase.Outcome.error("no result", failure.reason)
        let test = JUnitCase(suite: suite, name: "the run came to its end", outcome: outcome, output: "")
        return render(
            [JUnitSuite(name: suite, seconds: 0, properties: [("command", failure.command)], cases: [test])],
            profile: failure.profile, seconds: 0)
    }

    private static func render(_ suites: [JUnitSuite], profile: String, seconds: Double) -> String {
        let document: Markup = """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites name="\(JUnitSuite.line("trivet \(profile)"))" tests="\(suites.total(\.tests))" \
            failures="\(suites.total(\.failures))" errors="\(suites.total(\.errors))" \
            time="\(JUnitSuite.seconds(seconds))">
            \(suites.markup { $0.render() })</testsuites>

            """
        return document.text
    }

    private static func targets(_ result: RunResult) -> JUnitSuite? {
        var cases = result.checks.map { check in
            JUnitCase(
                suite: "\(result.profile).targets", name: "\(check.id) \(check.limitText)",
                outcome: outcome(check), output: output(check))
        }
        if result.interrupted {
            cases.append(
                JUnitCase(
                    suite: "\(result.profile).targets", name: "the run came to its end",
                    outcome: .error("interrupted", "The run was interrupted: the figures are those until then."),
                    output: ""))
        }
        guard !cases.isEmpty else { return nil }
        return JUnitSuite(
            name: "\(result.profile).targets", started: result.started, seconds: result.seconds,
            properties: [
                ("seed", "\(result.seed)"), ("command", result.command),
            ] + result.engines.listed.map { ($0.key, $0.version) }, cases: cases)
    }

    private static func outcome(_ check: CheckResult) -> JUnitCase.Outcome {
        let text = "\(check.text(check.value)), to be \(check.limitText) (\(check.margin))"
        return switch check.verdict {
        case .pass: .passed
        case .fail: .failure("target missed", text)
        case .inconclusive: .error(check.doubtText, text)
        }
    }

    private static func output(_ check: CheckResult) -> String {
        var lines = [
            "value: \(check.text(check.value))", "samples: \(check.samples), \(check.beyond) beyond the limit",
        ]
        if let first = check.firstLookText { lines.append(first) }
        if let percentiles = check.percentiles {
            let parts = [
                ("p50", percentiles.p50), ("p95", percentiles.p95), ("p99", percentiles.p99),
                ("p99.9", percentiles.p999),
                ("max", percentiles.max),
            ]
            lines.append(parts.map { "\($0.0) \(check.text($0.1))" }.joined(separator: ", "))
        }
        return lines.joined(separator: "\n")
    }

    private static func scenarios(_ result: RunResult) -> JUnitSuite? {
        guard !result.scenarios.isEmpty else { return nil }
        let cases = result.scenarios.map { scenario in
            let kinds = scenario.failureKinds.map { "\($0.count) × \($0.description)" }.joined(separator: "\n")
            return JUnitCase(
                suite: "\(result.profile).scenarios", name: scenario.id,
                outcome: scenario.pass
                    ? .passed
                    : .failure(
                        "failures", "\(scenario.failures) of \(scenario.operations) operations failed\n\(kinds)"),
                output: "\(scenario.operations) operations, \(Figure.text(scenario.perSecond))/s")
        }
        return JUnitSuite(
            name: "\(result.profile).scenarios", started: result.started, seconds: result.seconds, cases: cases)
    }
}

/// What viewers show as a group.
struct JUnitSuite {
    var name: String
    var started: String?
    var seconds: Double
    var properties: [(String, String)] = []
    var cases: [JUnitCase]

    var tests: Int { cases.count }
    var failures: Int { cases.count { $0.isFailure } }
    var errors: Int { cases.count { $0.isError } }

    func render() -> Markup {
        """
        <testsuite name="\(Self.line(name))" tests="\(tests)" failures="\(failures)" errors="\(errors)" skipped="0" \
        time="\(Self.seconds(seconds))"\(started.map { " timestamp=\"\($0)\"" as Markup })>
        \(properties.isEmpty ? Markup() : propertyList)\(cases.markup { $0.render() })</testsuite>

        """
    }

    private var propertyList: Markup {
        """
        <properties>
        \(properties.markup { "<property name=\"\($0.0)\" value=\"\(Self.line($0.1))\"/>\n" })</properties>

        """
    }

    /// As the schema wants times: at most three digits behind the point, and none of the groups that it allows before it.
    static func seconds(_ seconds: Double) -> String {
        String(format: "%.3f", seconds.isFinite ? max(0, seconds) : 0)
    }

    /// An attribute's line breaks would become spaces anyway, by XML's rules.
    static func line(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}

/// What viewers show as a test.
struct JUnitCase {
    enum Outcome {
        case passed
        /// A kind and what happened.
        case failure(String, String)
        case error(String, String)
    }

    var suite: String
    var name: String
    var outcome: Outcome
    var output: String

    var isFailure: Bool { if case .failure = outcome { true } else { false } }
    var isError: Bool { if case .error = outcome { true } else { false } }

    func render() -> Markup {
        let body: Markup =
            switch outcome {
            case .passed: ""
            case .failure(let kind, let text): element("failure", kind, text)
            case .error(let kind, let text): element("error", kind, text)
            }
        return """
            <testcase classname="\(JUnitSuite.line(suite))" name="\(JUnitSuite.line(name))" time="0.000">\(body)\
            \(output.isEmpty ? Markup() : "<system-out>\(output)</system-out>")</testcase>

            """
    }

    private func element(_ name: String, _ kind: String, _ text: String) -> Markup {
        let first = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        return "<\(name) type=\"\(kind)\" message=\"\(first)\">\(text)</\(name)>"
    }
}

extension [JUnitSuite] {
    fileprivate func total(_ count: (JUnitSuite) -> Int) -> Int { reduce(0) { $0 + count($1) } }
}
