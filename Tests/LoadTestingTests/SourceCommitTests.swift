import Foundation
import Testing
import TrivetTesting

@testable import LoadTesting

@Suite("Of what a result was measured, and what was broken meanwhile")
struct SourceCommitTests {
    private static let hash = String(repeating: "0123456789", count: 4)

    private func write(_ text: String, to path: String) throws {
        let file = URL(fileURLWithPath: path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    @Test(
        "§6: the commit of a repository around a folder: of a branch, packed or not, detached, of another work tree",
        .temporaryDirectory)
    func commits() throws {
        let root = try TemporaryDirectory.current.path(of: "repository")
        let inner = root + "/a/b"
        try write("", to: inner + "/file")
        #expect(SourceCommit.current(from: inner) != Self.hash)
        try write("\(Self.hash)\n", to: root + "/.git/HEAD")
        #expect(SourceCommit.current(from: inner) == Self.hash && SourceCommit.current(from: root) == Self.hash)
        try write("ref: refs/heads/main\n", to: root + "/.git/HEAD")
        #expect(SourceCommit.current(from: inner) == nil)
        let other = String(Self.hash.reversed())
        let packed = "# pack-refs\n\(other) refs/heads/mainly\n\(Self.hash) refs/heads/main\n"
        try write(packed, to: root + "/.git/packed-refs")
        #expect(SourceCommit.current(from: inner) == Self.hash)
        try write(other + "\n", to: root + "/.git/refs/heads/main")
        #expect(SourceCommit.current(from: inner) == other)
        let tree = try TemporaryDirectory.current.path(of: "tree")
        try write("gitdir: ../repository/.git/worktrees/tree\n", to: tree + "/.git")
        try write("ref: refs/heads/main\n", to: root + "/.git/worktrees/tree/HEAD")
        try write("../..\n", to: root + "/.git/worktrees/tree/commondir")
        #expect(SourceCommit.current(from: tree) == other)
    }

    @Test("S9: a fault's window begins and ends when it does, once")
    func faults() throws {
        let log = FaultLog(origin: .now - .seconds(10))
        let first = log.begin("a", kind: "freeze", store: "redis"), second = log.begin("b", kind: "slow disk")
        #expect(log.windows.map(\.end) == [nil, nil])
        log.end(first)
        let end = try #require(log.windows.first?.end)
        log.end(first)
        log.end(7)
        let windows = log.windows
        #expect(windows.map(\.id) == ["a", "b"] && windows[0].end == end && windows[1].end == nil)
        #expect(windows[0].start >= 10 && end >= windows[0].start && second == 1)
    }

    @Test("M1: waits are means of those that got a connection between two looks")
    func waits() {
        var slot = WaitSlot(acquired: 4, waited: .milliseconds(10))
        #expect(slot.mean == 2.5 && WaitSlot().mean == nil)
        slot.add(WaitSlot(acquired: 1, waited: .milliseconds(90)))
        #expect(slot.mean == 20)
    }
}
