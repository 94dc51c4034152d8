public import Configuration

extension StoresConfiguration {
    /// Reads the configuration with swift-configuration, from whatever providers the reader has.
    ///
    /// A store is opened if its place is given: `sqlite.path`, `graph.path`, and one of `redis.host`, `redis.socket`, `redis.cluster`.
    /// ``keys`` lists all keys. A reader can't tell which keys its files have besides; ``load(file:section:environment:overrides:)`` does,
    /// and refuses unknown ones.
    ///
    /// With `redis.tls`, reads the certificates that the configuration names, on the calling thread.
    /// - Parameter reader: its keys begin as they do here; give a scoped reader where the application has them under a section of its own.
    /// - Throws: ``StoresConfigurationError``, with everything that is wrong.
    public init(reader: ConfigReader) throws {
        var draft = StoresDraft()
        var given: [String: String] = [:]
        var problems: [StoresConfigurationError.Problem] = []
        for setting in ConfigurationSetting.all {
            guard let text = reader.anyText(forKey: setting.key, isSecret: setting.isSecret) else { continue }
            given[setting.key] = text
            guard !setting.set(&draft, text) else { continue }
            problems.append(
                .init(key: setting.key, value: setting.isSecret ? nil : text, explanation: "must be \(setting.allowed)")
            )
        }
        self = try draft.finished(given: given, problems)
    }
}

extension ConfigReader {
    /// The value as text, whatever its type in the file; nil where there is none.
    ///
    /// The reader's own conversions answer nil for a value of the wrong type, as if it were not there.
    fileprivate func anyText(forKey name: String, isSecret: Bool) -> String? {
        let key = ConfigKey(name)
        if let text = string(forKey: key, isSecret: isSecret) { return text }
        if let number = int(forKey: key, isSecret: isSecret) { return "\(number)" }
        if let number = double(forKey: key, isSecret: isSecret) { return "\(number)" }
        if let flag = bool(forKey: key, isSecret: isSecret) { return "\(flag)" }
        return stringArray(forKey: key, isSecret: isSecret)?.joined(separator: ",")
    }
}
