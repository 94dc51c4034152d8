import LoadTesting

/// All renderings of a run that are files.
package enum ReportDocuments {
    /// Their names, whether or not there is a run.
    package static let names = ["report.html", "report.json", "junit.xml", "summary.md"]

    /// - Returns: each file's name with its text.
    package static func render(_ result: RunResult) throws -> [(name: String, text: String)] {
        [
            ("report.html", HTMLReport.render(result)), ("report.json", try JSONReport.render(result)),
            ("junit.xml", JUnitReport.render(result)), ("summary.md", MarkdownReport.render(result)),
        ]
    }

    /// Those of a run that has no figures; there is no document then.
    package static func render(_ failure: RunFailure) -> [(name: String, text: String)] {
        [
            ("report.html", HTMLReport.render(failure)), ("junit.xml", JUnitReport.render(failure)),
            ("summary.md", MarkdownReport.render(failure)),
        ]
    }
}
