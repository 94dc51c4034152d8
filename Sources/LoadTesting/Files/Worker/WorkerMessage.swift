import Foundation
import Scenarios

/// What an operation needs to be done: its values are drawn where the load is made, so that a process that is started again goes on with them.
struct DrawnOperation: Sendable, Hashable, Codable {
    /// Its number among the file's operations.
    var number: Int
    var values: ValueSource.Values
    /// Values of pipelines, by the steps that have one.
    var pipelines: [Int: [ValueSource.Values]] = [:]
}

/// What a worker is asked to do. One line each.
struct WorkerRequest: Sendable, Codable {
    enum Work: Sendable, Hashable, Codable {
        /// Make schema and data, if they are not there.
        case prepare
        case perform(DrawnOperation)
        case begin(FaultKind, others: [FaultKind])
        case heal(FaultKind, others: [FaultKind])
        /// Hold the stores to the file's checks.
        case check
    }

    var id: Int
    var work: Work
}

/// What a worker answers, in any order. One line each.
struct WorkerReply: Sendable, Codable {
    /// Of the request.
    var id: Int
    /// Why it was not done; nil for done.
    var failure: String?
    /// With checks: what does not hold.
    var findings: [String]?
    /// With no request: what it does now.
    var note: String?

    /// The stores are open and recovered.
    static let opened = WorkerReply(id: -1)
    /// Says what is being prepared.
    static func note(_ text: String) -> WorkerReply { WorkerReply(id: -2, note: text) }
    /// Its coordinator has stopped, and it ends so as to open the stores anew.
    static let stopped = WorkerReply(id: -4)
    /// It can't go on.
    static func broken(_ text: String) -> WorkerReply { WorkerReply(id: -3, failure: text) }
}

enum WorkerLine {
    static func encode(_ message: some Encodable) throws -> String {
        String(decoding: try JSONEncoder().encode(message), as: UTF8.self)
    }

    static func decode<Message: Decodable>(_ line: String, as type: Message.Type) throws -> Message {
        try JSONDecoder().decode(type, from: Data(line.utf8))
    }
}
