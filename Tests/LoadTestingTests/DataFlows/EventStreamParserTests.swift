import Measurement
import Testing

@testable import LoadTesting

@Suite("S5: a stream of events is read as it comes") struct EventStreamParserTests {
    private func read(_ text: String) -> [StreamEvent] {
        var parser = EventStreamParser()
        return parser.read(text.utf8)
    }

    @Test("S5: ids, kinds, data of several lines, comments, and what is none")
    func fields() {
        let events = read(
            """
            : a comment
            retry: 1000

            id: 7
            event: update
            data: {"a":1}

            data: one
            data:two
            data:  three

            event: nothing

            id
            data

            """)
        #expect(
            events == [
                StreamEvent(id: "7", kind: "update", data: "{\"a\":1}"),
                StreamEvent(id: "7", kind: "message", data: "one\ntwo\n three"),
            ], "of the others one has no data, and the last one no empty line after it")
    }

    @Test("S5: lines end with a return, a line feed or both, and pieces end anywhere", arguments: 0..<30)
    func pieces(seed: Int) {
        var generator = SplitMix64(seed: UInt64(seed))
        let end = ["\n", "\r", "\r\n"].randomElement(using: &generator) ?? "\n"
        let truth = (1...20).map { number in
            StreamEvent(
                id: "\(number)", kind: number.isMultiple(of: 3) ? "end" : "update",
                data: (0...Int.random(in: 0...2, using: &generator)).map { "line \($0) é \(number)" }
                    .joined(separator: "\n"))
        }
        let lines = truth.flatMap { event in
            [": beat", "", "id: \(event.id ?? "")", "event: \(event.kind)"]
                + event.data.split(separator: "\n").map { "data: \($0)" } + [""]
        }
        let bytes = Array(lines.map { $0 + end }.joined().utf8)
        var parser = EventStreamParser(), events: [StreamEvent] = [], place = 0
        while place < bytes.count {
            let next = min(bytes.count, place + Int.random(in: 1...40, using: &generator))
            events += parser.read(bytes[place..<next])
            place = next
        }
        #expect(events == truth && parser.lastID == "20")
    }
}
