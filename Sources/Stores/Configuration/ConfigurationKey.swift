/// A key of the configuration, as the documentation and `--help` show it.
public struct ConfigurationKey: Sendable, Hashable {
    /// The key in files, such as `sqlite.busyTimeout`.
    public let key: String
    /// The environment variable, such as `TRIVET_SQLITE_BUSY_TIMEOUT`.
    public let environmentVariable: String
    /// What kind of value it takes.
    public let type: String
    /// The default as it would be written; empty for none.
    public let defaultValue: String
    /// What it does, in a sentence.
    public let meaning: String
    /// Whether its value is never printed.
    public let isSecret: Bool
}

extension StoresConfiguration {
    /// Every key, in the order of the documentation.
    public static var keys: [ConfigurationKey] {
        let draft = StoresDraft()
        return ConfigurationSetting.all.map {
            ConfigurationKey(
                key: $0.key, environmentVariable: environmentVariable(for: $0.key), type: $0.type,
                defaultValue: $0.text(draft), meaning: $0.meaning, isSecret: $0.isSecret)
        }
    }

    /// Checks what is common to all stores: intervals, counts, the budget. The stores' own parts are checked when they are opened.
    ///
    /// - Throws: ``StoresConfigurationError``, as for a file: with the keys' names.
    public func validate() throws(StoresConfigurationError) {
        var draft = StoresDraft()
        draft.common = self
        // What could not be read back makes no sense.
        let problems = ConfigurationSetting.common.compactMap { setting -> StoresConfigurationError.Problem? in
            let text = setting.text(draft)
            var copy = draft
            guard !setting.set(&copy, text) else { return nil }
            return .init(key: setting.key, value: text, explanation: "must be \(setting.allowed)")
        }
        guard problems.isEmpty else { throw StoresConfigurationError(problems: problems) }
    }

    /// `sqlite.busyTimeout` → `TRIVET_SQLITE_BUSY_TIMEOUT`, as swift-configuration makes it with the prefix `trivet`.
    static func environmentVariable(for key: String) -> String { "TRIVET_\(unprefixedVariable(for: key))" }

    static func unprefixedVariable(for key: String) -> String {
        var name = ""
        var previous: Character = "."
        for letter in key {
            if letter.isUppercase, previous.isLowercase { name.append("_") }
            name += letter == "." ? "_" : letter.uppercased()
            previous = letter
        }
        return name
    }
}
