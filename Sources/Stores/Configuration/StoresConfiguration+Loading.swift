public import Configuration
import Foundation
import Spelling
import Synchronization
import SystemPackage

extension StoresConfiguration {
    /// Reads the configuration from flags, the environment and a file, in this order: what comes first wins, and what is nowhere has its
    /// default.
    ///
    /// - Parameters:
    ///   - file: a YAML or JSON file, told apart by its extension; nil for none.
    ///   - section: the key in the file under which these settings stand, where the file has others too; nil for the top.
    ///   - environment: variables by name; those that count begin with `TRIVET_`.
    ///   - overrides: values by key, such as flags of a command line.
    /// - Throws: ``StoresConfigurationError``, also for a key that does not exist in the file (or its section) and in `overrides`.
    public static func load(
        file: String? = nil, section: String? = nil,
        environment: [String: String] = ProcessInfo.processInfo.environment, overrides: [String: String] = [:]
    ) async throws -> StoresConfiguration {
        let unknown = unknownKeys(overrides.keys.sorted())
        guard unknown.isEmpty else { throw StoresConfigurationError(problems: unknown) }
        let flags = Dictionary(uniqueKeysWithValues: overrides.map { (unprefixedVariable(for: $0.key), $0.value) })
        var providers: [any ConfigProvider] = [
            EnvironmentVariablesProvider(
                environmentVariables: flags, secretsSpecifier: .specific(Set(secrets.map(unprefixedVariable)))),
            EnvironmentVariablesProvider(
                environmentVariables: environment, secretsSpecifier: .specific(Set(secrets.map(environmentVariable)))
            ).prefixKeys(with: "trivet"),
        ]
        if let file { providers.append(try await provider(file: file, section: section)) }
        return try StoresConfiguration(reader: ConfigReader(providers: providers))
    }

    /// A provider for a reader of your own, over a file whose keys have been checked.
    ///
    /// - Throws: ``StoresConfigurationError`` for a file that can't be read, and for unknown keys, with the nearest that exists.
    public static func provider(file: String, section: String? = nil) async throws -> any ConfigProvider {
        let keys = FoundKeys(prefix: section.map { "\($0)." } ?? "")
        let inFile: any ConfigProvider
        do {
            let path = FilePath(file)
            switch path.extension?.lowercased() {
            case "yaml", "yml":
                let options = YAMLSnapshot.ParsingOptions(secretsSpecifier: .dynamic { key, _ in keys.note(key) })
                inFile = try await FileProvider<YAMLSnapshot>(parsingOptions: options, filePath: path)
            case "json":
                let options = JSONSnapshot.ParsingOptions(secretsSpecifier: .dynamic { key, _ in keys.note(key) })
                inFile = try await FileProvider<JSONSnapshot>(parsingOptions: options, filePath: path)
            default:
                throw StoresConfigurationError(problems: [
                    .init(key: file, value: nil, explanation: "its name must end with .yaml, .yml or .json")
                ])
            }
        } catch let error as StoresConfigurationError {
            throw error
        } catch {
            throw StoresConfigurationError(problems: [.init(key: file, value: nil, explanation: "\(error)")])
        }
        let unknown = unknownKeys(keys.all)
        guard unknown.isEmpty else { throw StoresConfigurationError(problems: unknown) }
        return section.map { under($0, inFile) } ?? inFile
    }

    private static func under(_ section: String, _ provider: some ConfigProvider) -> any ConfigProvider {
        provider.prefixKeys(with: ConfigKey(section))
    }

    private static var secrets: [String] { ConfigurationSetting.all.filter(\.isSecret).map(\.key) }

    private static func unknownKeys(_ keys: [String]) -> [StoresConfigurationError.Problem] {
        let known = ConfigurationSetting.all.map(\.key)
        let set = Set(known)
        return keys.filter { !set.contains($0) }.map { key in
            let meant = NearestNames.of(key, among: known).first.map { "; did you mean \($0)?" } ?? ""
            return .init(key: key, value: nil, explanation: "there is no such key\(meant)")
        }
    }
}

/// The keys that a file has. swift-configuration lists them nowhere, but asks of each whether it is a secret.
private final class FoundKeys: Sendable {
    private let prefix: String
    private let keys = Mutex<[String]>([])

    init(prefix: String) {
        self.prefix = prefix
    }

    var all: [String] { keys.withLock { $0.sorted() } }

    /// - Returns: whether the key's value is a secret.
    func note(_ key: String) -> Bool {
        guard key.hasPrefix(prefix) else { return false }
        let own = String(key.dropFirst(prefix.count))
        keys.withLock { $0.append(own) }
        return ConfigurationSetting.all.contains { $0.key == own && $0.isSecret }
    }
}
