public import TerminalKit

/// A datagram line as bad as wireless networks of offices are: datagrams get lost, come twice and
/// overtake each other, in both directions. The same seed gives the same accidents, and waiting
/// takes no time.
public actor LossyLink: Link {
    /// What may happen to a datagram, in percent of all.
    public struct Accidents: Sendable {
        public var lost = 20
        public var doubled = 10
        /// Every datagram is under way for 1 ms up to so many.
        public var slowest = 40

        public init() {}
    }

    public nonisolated let isDatagram = true
    private let accidents: Accidents
    private let terminal: @Sendable ([UInt8]) -> [[UInt8]]
    private var random: UInt64
    private var now = 0
    private var arrivals: [Datagram] = []
    private var number = 0

    private struct Datagram {
        let number: Int
        /// When it arrives, in milliseconds of a clock that only waiting moves.
        let due: Int
        let isQuestion: Bool
        let bytes: [UInt8]
    }

    /// Datagrams that never arrived, and that arrived twice.
    public private(set) var lost = 0
    public private(set) var doubled = 0
    /// Datagrams that came before one that had been sent earlier.
    public private(set) var overtaken = 0

    /// - Parameters:
    ///   - seed: Chooses the accidents.
    ///   - accidents: How bad the line is.
    ///   - terminal: What a terminal answers to one datagram, in its order.
    public init(
        seed: UInt64, accidents: Accidents = Accidents(),
        terminal: @escaping @Sendable ([UInt8]) -> [[UInt8]]
    ) {
        random = seed &+ 0x9E37_79B9_7F4A_7C15
        self.accidents = accidents
        self.terminal = terminal
    }

    public func send(_ bytes: [UInt8]) async throws(LinkError) {
        leave(bytes, isQuestion: true)
    }

    public func receive(within limit: Duration) async throws(LinkError) -> [UInt8] {
        let end = now + Int(limit / .milliseconds(1))
        while let next = arrivals.min(by: { $0.due < $1.due }), next.due <= end {
            arrivals.removeAll { $0.number == next.number }
            now = max(now, next.due)
            guard next.isQuestion else { return next.bytes }
            for answer in terminal(next.bytes) { leave(answer, isQuestion: false) }
        }
        now = end
        throw .silent(after: limit)
    }

    public func close() async {}

    /// Not at all, once, or twice.
    private func leave(_ bytes: [UInt8], isQuestion: Bool) {
        guard roll(100) >= accidents.lost else {
            lost += 1
            return
        }
        let isDoubled = roll(100) < accidents.doubled
        if isDoubled { doubled += 1 }
        for _ in 0..<(isDoubled ? 2 : 1) {
            let due = now + 1 + roll(accidents.slowest)
            if arrivals.contains(where: { $0.isQuestion == isQuestion && $0.due > due }) {
                overtaken += 1
            }
            number += 1
            arrivals.append(
                Datagram(number: number, due: due, isQuestion: isQuestion, bytes: bytes))
        }
    }

    /// A number from 0 up to `sides` (SplitMix64).
    private func roll(_ sides: Int) -> Int {
        random &+= 0x9E37_79B9_7F4A_7C15
        var mixed = random
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(max(1, sides)))
    }
}
