import Foundation
import GraphClient
import LoadTesting
import Measurement
import Synchronization
import Testing
import TrivetTesting

@testable import Benchmarking

@Suite("Both engines of the graph in turns")
struct EngineComparerTests {
    private let latency = EngineComparer.Figure(id: "latency", summary: "", unit: "ms")
    private let rate = EngineComparer.Figure(id: "rate", summary: "", unit: "/s", better: .higher)

    @Test("M4: each engine is first in every second turn, and the first turn only warms up")
    func turns() async throws {
        let order = Mutex<[GraphEngine.Kind]>([])
        let comparer = EngineComparer(repetitions: 2) { _ in }
        try await comparer.compare(latency) { kind in
            let turn = order.withLock { order in
                order.append(kind)
                return (order.count - 1) / 2
            }
            // What only warms up counts for nothing.
            return turn == 0 ? 1_000 : kind == .kuzu ? 6 : 2
        }
        #expect(order.withLock { $0 } == [.kuzu, .ladybug, .ladybug, .kuzu, .kuzu, .ladybug])
        let figure = try #require(comparer.figures.first)
        #expect(figure.kuzu.value == 6 && figure.ladybug.value == 2 && figure.samples == 2)
        #expect(figure.advantage.value == 3 && figure.leader == .ladybug)
    }

    @Test("M4: of times the shorter is the better, of rates the higher; what crosses 1 tells nothing")
    func advantage() async throws {
        let comparer = EngineComparer(repetitions: 4) { _ in }
        try await comparer.compare([latency, rate]) { kind in kind == .kuzu ? [1, 100] : [4, 25] }
        #expect(comparer.figures.map(\.advantage.value) == [0.25, 0.25])
        #expect(comparer.figures.map(\.leader) == [.kuzu, .kuzu])
        // The first of each turn is the better one, whichever it is.
        let values = Mutex([1.0, 1, 1, 2, 1, 2, 1, 2, 1, 2])
        try await comparer.compare(latency) { _ in values.withLock { $0.removeFirst() } }
        #expect(comparer.figures.last?.leader == nil)
    }

    @Test("M4: interrupted, it keeps the figures that were measured whole")
    func interrupted() async throws {
        let comparer = EngineComparer(repetitions: 2) { _ in }
        try await comparer.compare(latency) { _ in 1 }
        let work = Task {
            try await comparer.compare(rate) { _ in
                withUnsafeCurrentTask { $0?.cancel() }
                return 1
            }
        }
        do {
            try await work.value
            Issue.record("it went on")
        } catch is CancellationError {}
        #expect(comparer.figures.map(\.id) == ["latency"])
    }

    @Test("P1: what is measured of an engine runs on that engine", arguments: GraphEngine.Kind.allCases)
    func engine(kind: GraphEngine.Kind) async throws {
        let engine = try GraphEngine.load(kind)
        try await BenchmarkStores.with(engine) { stores in
            #expect(stores.coordinator.graph?.database.engine === engine)
            #expect(stores.plain.graph.database.engine === engine)
            _ = try await stores.addTogether()
            let users = try await stores.coordinator.graph?.query("MATCH (u:User) RETURN count(*)").scalar(Int.self)
            #expect(users == BenchmarkStores.tasks * BenchmarkStores.rounds)
        }
        try await GraphSubject.with(engine) { graph in
            for value in try await graph.insert() { #expect(value > 0) }
            let values = [
                try await graph.readByKey(), try await graph.countNeighbours(), try await graph.aggregate(),
                try await graph.relate(), try await graph.insertRows(), try await graph.commitEach(),
                try await graph.checkpoint(),
            ]
            #expect(values.allSatisfy { $0 > 0 })
        }
    }

    @Test("M3: memory is told at each moment, in a form that can be read again", arguments: GraphEngine.Kind.allCases)
    func memory(kind: GraphEngine.Kind) async throws {
        var lines: [String] = []
        try await MemoryProcess(kind).run { lines.append($0) }
        let moments = MemoryProcess.Moment.allCases
        #expect(lines.count == moments.count)
        for (moment, line) in zip(moments, lines) {
            #expect(MemoryProcess.bytes(moment, in: line) != nil, "\(line)")
        }
        // How much it is can't be told here, where the memory of other tests comes and goes.
        #expect(MemoryProcess.bytes(.opened, in: "written 5") == nil)
    }

    @Test("Every figure of both engines is documented, in its order")
    func documentation() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appendingPathComponent("Documentation/benchmarks.md"), encoding: .utf8)
        let table = try #require(
            text.components(separatedBy: "<!-- engines -->").dropFirst().first?.components(
                separatedBy: "<!-- end of engines -->"
            ).first)
        let rows = table.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst(2)
        #expect(
            rows.map { $0.split(separator: "|")[0].trimmingCharacters(in: .whitespaces) }
                == EngineComparer.Figure.all.map(\.id))
    }
}
