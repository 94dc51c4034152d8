import Testing

@testable import Stores

@Suite("Redis Cluster: connections of each node")
struct NodeSharesTests {
    @Test("P3: without a limit each node has what is configured")
    func configured() {
        let shares = NodeShares(minimum: 1, maximum: 15)
        #expect(shares.share(nodes: 3) == (1, 15) && shares.share(nodes: 6) == (1, 15))
        #expect(shares.total(nodes: 3) == 45 && shares.bounds(nodes: 3) == 3...45)
    }

    @Test("P7: a limit is divided, and never exceeded unless a node would have none", arguments: 1...9)
    func divided(nodes: Int) {
        for limit in 1...150 {
            let shares = NodeShares(minimum: 2, maximum: 15, limit: limit)
            let (minimum, maximum) = shares.share(nodes: nodes)
            #expect(minimum <= maximum && (1...15).contains(maximum))
            #expect(maximum * nodes <= max(limit, nodes))
            #expect(shares.total(nodes: nodes) <= limit)
        }
    }

    @Test("P7: bounds do not depend on the limit, and a minimum of 0 still leaves each node one connection")
    func bounds() {
        #expect(NodeShares(minimum: 0, maximum: 4, limit: 5).bounds(nodes: 3) == 3...12)
        #expect(NodeShares(minimum: 0, maximum: 4).bounds(nodes: 0) == 1...4)
    }
}
