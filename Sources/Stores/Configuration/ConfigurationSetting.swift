/// One key: where its value goes, how it is written, what it means. The one place where these stand.
struct ConfigurationSetting: Sendable {
    let key: String
    let type: String
    let allowed: String
    let meaning: String
    let isSecret: Bool
    /// A value's text, from which defaults are shown.
    let text: @Sendable (StoresDraft) -> String
    /// Takes a text over; false if it is not allowed.
    let set: @Sendable (inout StoresDraft, String) -> Bool

    init<Value: Sendable>(
        _ key: String, _ path: any WritableKeyPath<StoresDraft, Value> & Sendable, _ format: ValueFormat<Value>,
        isSecret: Bool = false, _ meaning: String
    ) {
        self.key = key
        type = format.type
        allowed = format.allowed
        self.meaning = meaning
        self.isSecret = isSecret
        text = { format.text($0[keyPath: path]) }
        set = { draft, text in
            guard let value = format.parse(text.trimmed) else { return false }
            draft[keyPath: path] = value
            return true
        }
    }

    /// The same for a member of a part that several stores have.
    init<Part: Sendable, Value: Sendable>(
        _ key: String, _ part: any WritableKeyPath<StoresDraft, Part> & Sendable,
        _ member: any WritableKeyPath<Part, Value> & Sendable, _ format: ValueFormat<Value>, _ meaning: String
    ) {
        self.key = key
        type = format.type
        allowed = format.allowed
        self.meaning = meaning
        isSecret = false
        text = { format.text($0[keyPath: part][keyPath: member]) }
        set = { draft, text in
            guard let value = format.parse(text.trimmed) else { return false }
            draft[keyPath: part][keyPath: member] = value
            return true
        }
    }

    /// In the order of the documentation.
    static let all = sqlite + graph + redis + common
}

/// A configuration that is being put together: every store is there, and those that were given become part of the result.
struct StoresDraft: Sendable {
    var sqlite = StoresConfiguration.SQLite(path: "")
    var graph = StoresConfiguration.Graph(path: "")
    var redis = RedisDraft()
    var common = StoresConfiguration()
}
