import Attendance
import Testing

@Suite struct `A clock reading` {
    private let noon = WallTime(seconds: 1_795_248_000)

    private func reading(offBy milliseconds: Int64, trip: Int64 = 0) -> ClockReading {
        let host = noon.secondsSince1970(in: .wita) * 1_000 + 500 - milliseconds
        return ClockReading(
            device: noon, asked: UTCTime(milliseconds: host - trip / 2),
            answered: UTCTime(milliseconds: host + trip / 2), zone: .wita)
    }

    @Test(arguments: [0, 3_120, -3_600_000] as [Int64])
    func `tells how far the terminal runs ahead`(milliseconds: Int64) {
        #expect(reading(offBy: milliseconds, trip: 40).offsetMilliseconds == milliseconds)
    }

    @Test func `is off by half the way and half a second at most`() {
        #expect(reading(offBy: 0, trip: 40).errorMilliseconds == 520)
    }

    @Test func `is not fooled by a host clock that was set back between question and answer`() {
        let reading = ClockReading(
            device: noon, asked: UTCTime(milliseconds: 5_000), answered: UTCTime(milliseconds: 0),
            zone: .wib)
        #expect(reading.errorMilliseconds == 500)
    }

    @Test func `disagrees with another only beyond both errors and the tolerance`() {
        let first = reading(offBy: 0)
        #expect(!first.disagrees(with: reading(offBy: 1_000), toleranceMilliseconds: 0))
        #expect(first.disagrees(with: reading(offBy: 1_001), toleranceMilliseconds: 0))
        #expect(!first.disagrees(with: reading(offBy: -1_900), toleranceMilliseconds: 900))
    }
}

@Suite struct `A problem` {
    @Test func `is told in the language of the locale, Indonesian if in doubt`() {
        let text = Text(id: "Disk penuh.", en: "The disk is full.")
        #expect(text(Language(locale: "en_GB.UTF-8")) == "The disk is full.")
        #expect(text(Language(locale: "C")) == "Disk penuh.")
    }

    @Test func `explains even an error that cannot explain itself`() {
        let problem = Problem(explaining: InvalidValue("x", rule: "a PIN has digits"))
        #expect(problem.code == "internal.unexplained")
        #expect(problem.line(.english).contains("a PIN has digits"))
    }

    @Test func `keeps a wrong text short`() {
        #expect(InvalidValue(String(repeating: "a", count: 500), rule: "").text.count == 80)
    }
}
