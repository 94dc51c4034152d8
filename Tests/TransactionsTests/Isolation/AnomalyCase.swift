import Testing

@testable import Transactions

extension AnomalyTests {
    enum Reader: String, CaseIterable, Sendable {
        case same = "at the same level"
        case serializable = "at serializable"
        case snapshot = "in a snapshot"
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var level: IsolationLevel
        var reader: Reader
        var testDescription: String { "written at \(level.rawValue), read \(reader.rawValue)" }

        /// Those of whose readers something is promised.
        static func all(preventing anomaly: Anomaly) -> [Case] {
            IsolationLevel.allCases.flatMap { level in
                Reader.allCases.map { Case(level: level, reader: $0) }
            }.filter { $0.reader != .same || $0.level.prevents.contains(anomaly) }
        }
    }
}
