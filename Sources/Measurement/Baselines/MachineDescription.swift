#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What of a machine decides how fast it is: figures of two machines say nothing about the code.
package struct MachineDescription: Sendable, Hashable, Codable {
    /// Processors that the system runs threads on.
    package var cores: Int
    /// The processor's model, or its architecture where the system has no better name.
    package var processor: String
    /// Bytes.
    package var memory: Int
    /// Its name with its version.
    package var system: String

    package init(cores: Int, processor: String, memory: Int, system: String) {
        self.cores = cores
        self.processor = processor
        self.memory = memory
        self.system = system
    }

    /// What is different on another machine, in words; empty when it is the same one, or one like it.
    func differences(to other: MachineDescription) -> [String] {
        var differences: [String] = []
        if cores != other.cores { differences.append("cores: \(cores) and \(other.cores)") }
        if processor != other.processor { differences.append("processor: \(processor) and \(other.processor)") }
        // What a kernel keeps for itself changes with its version.
        if abs(memory - other.memory) > max(memory, other.memory) / 50 {
            differences.append("memory: \(Self.gibibytes(memory)) and \(Self.gibibytes(other.memory))")
        }
        if system != other.system { differences.append("system: \(system) and \(other.system)") }
        return differences
    }

    private static func gibibytes(_ bytes: Int) -> String {
        "\((Double(bytes) / 1_073_741_824 * 10).rounded() / 10) GiB"
    }

    /// This machine.
    package static var current: MachineDescription {
        #if canImport(Darwin)
            MachineDescription(
                cores: sysconf(Int32(_SC_NPROCESSORS_ONLN)), processor: sysctl("machdep.cpu.brand_string"),
                memory: sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)),
                system: "macOS \(sysctl("kern.osproductversion"))")
        #else
            MachineDescription(
                cores: sysconf(Int32(_SC_NPROCESSORS_ONLN)),
                processor: processorName(in: (try? SystemFile.read("/proc/cpuinfo")) ?? "") ?? architecture,
                memory: sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)),
                system: systemName(in: (try? SystemFile.read("/etc/os-release")) ?? "") ?? "Linux")
        #endif
    }

    /// Of /proc/cpuinfo. Processors of the Arm architecture have numbers and no name there.
    static func processorName(in text: String) -> String? {
        var values: [Substring: String] = [:]
        for line in text.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let key = line[..<colon].split(separator: "\t").first ?? ""
            let value = line[line.index(after: colon)...].split(separator: " ").joined(separator: " ")
            if values[key] == nil { values[key] = value }
        }
        if let name = values["model name"], !name.isEmpty { return name }
        if let implementer = values["CPU implementer"], let part = values["CPU part"] {
            return "Arm, implementer \(implementer), part \(part)"
        }
        return nil
    }

    /// Of os-release(5).
    static func systemName(in text: String) -> String? {
        for line in text.split(separator: "\n") where line.hasPrefix("PRETTY_NAME=") {
            return line.dropFirst("PRETTY_NAME=".count).split(separator: "\"").first.map(String.init)
        }
        return nil
    }

    private static var architecture: String {
        #if arch(arm64)
            "arm64"
        #elseif arch(x86_64)
            "x86_64"
        #else
            "unknown"
        #endif
    }

    #if canImport(Darwin)
        private static func sysctl(_ name: String) -> String {
            var size = 0
            guard sysctlbyname(name, nil, &size, nil, 0) == 0, size > 1 else { return "unknown" }
            var bytes = [UInt8](repeating: 0, count: size)
            guard sysctlbyname(name, &bytes, &size, nil, 0) == 0 else { return "unknown" }
            return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    #endif
}
