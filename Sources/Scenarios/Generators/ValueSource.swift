import Measurement
import Synchronization

/// A generator that is ready to draw: its bounds are numbers, its file is read.
package struct ValueSource: Sendable {
    /// Values by their names, as far as they are drawn.
    package typealias Values = [String: FieldValue]

    private enum Draw: Sendable {
        case constant(FieldValue)
        case sequence(from: Int, step: Int, next: Counter)
        case uniform(ClosedRange<Int>)
        case uniformNumber(Range<Double>)
        case zipfian(Zipfian, from: Int)
        case names(GeneratorDefinition.NamePart)
        case texts(ClosedRange<Int>, Zipfian)
        case choice([FieldValue], ends: [Double])
        case text(TextTemplate)
        case column([FieldValue], next: Counter?)
    }

    private final class Counter: Sendable {
        private let count = Atomic<Int>(0)
        func next() -> Int { count.add(1, ordering: .relaxed).oldValue }
    }

    package let name: String
    private let draw: Draw

    /// - Parameters:
    ///   - counts: of the data sets.
    ///   - table: reads a file.
    package init(
        _ definition: ValueDefinition, counts: [String: Int], table: (RowFileDefinition) throws -> RowTable
    ) throws {
        name = definition.name
        func number(_ bound: GeneratorDefinition.Bound) -> Int {
            switch bound {
            case .number(let number): number
            case .count(let name): counts[name] ?? 1
            }
        }
        switch definition.generator {
        case .constant(let value): draw = .constant(value)
        case .sequence(let from, let step): draw = .sequence(from: from, step: step, next: Counter())
        case .uniform(let from, let to):
            // A small scale may leave less than what the file began at.
            draw = .uniform(min(number(from), number(to))...number(to))
        case .uniformNumber(let from, let to): draw = .uniformNumber(from..<to)
        case .zipfian(let from, let to, let exponent):
            let first = min(number(from), number(to))
            draw = .zipfian(Zipfian(count: number(to) - first + 1, exponent: exponent), from: first)
        case .names(let part): draw = .names(part)
        case .texts(let words): draw = .texts(words, Zipfian(count: WordLists.words.count, exponent: 1))
        case .choice(let values, let weights):
            var sum = 0.0
            let ends = weights.map { weight in
                sum += weight
                return sum
            }
            draw = .choice(values, ends: ends)
        case .text(let template): draw = .text(template)
        case .column(let file, let column, let order):
            let table = try table(file)
            draw = .column(
                table.rows.indices.map { table.value(column, row: $0) }, next: order == .sequence ? Counter() : nil)
        }
    }

    /// The next value.
    ///
    /// - Parameters:
    ///   - values: those that were drawn before.
    ///   - row: its number in data, from 0; nil in operations, where a sequence goes on for all of them together.
    package func next(_ values: Values, row: Int? = nil, using generator: inout SplitMix64) -> FieldValue {
        switch draw {
        case .constant(let value): return value
        case .sequence(let from, let step, let counter): return .integer(from &+ (row ?? counter.next()) &* step)
        case .uniform(let range): return .integer(Int.random(in: range, using: &generator))
        case .uniformNumber(let range): return .number(Double.random(in: range, using: &generator))
        case .zipfian(let zipfian, let from): return .integer(from + zipfian.next(using: &generator) - 1)
        case .names(let part): return .text(Self.name(part, using: &generator))
        case .texts(let count, let zipfian):
            let words = (0..<Int.random(in: count, using: &generator)).map { _ in
                WordLists.words[zipfian.next(using: &generator) - 1]
            }
            return .text(words.joined(separator: " "))
        case .choice(let choices, let ends):
            let place = Double.random(in: 0..<(ends.last ?? 1), using: &generator)
            return choices[ends.firstIndex { place < $0 } ?? choices.count - 1]
        case .text(let template): return .text(template.text { values[$0] })
        case .column(let column, let counter):
            if let counter { return column[(row ?? counter.next()) % column.count] }
            return column[Int.random(in: column.indices, using: &generator)]
        }
    }

    private static func name(_ part: GeneratorDefinition.NamePart, using generator: inout SplitMix64) -> String {
        func one(of names: [String]) -> String { names[Int.random(in: names.indices, using: &generator)] }
        switch part {
        case .first: return one(of: WordLists.firstNames)
        case .last: return one(of: WordLists.lastNames)
        case .full: return "\(one(of: WordLists.firstNames)) \(one(of: WordLists.lastNames))"
        }
    }
}

/// Some values together, drawn in their order.
package struct ValueSources: Sendable {
    private let sources: [ValueSource]

    package init(_ sources: [ValueSource]) {
        self.sources = sources
    }

    package func draw(_ known: ValueSource.Values = [:], row: Int? = nil, using generator: inout SplitMix64)
        -> ValueSource.Values
    {
        var values = known
        for source in sources { values[source.name] = source.next(values, row: row, using: &generator) }
        return values
    }
}
