/// What proc(5) says of processes on Linux, read from the text alone.
enum ProcessFiles {
    /// Of /proc/PID/stat.
    struct Stat: Hashable {
        /// In the system's ticks.
        var userTicks, systemTicks: UInt64
        var threads: Int
        /// When the process began, in ticks since the system's start: with the number, what tells it from all others.
        var start: UInt64

        /// - Returns: nil when the text is none of that file's.
        init?(_ text: String) {
            // The name stands in parentheses and may have any in it, and spaces: the last one ends it.
            guard let end = text.lastIndex(of: ")") else { return nil }
            // The first of these is the third of proc(5).
            let fields = text[text.index(after: end)...].split(whereSeparator: \.isWhitespace)
            func number<T: FixedWidthInteger>(_ position: Int) -> T? {
                position - 3 < fields.count ? T(fields[position - 3]) : nil
            }
            guard let user: UInt64 = number(14), let system: UInt64 = number(15), let threads: Int = number(20),
                let start: UInt64 = number(22)
            else { return nil }
            (userTicks, systemTicks, self.threads, self.start) = (user, system, threads, start)
        }
    }

    /// Of /proc/PID/status, and of the same file of a thread.
    struct Status: Hashable {
        /// Bytes; 0 of a process that has ended and is only waited for.
        var resident: Int
        /// The most bytes that were resident at a time.
        var peakResident: Int
        /// Of one thread: the file of a process has those of its first.
        var voluntarySwitches, involuntarySwitches: Int

        /// - Returns: nil when the text is none of that file's.
        init?(_ text: String) {
            var (resident, peak, voluntary, involuntary) = (0, 0, Int?.none, Int?.none)
            // Bytes, because there is one such file for each thread.
            for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
                if let value = Self.value("voluntary_ctxt_switches:", line) {
                    voluntary = value
                } else if let value = Self.value("nonvoluntary_ctxt_switches:", line) {
                    involuntary = value
                } else if let value = Self.value("VmRSS:", line) {
                    resident = value * 1_024
                } else if let value = Self.value("VmHWM:", line) {
                    peak = value * 1_024
                }
            }
            guard let voluntary, let involuntary else { return nil }
            (self.resident, peakResident) = (resident, peak)
            (voluntarySwitches, involuntarySwitches) = (voluntary, involuntary)
        }

        /// The number of a line with that beginning; memory is in kB, whatever the line says.
        private static func value(_ key: StaticString, _ line: Substring.UTF8View) -> Int? {
            let key = UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount)
            guard line.starts(with: key) else { return nil }
            let rest = line.dropFirst(key.count).drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            return Int(Substring(rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }))
        }
    }

    /// The second figure of /proc/PID/statm: pages that are resident.
    static func residentPages(statm text: String) -> Int? {
        let fields = text.utf8.split(maxSplits: 2) { $0 == UInt8(ascii: " ") }
        return fields.count > 1 ? Int(Substring(fields[1])) : nil
    }
}
