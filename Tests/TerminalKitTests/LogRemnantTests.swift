import Attendance
import TerminalKit
import Testing

@Suite struct `What is left of a proof` {
    private static let beginning = WallTime(seconds: 1_795_000_000)

    private func punch(_ number: Int, everySeconds step: Int64 = 60) -> LogRecord {
        .punch(
            Punch(
                pin: Pin(UInt64(number)), time: Self.beginning.advanced(by: Int64(number) * step),
                verify: .finger, verifyNumber: 1, state: .none, stateNumber: 255))
    }

    /// The seconds that are left of a proof of 0..<64 in a log of records with these hashes.
    private func seconds(_ log: [Int], of proof: Range<Int> = 0..<64) -> Int64? {
        var remnant = LogRemnant(of: proof.map { UInt64($0) })
        for number in log { remnant.see(punch(number), hash: UInt64(number)) }
        return remnant.seconds
    }

    @Test(arguments: [1, 2, 5, 63, 64])
    func `reaches from the log's first record to the proof's last`(left: Int) {
        #expect(seconds(Array((64 - left)..<164)) == Int64(left - 1) * 60)
    }

    @Test(arguments: [
        Array(64..<264),  // none is left
        [],
        [70] + Array(60..<264),  // another record stands before
        [60, 62, 63, 64],  // one is missing in the middle
        [60, 61, 62],  // the proof's end is missing
    ])
    func `is nothing where the log does not begin in its midst`(log: [Int]) {
        #expect(seconds(log) == nil)
    }

    @Test func `is nothing without a proof`() {
        #expect(seconds(Array(0..<100), of: 0..<0) == nil)
    }

    @Test func `is measured between punches, whatever else stands there`() {
        var remnant = LogRemnant(of: [1, 2, 3, 4])
        remnant.see(.oddity(Oddity(reason: "noise", raw: [2])), hash: 2)
        #expect(remnant.seconds == nil)
        remnant.see(punch(3), hash: 3)
        remnant.see(punch(4), hash: 4)
        #expect(remnant.seconds == 60)
    }
}
