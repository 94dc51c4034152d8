import Testing

@testable import Measurement

@Suite("M4: machines that figures are of")
struct MachineDescriptionTests {
    @Test("M4: this machine")
    func machine() {
        let machine = MachineDescription.current
        #expect(machine.cores >= 1)
        #expect(machine.memory > 100_000_000)
        #expect(!machine.processor.isEmpty)
        #expect(!machine.system.isEmpty)
        #expect(machine.differences(to: .current).isEmpty)
    }

    @Test("M4: a processor's name from a cpuinfo")
    func processor() {
        let intel =
            "processor\t: 0\nvendor_id\t: GenuineIntel\nmodel\t\t: 207\nmodel name\t: Intel(R) Xeon(R)  Processor\nprocessor\t: 1\n"
        #expect(MachineDescription.processorName(in: intel) == "Intel(R) Xeon(R) Processor")
        let arm =
            "processor\t: 0\nBogoMIPS\t: 243.75\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU part\t: 0xd0c\n"
        #expect(MachineDescription.processorName(in: arm) == "Arm, implementer 0x41, part 0xd0c")
        #expect(MachineDescription.processorName(in: "") == nil)
    }

    @Test("M4: a system's name from its os-release")
    func system() {
        #expect(
            MachineDescription.systemName(in: "NAME=\"Debian\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n")
                == "Debian GNU/Linux 12 (bookworm)")
        #expect(MachineDescription.systemName(in: "PRETTY_NAME=Alpine\n") == "Alpine")
        #expect(MachineDescription.systemName(in: "NAME=x\n") == nil)
    }
}
