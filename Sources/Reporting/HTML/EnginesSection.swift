import LoadTesting

/// The graph's engines beside each other.
struct EnginesSection {
    var figures: [EngineFigure]?

    var part: PagePart? { figures.map { PagePart(id: "engines", render($0)) } }

    private func render(_ figures: [EngineFigure]) -> Markup {
        """
        <section id="engines" aria-labelledby="engines-h"><h2 id="engines-h">Engines of the graph</h2>
        <div class="wide"><table class="streams"><thead><tr>\
        \(EngineFigure.header.dropFirst().markup { "<th scope=\"col\">\($0)</th>" })</tr></thead><tbody>
        \(figures.markup(row))</tbody></table></div>
        <p class="faint"><small>Medians of the turns; each engine is first in every second one. The interval holds the advantage with 95 % \
        confidence.</small></p></section>

        """
    }

    private func row(_ figure: EngineFigure) -> Markup {
        """
        <tr><td><span class="mono">\(figure.id)</span><br/><small>\(figure.summary)</small></td>\
        \(figure.cells.dropFirst(2).markup { "<td>\($0)</td>" })</tr>

        """
    }
}
