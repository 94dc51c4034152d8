import Foundation
import Testing

@testable import Transactions

/// Two and three clients, step by step: what a level prevents is never seen, and what it does not prevent is, so that
/// these tests can fail.
@Suite struct IsolationLevelTests {
    @Test(
        "T3: each level prevents what the table says, and no more", arguments: IsolationLevel.allCases,
        Anomaly.allCases)
    func level(_ level: IsolationLevel, _ anomaly: Anomaly) async throws {
        let shown = try await Schedule.pairs(showing: anomaly, at: .all(level))
        if level.prevents.contains(anomaly) {
            #expect(shown.isEmpty, "seen with rows in \(shown)")
        } else {
            #expect(!shown.isEmpty, "not seen in any stores: the table promises too little")
        }
    }

    /// What a serializable transaction would notice itself.
    static let noticed: [Anomaly] = [
        .abortedRead, .intermediateRead, .vanishing, .phantom, .readSkew, .predicateReadSkew, .readSkewWrite,
    ]

    @Test(
        "T3: a serializable transaction stays so beside others of weaker levels",
        arguments: [IsolationLevel.readCommitted, .snapshot], Self.noticed)
    func mixed(_ level: IsolationLevel, _ anomaly: Anomaly) async throws {
        var levels = Schedule.Levels.all(level)
        switch anomaly {
        case .abortedRead, .intermediateRead: levels.t2 = .serializable
        case .vanishing: levels.t3 = .serializable
        default: levels.t1 = .serializable
        }
        #expect(try await Schedule.pairs(showing: anomaly, at: levels).isEmpty)
    }

    @Test("T3: the table of the documentation is the one that the tests hold the levels to") func documented() throws {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        let chapter = try String(
            contentsOf: root.appendingPathComponent("Documentation/transactions.md"), encoding: .utf8)
        let levels = IsolationLevel.allCases
        let head = "| | " + levels.map { "`\($0.rawValue)`" }.joined(separator: " | ") + " |"
        let rows = Anomaly.allCases.map { anomaly in
            let cells = levels.map { $0.prevents.contains(anomaly) ? "prevented" : "possible" }
            return "| \(anomaly.rawValue) | \(cells.joined(separator: " | ")) |"
        }
        let lines = chapter.split(separator: "\n").map(String.init)
        let start = try #require(lines.firstIndex(of: head), "no table with the head \(head)")
        #expect(Array(lines[(start + 2)...].prefix { $0.hasPrefix("|") }) == rows)
    }
}
