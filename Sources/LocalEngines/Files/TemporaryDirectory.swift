import Synchronization
import Threads

/// A folder that is there for a scope.
///
/// It is removed when the scope ends, and by the watchdog when this process ends in any other way. Its path is short
/// enough for Unix sockets in it (below 90 bytes on Linux and macOS).
public struct TemporaryDirectory: Sendable, Hashable {
    /// The folder's absolute path.
    public let path: String

    /// The path of a file or folder in it.
    public func path(of name: String) -> String { path + "/" + name }

    /// Runs the body with a new, empty folder, and removes the folder and all that is in it afterwards.
    ///
    /// - Throws: `LocalEngineError` when no folder can be made; what the body throws.
    public static func withDirectory<T>(
        isolation: isolated (any Actor)? = #isolation, _ body: (TemporaryDirectory) async throws -> T
    ) async throws -> T {
        let directory = try await make()
        do {
            let value = try await body(directory)
            await directory.remove()
            return value
        } catch {
            await directory.remove()
            throw error
        }
    }

    private static let count = Atomic<Int>(0)

    /// Makes one that its owner has to remove.
    static func make() async throws -> TemporaryDirectory {
        let home = try await Watchdog.shared.home()
        let number = count.add(1, ordering: .relaxed).newValue
        let path = home.path + "/" + String(number, radix: 36)
        try await onThread { try makeFolder(path) }
        return TemporaryDirectory(path: path)
    }

    /// Removes it; also in a cancelled task.
    func remove() async {
        let path = path
        try? await onThread { LocalEngines.remove(path) }
    }
}
