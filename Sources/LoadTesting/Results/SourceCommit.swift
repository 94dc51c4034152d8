import Foundation

/// The commit of the Git repository around a folder: what a result was measured of.
///
/// Read from Git's own files, so that `git` need not be there; a change that isn't committed is not seen.
package enum SourceCommit {
    /// Nil where there is no repository, or nothing committed.
    package static func current(from folder: String = FileManager.default.currentDirectoryPath) -> String? {
        var place = URL(fileURLWithPath: folder).standardizedFileURL
        while true {
            let git = place.appendingPathComponent(".git")
            if FileManager.default.fileExists(atPath: git.path) { return commit(in: gitFolder(git)) }
            let parent = place.deletingLastPathComponent().standardizedFileURL
            guard parent != place, place.path != "/" else { return nil }
            place = parent
        }
    }

    /// A work tree of another repository has a file that says where its folder is.
    private static func gitFolder(_ git: URL) -> URL {
        guard let text = text(git), text.hasPrefix("gitdir: ") else { return git }
        let path = String(text.dropFirst("gitdir: ".count))
        return path.hasPrefix("/")
            ? URL(fileURLWithPath: path) : git.deletingLastPathComponent().appendingPathComponent(path)
    }

    private static func commit(in folder: URL) -> String? {
        guard let head = text(folder.appendingPathComponent("HEAD")) else { return nil }
        guard head.hasPrefix("ref: ") else { return hash(head) }
        let name = String(head.dropFirst("ref: ".count))
        // Branches are where all work trees find them.
        let common = text(folder.appendingPathComponent("commondir")).map {
            $0.hasPrefix("/") ? URL(fileURLWithPath: $0) : folder.appendingPathComponent($0)
        }
        for place in [folder, common].compactMap({ $0 }) {
            if let found = text(place.appendingPathComponent(name)).flatMap(hash) { return found }
            let packed = text(place.appendingPathComponent("packed-refs")) ?? ""
            for line in packed.split(separator: "\n") where line.hasSuffix(" \(name)") {
                if let found = hash(String(line.prefix { $0 != " " })) { return found }
            }
        }
        return nil
    }

    private static func hash(_ text: String) -> String? {
        [40, 64].contains(text.utf8.count) && text.allSatisfy(\.isHexDigit) ? text : nil
    }

    private static func text(_ file: URL) -> String? {
        guard let data = try? Data(contentsOf: file) else { return nil }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
