import LoadTesting

/// Each target with its limit, the value, and how far the two are apart; missed ones first.
struct TargetsSection {
    var checks: [CheckResult]
    var baseline: RunResult.Baseline?

    var part: PagePart? { checks.isEmpty ? nil : PagePart(id: "targets", render()) }

    private func render() -> Markup {
        let order: [CheckResult.Verdict] = [.fail, .inconclusive, .pass]
        let sorted = order.flatMap { verdict in checks.filter { $0.verdict == verdict } }
        return """
            <section id="targets" aria-labelledby="targets-h"><h2 id="targets-h">Targets</h2>
            <table class="targets" role="table"><thead role="rowgroup"><tr role="row">\
            <th role="columnheader" scope="col">target</th><th role="columnheader" scope="col">value and limit</th>\
            <th role="columnheader" scope="col"><span class="hidden">drawn</span></th>\
            <th role="columnheader" scope="col">distance</th>\
            <th role="columnheader" scope="col" class="number">samples</th>\
            <th role="columnheader" scope="col">verdict</th></tr></thead><tbody role="rowgroup">
            \(sorted.markup(row))</tbody></table>
            \(notes)</section>

            """
    }

    private func row(_ check: CheckResult) -> Markup {
        """
        <tr role="row"><th role="rowheader" scope="row" class="what"><span class="mono">\(check.id)</span>\
        \(check.summary.map { "<small>\($0)</small>" as Markup })</th>\
        <td role="cell" class="pair"><span class="value">\(check.text(check.value))</span> \
        <span class="faint">\(check.limitText)</span>\(before(check))</td>\
        <td role="cell" class="bar">\(TargetBar(check: check).render())</td>\
        <td role="cell" class="margin">\(check.margin)</td>\
        <td role="cell" class="number samples">\(samples(check))</td>\
        <td role="cell" class="state \(check.verdict.rawValue)">\(check.sign) \(check.word)</td></tr>

        """
    }

    /// What the baseline had, where it measured the same.
    private func before(_ check: CheckResult) -> Markup? {
        let known = baseline?.checks.first { $0.id == check.id && $0.unit == check.unit }
        return known.map { "<small class=\"before\">baseline \(Figure.value($0.value, unit: $0.unit))</small>" }
    }

    private func samples(_ check: CheckResult) -> Markup {
        guard check.beyond > 0 else { return "\(Figure.count(check.samples))" }
        let never = check.endless.map { ", \(Figure.count($0)) never" } ?? ""
        return """
            \(Figure.count(check.samples))<br/><small class="faint">\(Figure.count(check.beyond)) beyond\(never)</small>
            """
    }

    private var notes: Markup {
        let texts = checks.flatMap { check -> [String] in
            [
                check.lowerBound.map { "\(check.id): with 95 % confidence at least \(Figure.text($0)) %." },
                check.interval.map {
                    """
                    \(check.id): with 95 % confidence between \(Figure.value($0.low, unit: check.unit)) and \
                    \(Figure.value($0.high, unit: check.unit)).
                    """
                },
                check.limitedBy.map { "\(check.id): limited by \($0)." },
                check.resolution.map {
                    """
                    \(check.id): no sample is too short, 99 of 100 are too long by at most \
                    \(Figure.value($0, unit: check.unit)).
                    """
                },
                check.firstLookText.map { "\($0)." },
            ].compactMap { $0 }
        }
        let judged: Markup =
            checks.contains { $0.percentiles?.p99 == $0.value }
            ? "<p class=\"faint\"><small>A latency is judged by its 99th percentile, with at least \(CheckResult.leastSamples) samples.</small></p>"
            : ""
        return judged + texts.markup { "<p class=\"faint\"><small>\($0)</small></p>\n" }
    }
}
