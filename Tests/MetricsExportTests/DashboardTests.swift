import Foundation
import MetricsExport
import Stores
import Testing
import Transactions

@Suite("The Grafana dashboard shows what there is, and all of it")
struct DashboardTests {
    /// A dashboard's JSON, as far as it matters here.
    private struct Dashboard: Decodable {
        struct Panel: Decodable {
            struct Target: Decodable {
                var expr: String
                var legendFormat: String
            }
            var id: Int
            var title: String
            var type: String
            var targets: [Target]?
        }
        var panels: [Panel]
    }

    private static func dashboard() throws -> Dashboard {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = root.appendingPathComponent("Documentation/grafana/trivet.json")
        return try JSONDecoder().decode(Dashboard.self, from: Data(contentsOf: file))
    }

    /// The names under which Prometheus has each metric, and its labels.
    private static let exported: [(names: [String], labels: Set<String>)] =
        (StoreMetric.all + TransactionMetric.all).map { metric in
            let labels = Set(metric.dimensions.map(PrometheusName.label))
            switch metric.kind {
            case .counter: return ([PrometheusName.metric(metric.name, .counter)], labels)
            case .gauge: return ([PrometheusName.metric(metric.name, .gauge)], labels)
            case .timer:
                let name = PrometheusName.metric(metric.name, .histogram, isDuration: true)
                return (["_bucket", "_sum", "_count"].map { name + $0 }, labels.union(["le"]))
            case .recorder:
                let name = PrometheusName.metric(metric.name, .summary)
                return (["_sum", "_count"].map { name + $0 }, labels)
            }
        }
        + ProcessMetrics.help.keys.map { name in
            let kind: PrometheusName.Kind = name == "process.cpu.time" ? .counter : .gauge
            return ([PrometheusName.metric(name, kind)], ["process_executable_name", "cpu_mode"])
        }

    /// The words of an expression that are no functions and no labels.
    private func metrics(in expression: String) -> Set<String> {
        let bare = expression.replacing(/\{[^}]*\}/, with: " ").replacing(/\[[^\]]*\]/, with: " ")
            .replacing(/\b(by|without|on|ignoring)\s*\([^)]*\)/, with: " ")
        return Set(
            bare.matches(of: /[a-zA-Z_:][a-zA-Z0-9_:]*(?<call>\s*\()?/).filter { $0.call == nil }.map { String($0.0) })
    }

    /// The labels that an expression or a legend names.
    private func labels(in target: Dashboard.Panel.Target) -> Set<String> {
        var labels: Set<String> = []
        for match in target.expr.matches(of: /(?:by|without)\s*\((?<names>[^)]*)\)/) {
            labels.formUnion(match.names.split { $0 == "," || $0 == " " }.map(String.init))
        }
        for match in target.expr.matches(of: /\{(?<matchers>[^}]*)\}/) {
            for matcher in match.matchers.split(separator: ",") {
                labels.insert(String(matcher.prefix { $0 != "=" && $0 != "!" }))
            }
        }
        labels.formUnion(target.legendFormat.matches(of: /\{\{(?<name>[^}]*)\}\}/).map { String($0.name) })
        return labels
    }

    @Test("M6: every expression names metrics and labels that are exported, and every metric is shown")
    func names() throws {
        let targets = try Self.dashboard().panels.flatMap { $0.targets ?? [] }
        #expect(targets.count > 30)
        var shown: Set<String> = []
        for target in targets {
            let names = metrics(in: target.expr)
            #expect(!names.isEmpty, "\(target.expr) shows nothing")
            for name in names {
                let metric = Self.exported.first { $0.names.contains(name) }
                #expect(metric != nil, "there is no \(name), in: \(target.expr)")
                let unknown = labels(in: target).subtracting(metric?.labels ?? [])
                #expect(unknown.isEmpty, "\(name) has no \(unknown.sorted())")
            }
            shown.formUnion(names)
        }
        for metric in Self.exported {
            #expect(!shown.isDisjoint(with: metric.names), "\(metric.names[0]) is in no panel")
        }
    }

    @Test("M6: panels have numbers of their own, and all but rows have something to show")
    func panels() throws {
        let panels = try Self.dashboard().panels
        #expect(Set(panels.map(\.id)).count == panels.count)
        for panel in panels { #expect((panel.type == "row") == (panel.targets == nil), "\(panel.title)") }
    }
}
