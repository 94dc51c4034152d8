import Testing

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Damaged replies, however they arrive, are read in one way only, and never trap. `TRIVET_FUZZ_ROUNDS` sets the number of rounds.
@Suite struct RESPDecoderFuzzTests {
    @Test(
        "P2: decoding whole, split at each boundary and byte by byte agree on damaged replies",
        arguments: [1, 2] as [UInt64])
    func agreement(seed: UInt64) {
        let rounds = getenv("TRIVET_FUZZ_ROUNDS").flatMap { Int(String(cString: $0)) } ?? 10_000
        var fuzzing = RESPFuzzing(seed: seed)
        for round in 0..<rounds / 2 {
            guard let bytes = fuzzing.round() else { continue }
            Issue.record("seed \(seed), round \(round): \(String(decoding: bytes, as: UTF8.self).debugDescription)")
            return
        }
        // The rounds were worth it: whole replies, damaged ones and exceeded limits all came up.
        #expect(fuzzing.replies > 0 && fuzzing.failed > 0 && fuzzing.damaged > 0)
        #expect(fuzzing.limited > 0 || rounds < 1000)
    }
}
