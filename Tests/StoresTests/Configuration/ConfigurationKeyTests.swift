import Testing

@testable import Stores

@Suite("Configuration: the list of keys")
struct ConfigurationKeyTests {
    @Test("Every key has the environment variable that is documented for it")
    func environment() async throws {
        let keys = StoresConfiguration.keys
        #expect(Set(keys.map(\.key)).count == keys.count)
        // No key takes an empty text, so each one complains.
        let empty = Dictionary(uniqueKeysWithValues: keys.map { ($0.environmentVariable, "") })
        do {
            _ = try await StoresConfiguration.load(environment: empty)
            Issue.record("nothing was refused")
        } catch let error as StoresConfigurationError {
            #expect(Set(error.problems.map(\.key)).isSuperset(of: keys.map(\.key)))
        }
    }

    @Test("Every default that is documented is accepted as a value, and is the default")
    func documentedDefaults() {
        let draft = StoresDraft()
        for setting in ConfigurationSetting.all where !setting.text(draft).isEmpty {
            var changed = draft
            #expect(setting.set(&changed, setting.text(draft)), "\(setting.key)")
            #expect(setting.text(changed) == setting.text(draft))
        }
    }

    @Test("The table in the documentation has every key with its type, default and meaning")
    func documentation() throws {
        let documented = try DocumentedTable(in: "pools.md", after: "## Configuration").rows
        #expect(documented == StoresConfiguration.keys.map(\.documentationRow))
    }
}

extension ConfigurationKey {
    /// As it stands in the documentation.
    var documentationRow: String {
        let value = defaultValue.isEmpty ? "" : "`\(defaultValue)`"
        return "| `\(key)` | \(type) | \(value) | \(meaning)\(isSecret ? " Never printed." : "") |"
    }
}
