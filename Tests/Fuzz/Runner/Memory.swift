import CFuzzer
import FuzzTargets
import Glibc

/// How much memory a decoder holds, by what the allocator really gave.
enum Memory {
    static func most(of target: FuzzTarget, _ input: [UInt8]) -> (most: Int, given: Int) {
        let prepared = target.prepare(input)
        memory_begin()
        let given = target.decode(prepared)
        return (Int(memory_most()), given)
    }

    static func limit(of target: FuzzTarget, given: Int) -> Int {
        given * FuzzTarget.memoryFactor + FuzzTarget.allowance
    }

    struct Line {
        let text: String
        let isGood: Bool
    }

    /// The target's own large inputs, and a megabyte of its seeds, of zeros, and of what begins a packet of a make.
    static func lines(of target: FuzzTarget) -> [Line] {
        let size = 1 << 20
        let starts: [[UInt8]] = [
            [0], [0xFF], [0x0A], [0x09], [0xA5], [0x7E],
            [0xA5, 0, 0, 0, 1, 0x40, 0x3F, 0xFF], [0x50, 0x50, 0x82, 0x7D, 8, 0, 0, 0],
        ]
        let repeated = (target.seeds().prefix(40) + starts).filter { !$0.isEmpty }.map { seed in
            let head = seed[0]
            var input = [head]
            input.reserveCapacity(size + seed.count)
            while input.count < size { input += seed.count > 1 ? seed.dropFirst() : seed[...] }
            return measured(target, input)
        }
        let worst = (repeated + target.large().map { measured(target, $0) })
            .max { $0.ratio < $1.ratio }
        guard let worst else { return [] }
        let isGood = worst.most <= limit(of: target, given: worst.given)
        let ratio = Double(Int(worst.ratio * 10)) / 10
        return [
            Line(
                text:
                    "\(isGood ? "good" : "BAD ") \(target.name): \(ratio) of \(worst.given) bytes, "
                    + "at most \(FuzzTarget.memoryFactor); \(worst.milliseconds) ms",
                isGood: isGood)
        ]
    }

    private struct Measured {
        let most: Int
        let given: Int
        let milliseconds: Int
        var ratio: Double { Double(most) / Double(max(1, given)) }
    }

    private static func measured(_ target: FuzzTarget, _ input: [UInt8]) -> Measured {
        let clock = ContinuousClock()
        let start = clock.now
        let (most, given) = most(of: target, input)
        let time = start.duration(to: clock.now)
        return Measured(
            most: most, given: given,
            milliseconds: Int(time.components.seconds * 1_000)
                + Int(time.components.attoseconds / 1_000_000_000_000_000))
    }
}
