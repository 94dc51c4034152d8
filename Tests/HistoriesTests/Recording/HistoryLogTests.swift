import Testing

@testable import Histories

@Suite("Histories: the log")
struct HistoryLogTests {
    private let steps: [MicroOperation] = [.append(key: "redis/0", value: 1), .read(key: "kuzu/1", .nothing)]
    private let results: [MicroOperation] = [.append(key: "redis/0", value: 1), .read(key: "kuzu/1", .list([4]))]

    @Test("indexes count, times never go back, results are only in what took effect")
    func order() throws {
        var log = HistoryLog()
        let (a, b) = (log.newProcess(), log.newProcess())
        #expect((a, b) == (0, 1))
        let operations = [
            try log.invoke(steps, process: a, time: 5), try log.invoke(steps, process: b, time: 3),
            try log.complete(.ok(results), process: a, time: 9), try log.complete(.fail, process: b, time: 10),
        ]
        #expect(operations.map(\.index) == [0, 1, 2, 3])
        #expect(operations.map(\.time) == [5, 5, 9, 10])
        #expect(operations.map(\.value) == [steps, steps, results, steps])
        #expect(log.open.isEmpty)
    }

    @Test("a process does one thing at a time, ends what it began, and is gone when in doubt")
    func misuse() throws {
        var log = HistoryLog()
        #expect(throws: HistoryMisuse.nothingToComplete(0)) { try log.complete(.fail, process: 0, time: 0) }
        _ = try log.invoke(steps, process: 0, time: 0)
        #expect(throws: HistoryMisuse.processIsBusy(0)) { try log.invoke(steps, process: 0, time: 0) }
        #expect(throws: HistoryMisuse.otherTransaction(0)) { try log.complete(.ok([]), process: 0, time: 0) }
        _ = try log.complete(.info, process: 0, time: 0)
        #expect(throws: HistoryMisuse.processEnded(0)) { try log.invoke(steps, process: 0, time: 0) }
    }

    @Test("it goes on after a history, with new processes, and ends what was open in doubt")
    func continuing() throws {
        let history = Story.told { story in
            story.inTurn("ax1")
            story.begin("ay1")
            story.inTurn("?az1")
        }
        var log = HistoryLog(continuing: history)
        #expect(log.nextIndex == 5)
        #expect(log.lastTime == 40)
        let abandoned = log.abandonOpen(time: 50)
        #expect(
            abandoned.map(\.edn) == [
                "{:index 5 :type :info :process 1 :time 50 :f :txn :value [[:append \"kuzu/y\" 1]]}"
            ])
        #expect(log.newProcess() == 3)
        #expect(throws: HistoryMisuse.processEnded(1)) { try log.invoke(steps, process: 1, time: 0) }
        #expect(throws: HistoryMisuse.processEnded(2)) { try log.invoke(steps, process: 2, time: 0) }
    }
}
