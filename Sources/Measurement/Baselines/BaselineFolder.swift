import Foundation
import Spelling

/// A folder of baselines, each a file of JSON with its name.
package struct BaselineFolder: Sendable {
    /// Where they are. Made with the first that is saved.
    package let path: String

    package init(_ path: String) {
        self.path = path
    }

    /// The names of all that are there, in order; none when there is no folder.
    package var names: [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return files.filter { $0.hasSuffix(Self.suffix) && !$0.hasPrefix(".") }
            .map { String($0.dropLast(Self.suffix.count)) }.sorted()
    }

    /// Saves a baseline under its name: all of it or nothing, even when the machine stops meanwhile.
    ///
    /// - Parameter replacing: whether one of the same name may be there, and be replaced.
    /// - Throws: `BaselineError` when the name can't be one, or is there already, or the folder can't be written to.
    package func save(_ baseline: Baseline, replacing: Bool) throws {
        let file = try file(of: baseline.name)
        if let defect = baseline.defects.first {
            throw BaselineError(.invalid, "the baseline \(baseline.name) can't be saved: \(defect)")
        }
        if !replacing, FileManager.default.fileExists(atPath: file) {
            throw BaselineError(.exists, "there is a baseline \(baseline.name) in \(path); say if it may be replaced")
        }
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            try DurableFile.write(encoder.encode(baseline), to: file)
        } catch {
            throw BaselineError(.notWritten, "the baseline \(baseline.name) was not saved: \(error.readable)")
        }
    }

    /// - Throws: `BaselineError` that says what is wrong with it, or which ones there are instead.
    package func load(_ name: String) throws -> Baseline {
        let file = try file(of: name)
        guard FileManager.default.fileExists(atPath: file) else { throw missing(name) }
        return try Self.load(file: file)
    }

    /// The baseline in a file that may be anywhere and have any name.
    ///
    /// - Throws: `BaselineError` that says what is wrong with it.
    package static func load(file: String) throws -> Baseline {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: file))
        } catch {
            throw BaselineError(.unreadable, "\(file) can't be read: \(error.readable)")
        }
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        do {
            // First, because a document of another form lacks who knows what.
            let schema = try decoder.decode(Schema.self, from: data).schema
            guard schema == Baseline.schema else {
                throw BaselineError(
                    .otherSchema,
                    "\(file) has schema \(schema), and this version reads \(Baseline.schema): measure it again")
            }
            let baseline = try decoder.decode(Baseline.self, from: data)
            if let defect = baseline.defects.first { throw BaselineError(.unreadable, "\(file): \(defect)") }
            return baseline
        } catch let error as DecodingError {
            throw BaselineError(.unreadable, "\(file) is no baseline: \(error.readable)")
        }
    }

    private struct Schema: Decodable {
        var schema: Int
    }

    private static let suffix = ".json"

    private func file(of name: String) throws(BaselineError) -> String {
        let isPlain = name.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                true
            default: false
            }
        }
        guard isPlain, !name.isEmpty, !name.hasPrefix("."), name.utf8.count <= 100 else {
            throw BaselineError(
                .invalidName,
                "\"\(name)\" can't be a baseline's name: at most 100 letters, digits, hyphens, underscores and dots, with no dot in front"
            )
        }
        return "\(path)/\(name)\(Self.suffix)"
    }

    private func missing(_ name: String) -> BaselineError {
        let names = names
        let near = NearestNames.of(name, among: names)
        let hint =
            if !near.isEmpty {
                "did you mean \(near.joined(separator: ", "))?"
            } else if names.isEmpty {
                "there are none yet"
            } else {
                "there are \(names.prefix(10).joined(separator: ", "))\(names.count > 10 ? " and \(names.count - 10) more" : "")"
            }
        return BaselineError(.missing, "no baseline \(name) in \(path): \(hint)")
    }
}

/// Why a baseline could not be saved, read or compared.
package struct BaselineError: Error, Hashable, CustomStringConvertible {
    /// The kinds.
    package enum Code: Sendable, Hashable {
        case missing, unreadable, otherSchema, invalidName, invalid, exists, notWritten
        /// What is compared was measured on different machines or engines.
        case notComparable
    }

    package let code: Code
    /// What happened, where, and what to do.
    package let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}

extension Error {
    /// What a person can read of an error of Foundation's.
    fileprivate var readable: String {
        if let error = self as? SystemErrorNumber { return error.text }
        guard let error = self as? DecodingError else { return localizedDescription }
        let (words, context) =
            switch error {
            case .keyNotFound(let key, let context): ("\(key.stringValue) is missing", context)
            case .typeMismatch(_, let context): (context.debugDescription, context)
            case .valueNotFound(_, let context): (context.debugDescription, context)
            case .dataCorrupted(let context): (context.debugDescription, context)
            @unknown default: (localizedDescription, DecodingError.Context(codingPath: [], debugDescription: ""))
            }
        let place = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
        return place.isEmpty ? words : "\(words), in \(place)"
    }
}
