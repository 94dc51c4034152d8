import Foundation
import Measurement
import Testing

@testable import Scenarios

@Suite("S1: values are drawn as the file says, and the same for the same seed")
struct GeneratorTests {
    private func draw(_ generator: GeneratorDefinition, count: Int, seed: UInt64 = 1) throws -> [FieldValue] {
        let source = try ValueSource(.init(name: "x", generator: generator), counts: ["all": 40]) { _ in
            try RowTable(csv: "a,b\n1,x\n2,y\n3,z\n", name: "t.csv")
        }
        var generator = SplitMix64(seed: seed)
        return (0..<count).map { _ in source.next(["id": .integer(7)], using: &generator) }
    }

    private func integers(_ generator: GeneratorDefinition, count: Int, seed: UInt64 = 1) throws -> [Int] {
        try draw(generator, count: count, seed: seed).map { if case .integer(let value) = $0 { value } else { -1 } }
    }

    @Test("S1: each generator", arguments: 1...5 as ClosedRange<UInt64>)
    func kinds(seed: UInt64) throws {
        #expect(try draw(.constant(.text("a")), count: 2) == [.text("a"), .text("a")])
        #expect(try integers(.sequence(from: 5, step: 2), count: 3) == [5, 7, 9])
        #expect(try draw(.text(TextTemplate("user-$id!")), count: 1) == [.text("user-7!")])
        let dice = try integers(.uniform(from: .number(1), to: .number(6)), count: 60_000, seed: seed)
        for side in 1...6 {
            // Within four and a half standard deviations.
            #expect(abs(dice.count { $0 == side } - 10_000) < 411)
        }
        #expect(Set(try integers(.uniform(from: .number(38), to: .count(of: "all")), count: 99)) == [38, 39, 40])
        for value in try draw(.uniformNumber(from: 0.5, to: 2), count: 1_000, seed: seed) {
            guard case .number(let number) = value else {
                Issue.record("no number")
                return
            }
            #expect((0.5..<2).contains(number))
        }
        let texts = try draw(.texts(words: 2...4), count: 500, seed: seed).map { "\($0)".split(separator: " ").count }
        #expect(Set(texts) == [2, 3, 4])
        #expect(Set(try draw(.names(.full), count: 2_000, seed: seed)).count > 800)
        let weighted = try draw(.choice([.integer(1), .integer(2)], weights: [1, 3]), count: 40_000, seed: seed)
        #expect(abs(weighted.count { $0 == .integer(1) } - 10_000) < 390)
        let file = RowFileDefinition(path: "t.csv", format: .csv)
        #expect(
            try draw(.column(file, column: "b", order: .sequence), count: 4) == ["x", "y", "z", "x"].map { .text($0) })
        #expect(
            Set(try draw(.column(file, column: "a", order: .random), count: 99)) == [
                .integer(1), .integer(2), .integer(3),
            ])
    }

    @Test("S1: the same seed draws the same values, and another one others")
    func seeds() throws {
        let generator = GeneratorDefinition.zipfian(from: .number(1), to: .number(1_000), exponent: 0.8)
        #expect(try integers(generator, count: 100, seed: 3) == integers(generator, count: 100, seed: 3))
        #expect(try integers(generator, count: 100, seed: 3) != integers(generator, count: 100, seed: 4))
    }

    @Test("S1: in data a sequence is the row's number, whatever was drawn before")
    func rows() throws {
        let source = try ValueSource(.init(name: "x", generator: .sequence(from: 10, step: -1)), counts: [:]) { _ in
            throw RowTable.Problem(description: "")
        }
        var generator = SplitMix64(seed: 1)
        let drawn = [0, 5, 5].map { source.next([:], row: $0, using: &generator) }
        #expect(drawn == [.integer(10), .integer(5), .integer(5)])
    }

    @Test(
        "S1: Zipf's numbers have the frequencies of their law",
        arguments: [(10, 1.0), (10, 0.5), (100, 0.99), (50, 2.0), (1_000, 1.2), (2, 3.0)], 1...3 as ClosedRange<UInt64>)
    func zipfian(of: (count: Int, exponent: Double), seed: UInt64) {
        let zipfian = Zipfian(count: of.count, exponent: of.exponent)
        var generator = SplitMix64(seed: seed)
        let draws = 200_000
        var counts = [Int](repeating: 0, count: of.count + 1)
        for _ in 0..<draws { counts[zipfian.next(using: &generator)] += 1 }
        #expect(counts[0] == 0)
        let weights = (1...of.count).map { pow(Double($0), -of.exponent) }
        let sum = weights.reduce(0, +)
        // Pearson's statistic over the numbers that are frequent enough, with the rest as one class.
        var statistic = 0.0, classes = 0, restExpected = 0.0, restCount = 0
        for (index, weight) in weights.enumerated() {
            let expected = weight / sum * Double(draws)
            if expected < 10 {
                restExpected += expected
                restCount += counts[index + 1]
            } else {
                statistic += pow(Double(counts[index + 1]) - expected, 2) / expected
                classes += 1
            }
        }
        if restExpected > 0 {
            statistic += pow(Double(restCount) - restExpected, 2) / restExpected
            classes += 1
        }
        // Its mean is the degrees of freedom and its variance twice that.
        let freedom = Double(classes - 1)
        #expect(statistic < freedom + 5 * (2 * freedom).squareRoot() + 5)
    }

    @Test("S1: one number is always the same, and a million are within their range")
    func zipfianEnds() {
        var generator = SplitMix64(seed: 1)
        let one = Zipfian(count: 1, exponent: 0.99)
        let ones = (0..<1_000).map { _ in one.next(using: &generator) }
        #expect(ones.allSatisfy { $0 == 1 })
        let many = Zipfian(count: 1_000_000_000, exponent: 0.3)
        let numbers = (0..<10_000).map { _ in many.next(using: &generator) }
        #expect(numbers.allSatisfy { (1...1_000_000_000).contains($0) })
    }

    @Test("S1: operations come in proportion to their weights", arguments: 1...5 as ClosedRange<UInt64>)
    func mix(seed: UInt64) {
        let mix = OperationMix([1, 2, 7])
        var generator = SplitMix64(seed: seed)
        var counts = [0, 0, 0]
        for _ in 0..<100_000 { counts[mix.next(using: &generator)] += 1 }
        for (count, part) in zip(counts, [0.1, 0.2, 0.7]) {
            #expect(abs(Double(count) - part * 100_000) < 4.5 * (100_000 * part * (1 - part)).squareRoot())
        }
    }
}

