import GraphClient
import Measurement
import Testing

@testable import Transactions

/// Which writes are sent together: as many as can be, and never so that one meets what it would not meet in its own place.
@Suite struct PutOffPlanTests {
    @Test("T1: writes of a shape are sent together, however they are mixed")
    func together() throws {
        let writes = try (1...20).flatMap { id in
            [
                try PutOffWrite.insert("User", ["id": id]),
                try .connect(.user(id), "Follows", .user(0), [:]), try .set(.user(id), ["name": "a"]),
            ]
        }
        #expect(PutOffPlan(writes).batches.map(\.count) == [20, 20, 20])
        let inserted = try (1...20).map { try PutOffWrite.insert("User", ["id": $0 % 3, "age": 1]) }
        #expect(PutOffPlan(inserted).batches.map(\.count) == [20])
    }

    @Test("T1: a node that is changed twice, or made after something that needs it, begins a batch")
    func apart() throws {
        let twice = [
            try PutOffWrite.set(.user(1), ["a": 1]), try .set(.user(2), ["a": 1]), try .set(.user(1), ["a": 2]),
        ]
        #expect(PutOffPlan(twice).batches.map(\.count) == [2, 1])
        let late = [
            try PutOffWrite.insert("User", ["id": 1]), try .set(.user(2), ["a": 1]),
            try .insert("User", ["id": Int32(2)]),
            try .insert("User", ["id": 3]),
        ]
        #expect(PutOffPlan(late).batches.map(\.count) == [1, 1, 2])
        // The same node by other letters.
        let written = [
            try PutOffWrite.insert("user", ["ID": 1]), try .set(.user(1), ["a": 1]), try .insert("user", ["ID": 2]),
        ]
        #expect(PutOffPlan(written + [try .set(.user(2), ["a": 1])]).batches.map(\.count) == [2, 2])
        #expect(PutOffPlan([try .set(.user(2), ["a": 1])] + written).batches.map(\.count) == [1, 2, 1])
    }

    @Test("T1: whatever the mix, the outcome is that of one after the other", arguments: 0..<300)
    func random(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let names = ["id", "Id"]
        let writes: [PutOffWrite] = try (0..<Int.random(in: 1...30, using: &random)).map { _ in
            let (key, other) = (Int.random(in: 0..<4, using: &random), Int.random(in: 0..<4, using: &random))
            let node = GraphNodeKey("User", names.randomElement(using: &random) ?? "id", key)
            return switch Int.random(in: 0..<4, using: &random) {
            case 0: try .insert("User", ["id": key])
            case 1: try .connect(node, "Follows", .user(other), [:])
            case 2: try .set(node, ["a": Int.random(in: 0..<9, using: &random)])
            default: try .set(node, ["b": Int.random(in: 0..<9, using: &random)])
            }
        }
        let batches = PutOffPlan(writes).batches
        #expect(batches.joined().count == writes.count)
        #expect(batches.allSatisfy { batch in batch.allSatisfy { $0.redo.text == batch[0].redo.text } })
        #expect(Nodes(after: Array(batches.joined())) == Nodes(after: writes))
    }
}

/// What a graph holds after writes, one after the other; where one fails, nothing but that.
private struct Nodes: Equatable {
    var properties: [String: [String: String]] = [:]
    var follows: [String: Int] = [:]
    var hasFailed = false

    init(after writes: [PutOffWrite]) {
        for write in writes { add(write) }
        if hasFailed { (properties, follows) = ([:], [:]) }
    }

    private mutating func add(_ write: PutOffWrite) {
        let keys = write.needed.map { "\($0.value)" }
        let values = write.redo.parameters.map { "\($0.value)" }
        if keys.isEmpty {
            if properties.updateValue([:], forKey: values[0]) != nil { hasFailed = true }
        } else if !keys.allSatisfy({ properties[$0] != nil }) {
            hasFailed = true
        } else if keys.count == 2 {
            follows[keys.joined(separator: " "), default: 0] += 1
        } else {
            properties[keys[0]]?[write.redo.text.contains("`a`") ? "a" : "b"] = values[1]
        }
    }
}

extension GraphNodeKey {
    fileprivate static func user(_ id: Int) -> GraphNodeKey { GraphNodeKey("User", "id", id) }
}
