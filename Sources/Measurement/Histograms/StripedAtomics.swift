import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Numbers that all threads add to, in stripes: each thread adds to one of them, so that two threads seldom meet, and whoever reads adds
/// the stripes up. Nothing is ever locked, and nothing is lost when two threads share a stripe.
///
/// The memory comes from the system as pages of zeros and costs nothing until it is written to: of a histogram from a nanosecond to an hour,
/// an operation only ever touches the pages of the durations that it has.
final class StripedAtomics: Sendable {
    /// How many stripes there are: a power of two.
    let stripes: Int
    /// How far the stripes are apart: whole pages, or, where a stripe is small, so that no two share what processors pass on to each other.
    private let stride: Int
    /// Safe because the memory lives as long as this object and is only ever touched through the atomics in it.
    private nonisolated(unsafe) let base: UnsafeMutablePointer<Atomic<UInt64>>
    private let bytes: Int

    /// - Parameter count: how many numbers a stripe has.
    init(count: Int, stripes: Int = StripedAtomics.usualStripes) {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let size = MemoryLayout<Atomic<UInt64>>.stride
        let unit = count * size > page / 4 ? page : Self.lines
        let stripeBytes = (count * size + unit - 1) / unit * unit
        self.stripes = stripes
        stride = stripeBytes / size
        bytes = stripeBytes * stripes
        let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0)
        guard let memory, memory != MAP_FAILED else { fatalError("no memory for a histogram of \(bytes) bytes") }
        #if os(Linux)
            // A huge page would make all of it resident.
            _ = madvise(memory, bytes, MADV_NOHUGEPAGE)
        #endif
        // An atomic of zero bits is a zero.
        base = memory.bindMemory(to: Atomic<UInt64>.self, capacity: bytes / size)
    }

    deinit {
        munmap(base, bytes)
    }

    /// The first number of a stripe.
    func stripe(_ number: Int) -> UnsafeMutablePointer<Atomic<UInt64>> { base + number * stride }

    /// The first number of the calling thread's stripe.
    var own: UnsafeMutablePointer<Atomic<UInt64>> {
        // Threads differ in the middle bits of their addresses; Fibonacci hashing (Knuth, TAOCP 3, 6.4) spreads them.
        #if canImport(Darwin)
            let thread = UInt64(UInt(bitPattern: pthread_self()))
        #else
            let thread = UInt64(UInt(pthread_self()))
        #endif
        let hash = (thread >> 6) &* 0x9E37_79B9_7F4A_7C15
        return base + Int(truncatingIfNeeded: hash >> 48) & (stripes - 1) &* stride
    }

    /// The bytes of two cache lines, which x86 fetches together; of one on Apple's processors.
    private static let lines = 128

    /// Enough that two threads at work seldom share one; pages that nobody touches are free.
    static let usualStripes: Int = {
        var stripes = 4
        while stripes < 16, stripes < 4 * sysconf(Int32(_SC_NPROCESSORS_ONLN)) { stripes *= 2 }
        return stripes
    }()
}