@Suite("S1: files of rows")
struct RowTableTests {
    @Test("S1: CSV as RFC 4180 has it")
    func csv() throws {
        let table = try RowTable(
            csv: "\u{FEFF}id, name,note\r\n1,Ada,\"a, \"\"quoted\"\"\nline\"\n\n2.5,,\"\"\n3,Zoë,\"7\"", name: "t")
        #expect(table.columns == ["id", "name", "note"])
        #expect(
            table.rows == [
                [.integer(1), .text("Ada"), .text("a, \"quoted\"\nline")], [.number(2.5), .null, .text("")],
                [.integer(3), .text("Zoë"), .text("7")],
            ])
        #expect(table.value("name", row: 2) == .text("Zoë"))
    }

    @Test("S1: JSON Lines, whose objects may differ")
    func jsonLines() throws {
        let table = try RowTable(jsonLines: "{\"b\":true,\"a\":1}\n\n{\"a\":1.5,\"c\":\"x\"}\n", name: "t")
        #expect(table.columns == ["a", "b", "c"])
        #expect(table.rows == [[.integer(1), .flag(true), .null], [.number(1.5), .null, .text("x")]])
    }

    @Test(
        "S1: what is wrong with a file is told with its line",
        arguments: [
            ("", "t has no header line"), ("a,a\n", "t has two columns \"a\""),
            ("a,b\n1,2\n\n\n3\n", "t:5 has 1 fields, and its header 2"),
            ("a\n1\n\"x\n", "t:3 has a quote without an end"),
        ])
    func wrong(text: String, message: String) {
        do {
            _ = try RowTable(csv: text, name: "t")
            Issue.record("it was read")
        } catch {
            #expect(error.description == message)
        }
        do {
            _ = try RowTable(jsonLines: "{}\n[1]", name: "t")
            Issue.record("it was read")
        } catch {
            #expect(error.description == "t:2 is no JSON object of plain values")
        }
    }
}
