import Attendance
import Testing

@testable import Central
@testable import Console

@Suite struct `The drawing of a clock` {
    private let start = UTCTime(milliseconds: 1_790_000_000_000)

    @Test func `of nothing is no drawing`() {
        #expect(ClockChart(readings: [], now: start, label: "").svg == nil)
    }

    @Test func `shows a jump as a step between two levels`() throws {
        let readings = [
            ClockPoint(
                at: start, offsetMilliseconds: 0, errorMilliseconds: 500,
                hostSynced: true),
            ClockPoint(
                at: start.advanced(byMilliseconds: 3_600_000), offsetMilliseconds: 10_000,
                errorMilliseconds: 500,
                hostSynced: true),
        ]
        let now = start.advanced(byMilliseconds: 7_200_000)
        let svg = try #require(ClockChart(readings: readings, now: now, label: "lobi").svg)
        #expect(svg.contains("d=\"M4 55.7H220L220 6.5H440\""))
    }

    @Test func `stays within its frame whatever a terminal says`() throws {
        let readings = [Int64.min / 4, 0, Int64.max / 4].map {
            ClockPoint(at: start, offsetMilliseconds: $0, errorMilliseconds: 1, hostSynced: true)
        }
        let svg = try #require(ClockChart(readings: readings, now: start, label: "x").svg)
        #expect(!svg.contains("nan") && !svg.contains("inf"))
    }

    @Test func `escapes its label`() throws {
        let reading = ClockPoint(
            at: start, offsetMilliseconds: 0, errorMilliseconds: 0, hostSynced: true)
        let svg = try #require(
            ClockChart(readings: [reading], now: start, label: "<b>\"&").svg)
        #expect(svg.contains("aria-label=\"&lt;b&gt;&quot;&amp;\""))
    }
}
