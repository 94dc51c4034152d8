import Foundation

/// Finds the engine's library: what the user named, then what `scripts/bootstrap` installed, then what the system has.
package struct GraphEngineLocator {
    var environment: [String: String]
    var fileExists: (String) -> Bool

    package init(
        environment: [String: String] = ProcessInfo.processInfo.environment,
        fileExists: @escaping (String) -> Bool = { FileManager.default.fileExists(atPath: $0) }
    ) {
        self.environment = environment
        self.fileExists = fileExists
    }

    /// The path of the library. A path that the user named is returned without a check, so that the error names it.
    package func locate(_ kind: GraphEngine.Kind) throws -> String {
        if let named = environment[kind.environmentVariable], !named.isEmpty { return named }
        let candidates = candidates(for: kind)
        guard let found = candidates.first(where: fileExists) else {
            throw GraphError.engineNotFound(
                kind: kind, searched: ["$\(kind.environmentVariable) (not set)"] + candidates)
        }
        return found
    }

    private func candidates(for kind: GraphEngine.Kind) -> [String] {
        let prefix = environment["TRIVET_PREFIX"] ?? (environment["HOME"] ?? "~") + "/.local/lib/trivet"
        return ([prefix] + Self.systemFolders).map { "\($0)/lib\(kind.libraryName).\(Self.suffix)" }
    }

    #if os(macOS)
        private static let suffix = "dylib"
        private static let systemFolders = ["/opt/homebrew/lib", "/usr/local/lib"]
    #else
        private static let suffix = "so"
        private static let systemFolders = [
            "/usr/local/lib", "/usr/lib", "/usr/lib64", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu",
        ]
    #endif
}
