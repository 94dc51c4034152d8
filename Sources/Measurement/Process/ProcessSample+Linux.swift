#if os(Linux)
    #if canImport(Glibc)
        import Glibc
    #elseif canImport(Musl)
        import Musl
    #endif

    extension ProcessSample {
        /// This process now.
        ///
        /// - Throws: ``ProcessSampleError`` when the system doesn't tell.
        public static func current() throws -> ProcessSample {
            var sample = try ProcessSample(of: getpid(), countsSwitches: false)
            // The folder that was being listed.
            sample.openFiles = sample.openFiles.map { $0 - 1 }
            // Finer than ticks, and with the switches of threads that have ended.
            var usage = rusage()
            // 0 is RUSAGE_SELF, whose type differs between the C libraries.
            guard getrusage(0, &usage) == 0 else { return sample }
            sample.userTime = Duration(usage.ru_utime)
            sample.systemTime = Duration(usage.ru_stime)
            sample.voluntarySwitches = usage.ru_nvcsw
            sample.involuntarySwitches = usage.ru_nivcsw
            return sample
        }

        /// A process now, such as a redis-server.
        ///
        /// - Throws: ``ProcessSampleError`` when there is none, or the system doesn't tell.
        public init(of process: Int32) throws {
            try self.init(of: process, countsSwitches: true)
        }

        private init(of process: Int32, countsSwitches: Bool) throws {
            let folder = "/proc/\(process)"
            let statText = try Self.read("\(folder)/stat", process)
            guard let stat = ProcessFiles.Stat(statText) else {
                throw ProcessSampleError(.unreadable, process: process, "\(folder)/stat says \(statText.prefix(200))")
            }
            let statusText = try Self.read("\(folder)/status", process)
            guard let status = ProcessFiles.Status(statusText) else {
                throw ProcessSampleError(.unreadable, process: process, "\(folder)/status lacks its switches")
            }
            let switches = countsSwitches ? Self.switches(ofThreadsIn: folder) : nil
            let ticks = UInt64(max(1, sysconf(Int32(_SC_CLK_TCK))))
            self.init(
                process: process, time: .now, residentMemory: status.resident,
                peakResidentMemory: status.peakResident,
                userTime: .milliseconds(stat.userTicks * 1_000 / ticks),
                systemTime: .milliseconds(stat.systemTicks * 1_000 / ticks),
                openFiles: try? SystemFile.names(in: "\(folder)/fd").count, threads: stat.threads,
                voluntarySwitches: switches?.voluntary, involuntarySwitches: switches?.involuntary, start: stat.start)
        }

        private static func switches(ofThreadsIn folder: String) -> (voluntary: Int, involuntary: Int) {
            var (voluntary, involuntary) = (0, 0)
            for thread in (try? SystemFile.names(in: "\(folder)/task")) ?? [] {
                // One that ended meanwhile has no file.
                guard let text = try? SystemFile.read("\(folder)/task/\(thread)/status"),
                    let status = ProcessFiles.Status(text)
                else { continue }
                voluntary += status.voluntarySwitches
                involuntary += status.involuntarySwitches
            }
            return (voluntary, involuntary)
        }

        private static func read(_ path: String, _ process: Int32) throws(ProcessSampleError) -> String {
            do throws(SystemErrorNumber) {
                return try SystemFile.read(path)
            } catch {
                switch error.number {
                case ENOENT, ESRCH: throw ProcessSampleError(.gone, process: process, "there is none, or it has ended")
                case EACCES, EPERM: throw ProcessSampleError(.notPermitted, process: process, "may not read \(path)")
                default: throw ProcessSampleError(.unreadable, process: process, "\(path): \(error.text)")
                }
            }
        }
    }

    extension Duration {
        fileprivate init(_ time: timeval) {
            self = .seconds(time.tv_sec) + .microseconds(time.tv_usec)
        }
    }
#endif
