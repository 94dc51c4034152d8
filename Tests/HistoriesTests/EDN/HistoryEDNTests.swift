import Testing

@testable import Histories

@Suite("Histories: EDN")
struct HistoryEDNTests {
    @Test("a history is written in the form that Elle reads")
    func form() {
        let history = Story.inTurn("ax1 ry", "rx1", "?wz1 gz_", "!ax2", "gz1")
        #expect(
            history.operations.map(\.edn) == [
                #"{:index 0 :type :invoke :process 0 :time 0 :f :txn :value [[:append "sqlite/x" 1] [:r "kuzu/y" nil]]}"#,
                #"{:index 1 :type :ok :process 0 :time 10 :f :txn :value [[:append "sqlite/x" 1] [:r "kuzu/y" []]]}"#,
                #"{:index 2 :type :invoke :process 1 :time 20 :f :txn :value [[:r "sqlite/x" nil]]}"#,
                #"{:index 3 :type :ok :process 1 :time 30 :f :txn :value [[:r "sqlite/x" [1]]]}"#,
                #"{:index 4 :type :invoke :process 2 :time 40 :f :txn :value [[:w "redis/z" 1] [:r "redis/z" nil]]}"#,
                #"{:index 5 :type :info :process 2 :time 50 :f :txn :value [[:w "redis/z" 1] [:r "redis/z" nil]]}"#,
                #"{:index 6 :type :invoke :process 3 :time 60 :f :txn :value [[:append "sqlite/x" 2]]}"#,
                #"{:index 7 :type :fail :process 3 :time 70 :f :txn :value [[:append "sqlite/x" 2]]}"#,
                #"{:index 8 :type :invoke :process 4 :time 80 :f :txn :value [[:r "redis/z" nil]]}"#,
                #"{:index 9 :type :ok :process 4 :time 90 :f :txn :value [[:r "redis/z" 1]]}"#,
            ])
    }

    @Test("what is written is read again", arguments: [WorkloadShape.Kind.listAppend, .register])
    func roundTrip(_ kind: WorkloadShape.Kind) throws {
        for seed in 0..<20 as Range<UInt64> {
            let history = SimulatedStores.run(.readCommitted, WorkloadShape(kind: kind), transactions: 100, seed: seed)
            #expect(try History(edn: history.operations.map(\.edn).joined(separator: "\n")) == history)
        }
        let strange = HistoryOperation(
            index: .max, kind: .info, process: 0, time: .max,
            value: [.append(key: "a \"b\" \\ \n é", value: .min + 1), .read(key: "", .list([-1, 0]))])
        #expect(try History(edn: strange.edn).operations == [strange])
    }

    @Test(
        "what others write is read too: tags, other entries, faults, commas, comments, numbers and keywords as keys, one vector"
    )
    func others() throws {
        let history = try History(
            edn: """
                [; recorded elsewhere
                #jepsen.history.Op{:value [[:append 5 1] [:r :x nil]], :f :txn, :time 7, :process 0, :type :invoke, :index 0}
                {:type :info, :f :kill, :process :nemesis, :value {"n1" [:killed 3.5 \\c #{1 2}]}, :index 1}
                {:index 2, :type :ok, :process 0, :time 9, :f :txn, :error nil, :value [[:append 5 1] [:r :x [1 2]]], :node "n1"}]
                """)
        #expect(
            history.operations == [
                HistoryOperation(
                    index: 0, kind: .invoke, process: 0, time: 7,
                    value: [.append(key: "5", value: 1), .read(key: ":x", .nothing)]),
                HistoryOperation(
                    index: 2, kind: .ok, process: 0, time: 9,
                    value: [.append(key: "5", value: 1), .read(key: ":x", .list([1, 2]))]),
            ])
    }

    @Test(
        "an error says where and what",
        arguments: [
            (
                "{:index 0 :type :oops :process 0 :value []}",
                "line 1, column 17: a type is :invoke, :ok, :fail or :info"
            ),
            ("\n  {:index x}", "line 2, column 11: an index was expected, not “x”"),
            (
                "{:type :ok :process 1 :f :txn :value [[:r \"x\" [1 2}]]}",
                "line 1, column 51: a list's value was expected, not “}”"
            ),
            (
                "{:type :ok :process 1 :f :txn :value [[:cas \"x\" 1]]}",
                "line 1, column 40: a micro-operation is :append, :w or :r"
            ),
            ("{:type :ok :process 1 :f :txn}", "line 1, column 1: this operation has no :value"),
            ("{:type :ok :f :txn :value []}", "line 1, column 1: this operation has no :process"),
            ("{:type :ok :process 1 :value [[:r \"x", "line 1, column 35: this string has no end"),
            ("{:index 99999999999999999999}", "line 1, column 9: an index that fits into 64 bits was expected"),
            (
                "[{:index 0 :type :ok :process 0 :value []}",
                "line 1, column 43: the vector's end was expected, and the text ends"
            ),
            ("17", "line 1, column 1: an operation, which is a map, was expected, not “17”"),
        ])
    func errors(_ text: String, _ message: String) {
        do throws(EDNError) {
            _ = try History(edn: text)
            Issue.record("\(text) was read")
        } catch {
            #expect(error.description == message)
        }
    }

    @Test("a text that is cut anywhere is read up to its last whole line, and nothing is made up")
    func torn() throws {
        let history = Story.concurrent("ax1 ry", "rx1 wz7", then: "rx1 gz7")
        let lines = history.operations.map { $0.edn + "\n" }
        let bytes = Array(lines.joined().utf8)
        for length in 0...bytes.count {
            let text = try HistoryText(Array(bytes[..<length]))
            // A map that is whole is read although its line has no end.
            var whole = 0
            var end = 0
            while whole < lines.count, end + lines[whole].utf8.count - 1 <= length {
                end += lines[whole].utf8.count
                whole += 1
            }
            #expect(text.history.operations == Array(history.operations[..<whole]))
            #expect((text.torn == nil) == (text.wholeBytes == length))
            #expect(text.wholeBytes == (text.torn == nil ? length : end))
        }
    }

    @Test("a line that is wrong is not taken for a torn one if others follow")
    func wrongInside() {
        #expect(throws: EDNError.self) { try HistoryText(Array("{:index 0 :ty\n{:index 1".utf8)) }
    }
}
