#if canImport(Darwin)
    import Darwin

    extension ProcessSample {
        /// This process now.
        ///
        /// - Throws: ``ProcessSampleError`` when the system doesn't tell.
        public static func current() throws -> ProcessSample {
            var sample = try ProcessSample(of: getpid())
            var usage = rusage()
            guard getrusage(RUSAGE_SELF, &usage) == 0 else { return sample }
            sample.voluntarySwitches = usage.ru_nvcsw
            sample.involuntarySwitches = usage.ru_nivcsw
            return sample
        }

        /// A process now, such as a redis-server.
        ///
        /// - Throws: ``ProcessSampleError`` when there is none, or the system doesn't tell.
        public init(of process: Int32) throws {
            var task = proc_taskinfo()
            let size = Int32(MemoryLayout<proc_taskinfo>.size)
            guard proc_pidinfo(process, PROC_PIDTASKINFO, 0, &task, size) == size else {
                let error = SystemErrorNumber()
                throw ProcessSampleError(
                    error.number == EPERM ? .notPermitted : .gone, process: process, "proc_pidinfo: \(error.text)")
            }
            var basic = proc_bsdinfo()
            let basicSize = Int32(MemoryLayout<proc_bsdinfo>.size)
            let hasBasic = proc_pidinfo(process, PROC_PIDTBSDINFO, 0, &basic, basicSize) == basicSize
            let files = proc_pidinfo(process, PROC_PIDLISTFDS, 0, nil, 0)
            // Times are in units of the machine's clock.
            var unit = mach_timebase_info()
            mach_timebase_info(&unit)
            func duration(_ units: UInt64) -> Duration {
                .seconds(Double(units) * Double(unit.numer) / Double(unit.denom) / 1e9)
            }
            self.init(
                process: process, time: .now, residentMemory: Int(task.pti_resident_size), peakResidentMemory: nil,
                userTime: duration(task.pti_total_user), systemTime: duration(task.pti_total_system),
                openFiles: files > 0 ? Int(files) / MemoryLayout<proc_fdinfo>.size : nil,
                threads: Int(task.pti_threadnum), voluntarySwitches: nil, involuntarySwitches: nil,
                start: hasBasic ? basic.pbi_start_tvsec * 1_000_000 + basic.pbi_start_tvusec : 0)
        }
    }
#endif
