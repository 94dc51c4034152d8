import Testing

@testable import LocalEngines

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

// The child processes of these tests learn by capture where to report to.
#if compiler(>=6.3)
    /// Nothing outlives the process that started it, however that process ends.
    @Suite struct OutlivingTests {
        @Test func aKilledProcessLeavesNothing() async throws {
            try await TemporaryDirectory.withDirectory { directory in
                let report = directory.path(of: "report")
                await #expect(processExitsWith: .signal(SIGKILL)) { [report = report as String] in
                    try await startEngines(report) { _ = raise(SIGKILL) }
                }
                try await expectNothingLeft(report)
            }
        }

        @Test func aProcessThatExitsWithinAScopeLeavesNothing() async throws {
            try await TemporaryDirectory.withDirectory { directory in
                let report = directory.path(of: "report")
                await #expect(processExitsWith: .exitCode(7)) { [report = report as String] in
                    try await startEngines(report) { exit(7) }
                }
                try await expectNothingLeft(report)
            }
        }

        @Test func aProcessThatWasInterruptedLeavesNothing() async throws {
            try await TemporaryDirectory.withDirectory { directory in
                let report = directory.path(of: "report")
                await #expect(processExitsWith: .signal(SIGINT)) { [report = report as String] in
                    try await startEngines(report) {
                        signal(SIGINT, SIG_DFL)
                        // To the process, as a terminal would: the threads of tasks block signals.
                        kill(getpid(), SIGINT)
                        try await Task.sleep(for: .seconds(60))
                    }
                }
                try await expectNothingLeft(report)
            }
        }

        @Test func aKilledWatchdogIsSucceeded() async throws {
            try await TemporaryDirectory.withDirectory { directory in
                let report = directory.path(of: "report")
                await #expect(processExitsWith: .signal(SIGKILL)) { [report = report as String] in
                    try await startEngines(report) {
                        let first = try await watchdog()
                        #expect(kill(first, SIGKILL) == 0)
                        try await eventually { try await ![first, 0].contains(watchdog()) }
                        _ = raise(SIGKILL)
                    }
                }
                try await expectNothingLeft(report)
            }
        }

        @Test func serversAreOutOfReachOfTheTerminalsInterrupt() async throws {
            try await RedisServer.withServer { server in
                let processID = try #require(server.processID)
                #expect(getsid(processID) == processID)
                #expect(getsid(0) != processID)
            }
        }

        /// What the child did has to be gone, and has to have been there.
        private func expectNothingLeft(_ report: String) async throws {
            let lines = lastLines(of: report)
            #expect(lines.count == 5)
            for line in lines {
                if let processID = Int32(line) {
                    try await eventually { !isThere(processID) }
                } else {
                    try await eventually { !isThere(line) && !isThere(line + ".gone") }
                }
            }
        }
    }

    /// Starts a running, a frozen and a TCP server, reports their process ids, and the folders, then goes on.
    private func startEngines(_ report: String, then end: () async throws -> Void) async throws {
        try await RedisServer.withServer { running in
            try await RedisServer.withServer { frozen in
                try await RedisServer.withServer(.init(transport: .tcp)) { tcp in
                    frozen.suspend()
                    let home = try await Watchdog.shared.home().path
                    let lines = [running, frozen, tcp].map { "\($0.processID ?? -1)" } + [running.folder, home]
                    try write(lines.joined(separator: "\n"), to: report)
                    try await end()
                }
            }
        }
    }

    /// The watchdog's process id; 0 while there is none.
    private func watchdog() async throws -> Int32 {
        let home = try await Watchdog.shared.home().path
        let processes = try await outputOf("ps", ["-A", "-o", "pid=,args="])
        for line in processes.split(separator: "\n") where line.contains("/bin/sh") && line.hasSuffix(" " + home) {
            return line.split(separator: " ").first.flatMap { Int32($0) } ?? 0
        }
        return 0
    }
#endif
