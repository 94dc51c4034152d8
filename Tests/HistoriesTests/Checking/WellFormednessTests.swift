import Testing

@testable import Histories

@Suite("Histories: those that break the rules are not judged")
struct WellFormednessTests {
    private static func history(_ lines: String...) throws -> History {
        try History(edn: lines.joined(separator: "\n"))
    }

    private func problem(_ lines: String...) throws -> String {
        let verdict = HistoryChecker().check(try History(edn: lines.joined(separator: "\n")))
        #expect(verdict.found.isEmpty)
        #expect(verdict.problems.isEmpty || verdict.judgement(.readCommitted) == .unknown)
        return verdict.problems.map(\.description).joined(separator: "\n")
    }

    private let invoke = #"{:index 0 :type :invoke :process 0 :time 0 :f :txn :value [[:append "x" 1]]}"#

    @Test("an end without a beginning")
    func endOnly() throws {
        let line = #"{:index 0 :type :ok :process 3 :time 0 :f :txn :value [[:append "x" 1]]}"#
        #expect(try problem(line) == "operation 0: process 3 ends a transaction that it never invoked")
    }

    @Test("two at a time in one process")
    func busy() throws {
        let second = #"{:index 1 :type :invoke :process 0 :time 0 :f :txn :value [[:append "x" 2]]}"#
        #expect(try problem(invoke, second) == "operation 1: process 0 invokes while it is within a transaction")
    }

    @Test("a process that goes on after it ended in doubt")
    func afterInfo() throws {
        let info = #"{:index 1 :type :info :process 0 :time 0 :f :txn :value [[:append "x" 1]]}"#
        let next = #"{:index 2 :type :invoke :process 0 :time 0 :f :txn :value [[:append "x" 2]]}"#
        #expect(try problem(invoke, info, next) == "operation 2: process 0 goes on after it ended in doubt")
    }

    @Test("an end that is of another transaction")
    func otherValue() throws {
        let end = #"{:index 1 :type :ok :process 0 :time 0 :f :txn :value [[:append "x" 2]]}"#
        #expect(try problem(invoke, end) == "operation 1: it is not the transaction that process 0 invoked")
    }

    @Test("a value that is written twice, also if the first one failed")
    func twice() throws {
        let fail = #"{:index 1 :type :fail :process 0 :time 0 :f :txn :value [[:append "x" 1]]}"#
        let again = #"{:index 2 :type :invoke :process 0 :time 0 :f :txn :value [[:append "x" 1]]}"#
        #expect(
            try problem(invoke, fail, again)
                == "operation 2: 1 is written to x a second time; nobody can tell whose it is")
    }

    @Test("indexes that go back")
    func index() throws {
        let end = #"{:index 0 :type :ok :process 0 :time 0 :f :txn :value [[:append "x" 1]]}"#
        #expect(try problem(invoke, end) == "operation 0: its index does not come after the one before, 0")
    }

    @Test("a key that is a list and a register")
    func mixed() throws {
        let other = #"{:index 1 :type :invoke :process 1 :time 0 :f :txn :value [[:w "x" 2]]}"#
        #expect(try problem(invoke, other) == "operation 1: x is used as a list and as a register")
    }
}
