import Foundation
import GRDB
import Testing

@testable import Transactions

@Suite("T7: the synchronizer's logic") struct SynchronizerLogicTests {
    private func entry(_ id: Int64, _ key: Int, mapping: String = "users") -> ChangeLog.Entry {
        ChangeLog.Entry(id: id, mapping: mapping, moment: nil, key: [key.databaseValue])
    }

    @Test("T7: changes of one row are one piece of work, in the order of the first ones") func coalesces() {
        let plan = ChangePlan([entry(1, 7), entry(2, 8), entry(3, 7), entry(4, 7, mapping: "posts"), entry(5, 8)])
        #expect(plan.works.map(\.ids) == [[1, 3], [2, 5], [4]])
        #expect(plan.works.map(\.mapping) == ["users", "users", "posts"])
    }

    @Test("T7: lag counts from the later of statement and the look that did not show the change")
    func brackets() {
        var brackets = CommitBrackets()
        #expect(brackets.longestAge(of: 1, statement: nil, now: 50) == nil)
        brackets.look(at: 100, lastID: 0)
        brackets.look(at: 110, lastID: 2)
        // Seen at 110, not at 100: committed after 100, whatever the statement's moment was.
        #expect(brackets.longestAge(of: 1, statement: 5, now: 130) == 30)
        #expect(brackets.longestAge(of: 2, statement: 104, now: 130) == 26)
        // Not seen yet: committed after 110.
        #expect(brackets.longestAge(of: 3, statement: 5, now: 130) == 20)
        // All gone, and nothing new: the same look, later.
        brackets.look(at: 120, lastID: 0)
        #expect(brackets.longestAge(of: 3, statement: 5, now: 130) == 10)
        #expect(brackets.longestAge(of: 3, statement: 500, now: 130) == 0)
        brackets.forget(through: 2)
        #expect(brackets.longestAge(of: 3, statement: 5, now: 130) == 10)
    }

    @Test("T7: a long outage makes the bounds wider, never too narrow") func bracketsAreBounded() {
        var brackets = CommitBrackets(capacity: 16)
        for look in 1...1_000 { brackets.look(at: Double(look), lastID: Int64(look)) }
        for id in stride(from: Int64(2), through: 1_000, by: 7) {
            let age = brackets.longestAge(of: id, statement: nil, now: 2_000) ?? .infinity
            #expect(age >= 2_000 - Double(id) && (age <= 1_999 || age == .infinity))
        }
    }

    @Test("T7: keys are made of rows, and rows found by keys") func patterns() {
        let pattern: KeyPattern = "{{app}}:{tenant}:user:{id}"
        let odd: KeyPattern = "a*[{id}]"
        #expect(pattern.columns == ["tenant", "id"])
        #expect(pattern.key(["a:user:b".databaseValue, 7.databaseValue]) == "{app}:a:user:b:user:7")
        #expect(pattern.key([.null, 7.databaseValue]) == nil)
        #expect(pattern.texts(in: "{app}:a:user:b:user:7") == [["a", "b:user:7"], ["a:user:b", "7"]])
        #expect(pattern.texts(in: "other") == [])
        #expect(odd.glob == "a\\*\\[*\\]")
        for wrong in ["user", "user:{id", "user:}{id}", "{a}{b}", "{}", "{a}:{a}"] {
            do {
                _ = try KeyPattern(wrong)
                Issue.record("\(wrong) was taken")
            } catch {
                #expect(error is MappingError)
            }
        }
    }

    @Test("T8: a file of mappings, and back") func file() throws {
        let text = """
            { "mappings": [
                { "table": "users", "node": { "label": "User", "properties": { "fullName": "name" } },
                  "cache": { "key": "user:{id}", "value": { "json": ["id", "name"] }, "expiry": 60 } },
                { "name": "follows", "table": "follows", "key": ["a", "b"],
                  "relationship": { "type": "Follows", "from": { "label": "User", "key": { "id": "a" } },
                                    "to": { "label": "User", "key": { "id": "b" } } } } ] }
            """
        let mappings = try StoreMappings(json: Data(text.utf8))
        #expect(mappings.mappings.map(\.name) == ["users", "follows"])
        #expect(mappings.mappings[0].cache?.expiry == .seconds(60))
        let again = try StoreMappings(json: try JSONEncoder().encode(mappings))
        #expect(again.mappings[0].cache?.key.text == "user:{id}")
        #expect(again.mappings[1].graph == mappings.mappings[1].graph)
    }

    @Test(
        "T8: what is wrong in a file is named with its place and the nearest name",
        arguments: [
            (#"{"mappings": [{"table": "users", "cashe": {}}]}"#, "mappings[0]", "cache"),
            (
                #"{"mappings": [{"table": "users", "cache": {"key": "user:{id}", "value": {"jsn": ["id"]}}}]}"#,
                "mappings[0].cache.value", "json"
            ),
            (#"{"mappings": [{"cache": {"key": "user:{id}", "value": {"json": ["id"]}}}]}"#, "mappings[0]", "table"),
            (
                #"{"mappings": [{"table": "users", "cache": {"key": "user", "value": {"json": ["id"]}}}]}"#,
                "mappings[0].cache.key", "column"
            ),
            (#"{"mappings": [{"table": 7}]}"#, "mappings[0].table", "text"),
            (#"{"mappings": [{"table": "users"}, {"table": "users"}]}"#, "mappings[1]", "users"),
            (#"{"mappings": ["#, "the document", "JSON"),
        ])
    func wrongFile(text: String, place: String, word: String) {
        do {
            _ = try StoreMappings(json: Data(text.utf8))
            Issue.record("it was taken")
        } catch let error as MappingError {
            #expect(error.place.hasPrefix(place))
            #expect(error.description.contains(word))
        } catch {
            Issue.record("\(error)")
        }
    }

    @Test("T8: what does not fit the tables is named with the nearest name") func wrongNames() async throws {
        try await FollowedStores.with { stores in
            let cases: [(StoreMapping, String)] = [
                (StoreMapping(table: "user", cache: FollowedStores.usersMapping.cache), "\"users\""),
                (StoreMapping(table: "users", cache: CacheMapping(key: "u:{id}", value: .string("nam"))), "\"name\""),
                (StoreMapping(table: "users", cache: CacheMapping(key: "u:{city}", value: .string("name"))), "unique"),
            ]
            for (mapping, word) in cases {
                do {
                    try await CacheSynchronizer(stores.coordinator, mappings: [mapping]).run()
                    Issue.record("it was taken")
                } catch let error as MappingError {
                    #expect(error.description.contains(word), "\(error)")
                }
            }
        }
    }
}
