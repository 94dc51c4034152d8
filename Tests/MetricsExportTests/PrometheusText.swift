/// Reads version 0.0.4 of Prometheus' text format as strictly as its documentation describes it ("Exposition formats"), to say what is wrong with
/// a text.
struct PrometheusText {
    private(set) var problems: [String] = []
    private var types: [String: String] = [:]
    /// The metric that the lines belong to now; each stands together.
    private var current = ""
    private var seen: Set<String> = []
    /// Of histograms, by name and labels without `le`: what the buckets say, and what the count says.
    private var buckets: [String: [(bound: Double, count: Double)]] = [:]
    private var counts: [String: Double] = [:]

    init(_ text: String) {
        if !text.hasSuffix("\n") { problems.append("the last line has no end") }
        // By line feeds alone, whatever stands before them.
        for line in text.unicodeScalars.split(separator: "\n") { read(String(line)) }
        for (series, buckets) in buckets {
            if zip(buckets, buckets.dropFirst()).contains(where: { $0.bound >= $1.bound || $0.count > $1.count }) {
                problems.append("\(series): its buckets don't ascend")
            }
            if buckets.last?.bound != .infinity || buckets.last?.count != counts[series] {
                problems.append("\(series): its last bucket is not its count")
            }
        }
        for series in counts.keys where buckets[series] == nil { problems.append("\(series) has no buckets") }
    }

    private mutating func read(_ line: String) {
        if line.hasPrefix("#") { return readComment(line) }
        guard
            let sample = line.wholeMatch(
                of: /(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?<labels>[^\n]*)\})? (?<value>\S+)/.matchingSemantics(
                    .unicodeScalar)),
            let value = Self.number(String(sample.value)), let labels = Self.labels(String(sample.labels ?? ""))
        else { return problems.append("no sample: \(line)") }
        let (name, type) = (String(sample.name), types[current] ?? "")
        let suffixes = ["histogram": ["_bucket", "_sum", "_count"], "summary": ["_sum", "_count"]][type] ?? [""]
        guard let suffix = suffixes.first(where: { current + $0 == name }) else {
            return problems.append("\(name) stands under \(current), a \(type)")
        }
        let own = labels.map { "\($0)=\($1)" }.sorted().joined(separator: ",")
        if !seen.insert("\(name){\(own)}").inserted { problems.append("twice: \(line)") }
        guard type == "histogram" else { return }
        let series = current + labels.filter { $0.key != "le" }.map { "\($0)=\($1)" }.sorted().joined(separator: ",")
        switch suffix {
        case "_bucket":
            guard let bound = labels["le"].flatMap(Self.number) else { return problems.append("no bound: \(line)") }
            buckets[series, default: []].append((bound, value))
        case "_count": counts[series] = value
        default: break
        }
    }

    private mutating func readComment(_ line: String) {
        guard let type = line.wholeMatch(of: /# TYPE (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (?<type>\w+)/) else {
            if line.hasPrefix("# TYPE") { problems.append("no type: \(line)") }
            return
        }
        guard ["counter", "gauge", "histogram", "summary", "untyped"].contains(String(type.type)) else {
            return problems.append("no type: \(line)")
        }
        current = String(type.name)
        if types.updateValue(String(type.type), forKey: current) != nil { problems.append("twice: \(line)") }
    }

    private static func number(_ text: String) -> Double? {
        ["+Inf": .infinity, "-Inf": -.infinity, "NaN": .nan][text] ?? Double(text)
    }

    /// Nil when they are none.
    private static func labels(_ text: String) -> [String: String]? {
        var labels: [String: String] = [:]
        var rest = text[...]
        while !rest.isEmpty {
            guard
                let label = rest.prefixMatch(
                    of: /(?<name>[a-zA-Z_][a-zA-Z0-9_]*)="(?<value>(?:[^"\\\n]|\\[\\"n])*)"/.matchingSemantics(
                        .unicodeScalar)),
                labels.updateValue(String(label.value), forKey: String(label.name)) == nil
            else { return nil }
            rest = rest[label.range.upperBound...]
            guard !rest.isEmpty else { return labels }
            guard rest.first == "," else { return nil }
            rest = rest.dropFirst()
            if rest.isEmpty { return nil }
        }
        return labels
    }
}
