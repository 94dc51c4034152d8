import Foundation
import GRDB
import Scenarios
import Testing

@testable import LoadTesting

@Suite("S1: answers of different stores are compared by what they show")
struct StepAnswerTests {
    private func answer(_ value: DatabaseValue) -> StepAnswer { StepAnswer(rows: [[FieldValue(value)]]) }

    @Test("S1: numbers are the same however a store writes them; different blobs are not, nor is nothing an empty text")
    func same() {
        #expect(answer(2.databaseValue).isSame(as: answer(2.0.databaseValue)))
        #expect(answer(2.databaseValue).isSame(as: answer("2".databaseValue)))
        let first = Data([0x01, 0x23]).databaseValue, second = Data([0x12, 0x03]).databaseValue
        #expect(answer(first).isSame(as: answer(first)))
        #expect(!answer(first).isSame(as: answer(second)))
        #expect(!answer(.null).isSame(as: answer("".databaseValue)))
        #expect(answer(.null).isSame(as: answer(.null)))
    }
}
