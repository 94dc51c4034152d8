import Foundation
import Testing
import Threads
import TrivetTesting

@testable import GraphClient

@Suite("P1: finding and loading the engine's library")
struct EngineLoadingTests {
    @Test("P1: the library is found, of the right version, and loaded once")
    func loads() throws {
        let engine = try GraphEngine.load()
        #expect(engine.version.hasPrefix(engine.kind.supportedVersions) && engine.storageVersion > 0)
        #expect(try GraphEngine.load() === engine)
    }

    @Test(
        "P1: named by the user, then bootstrap's folder, then the system's",
        arguments: zip(GraphEngine.Kind.allCases, ["libkuzu", "liblbug"]))
    func order(kind: GraphEngine.Kind, file: String) throws {
        func locate(_ environment: [String: String], existing: Set<String>) throws -> String {
            try GraphEngineLocator(environment: environment, fileExists: existing.contains).locate(kind)
        }
        let suffix = FileManager.default.fileExists(atPath: "/System/Library") ? "dylib" : "so"
        let prefixed = "/p/\(file).\(suffix)", home = "/h/.local/lib/trivet/\(file).\(suffix)",
            system = "/usr/local/lib/\(file).\(suffix)"
        #expect(try locate([kind.environmentVariable: "/x/y"], existing: [prefixed]) == "/x/y")
        #expect(try locate(["TRIVET_PREFIX": "/p", "HOME": "/h"], existing: [prefixed, home, system]) == prefixed)
        #expect(try locate(["HOME": "/h"], existing: [home, system]) == home)
        #expect(try locate(["HOME": "/h"], existing: [system]) == system)
    }

    @Test(
        "P1: without a library, the error lists every place and the remedy",
        arguments: zip(GraphEngine.Kind.allCases, ["TRIVET_KUZU_LIBRARY", "TRIVET_LADYBUG_LIBRARY"]))
    func missing(kind: GraphEngine.Kind, variable: String) {
        #expect {
            try GraphEngineLocator(environment: ["HOME": "/h"], fileExists: { _ in false }).locate(kind)
        } throws: { error in
            let text = "\(error)"
            return text.contains("/h/.local/lib/trivet") && text.contains("scripts/bootstrap")
                && text.contains(variable) && text.contains(kind.displayName)
        }
    }

    @Test("P1: a path that is no library, and a library that is no graph engine, are told apart")
    func unusable() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let text = folder.path(of: "libkuzu.so")
            try "no library".write(toFile: text, atomically: true, encoding: .utf8)
            #expect(throws: GraphError.self) { try GraphEngine.load(.kuzu, at: text) }
            #expect(throws: GraphError.self) { try GraphEngine.load(.kuzu, at: folder.path(of: "none.so")) }
            let other = try await compile("int some_other_library(void) { return 1; }", in: folder, name: "other")
            #expect {
                try GraphEngine.load(.kuzu, at: other)
            } throws: { error in
                "\(error)".contains("not a Kùzu library")
            }
        }
    }

    @Test("P1: a library of another version is refused by its version, one without a function by its name")
    func wrongVersion() async throws {
        func source(_ version: String) -> String {
            """
            char *kuzu_get_version(void) { static char text[] = "\(version)"; return text; }
            void kuzu_destroy_string(char *text) { (void)text; }
            """
        }
        try await TemporaryDirectory.withDirectory { folder in
            let old = try await compile(source("0.9.0"), in: folder, name: "old")
            #expect {
                try GraphEngine.load(.kuzu, at: old)
            } throws: { error in
                "\(error)".contains("0.9.0") && "\(error)".contains("0.11.")
            }
            let partial = try await compile(source("0.11.3"), in: folder, name: "partial")
            #expect {
                try GraphEngine.load(.kuzu, at: partial)
            } throws: { error in
                "\(error)".contains("lacks the function kuzu_")
            }
        }
    }

    private func compile(_ source: String, in folder: TemporaryDirectory, name: String) async throws -> String {
        let file = folder.path(of: name + ".c")
        let library = folder.path(of: name + ".so")
        try source.write(toFile: file, atomically: true, encoding: .utf8)
        try await onThread("compile") {
            let compiler = Process()
            compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            compiler.arguments = ["cc", "-shared", "-fPIC", "-o", library, file]
            try compiler.run()
            compiler.waitUntilExit()
        }
        return library
    }
}
