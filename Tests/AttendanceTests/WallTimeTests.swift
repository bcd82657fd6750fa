import Attendance
import Testing

@Suite struct `A terminal's wall clock` {
    /// Seconds counted with `date -u -d … +%s`.
    @Test(
        arguments: [
            ("1970-01-01T00:00:00", 0),
            ("1969-12-31T23:59:59", -1),
            ("2000-02-29T12:00:00", 951_825_600),
            ("2000-03-01T00:00:00", 951_868_800),
            ("2026-11-21T08:02:09", 1_795_248_129),
            ("2038-01-19T03:14:08", 2_147_483_648),
            ("2100-02-28T23:59:59", 4_107_542_399),
            ("2100-03-01T00:00:00", 4_107_542_400),
            ("9999-12-31T23:59:59", 253_402_300_799),
        ] as [(String, Int64)])
    func `counts seconds as the calendar does`(text: String, seconds: Int64) throws {
        let time = try #require(WallTime(text))
        #expect(time.seconds == seconds)
        #expect(WallTime(seconds: seconds).description == text)
    }

    @Test func `is the same after writing and reading for every day of two centuries`() throws {
        for day in stride(from: -25_567 as Int64, to: 47_482, by: 1) {
            let time = WallTime(seconds: day * 86_400 + (day &* 7_919 & 0xFFFF))
            #expect(WallTime(time.description) == time)
        }
    }

    @Test func `reads a blank for the T`() {
        #expect(WallTime("2026-11-21 08:02:09") == WallTime("2026-11-21T08:02:09"))
    }

    @Test(arguments: [
        "", "2026-11-21", "2026-11-21T08:02", "2026-11-21T08:02:09Z", "2026-11-21T24:00:00",
        "2026-11-21T08:60:00", "2026-11-21T08:00:60", "2026-02-29T00:00:00", "2100-02-29T00:00:00",
        "2026-04-31T00:00:00", "2026-13-01T00:00:00", "2026-00-01T00:00:00", "2026-01-00T00:00:00",
        "0000-01-01T00:00:00", "+026-01-01T00:00:00", "2026-1 -01T00:00:00", "２026-01-01T00:00:0",
    ])
    func `is refused where no clock could show it`(text: String) {
        #expect(WallTime(text) == nil)
    }

    @Test func `names the rule that a date breaks`() {
        let error = #expect(throws: InvalidValue.self) {
            try WallTime(year: 2026, month: 2, day: 30)
        }
        #expect(error?.rule == "a time is a date that exists and 00:00:00 to 23:59:59")
    }

    @Test(arguments: [(Zone.wib, 7), (.wita, 8), (.wit, 9)] as [(Zone, Int64)])
    func `becomes UTC only with the office's zone`(zone: Zone, hours: Int64) throws {
        let time = try #require(WallTime("2026-11-21T08:00:00"))
        #expect(time.secondsSince1970(in: zone) == time.seconds - hours * 3_600)
        #expect(WallTime(secondsSince1970: time.secondsSince1970(in: zone), in: zone) == time)
    }
}

@Suite struct `A moment in UTC` {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00.000Z", 0),
            ("1969-12-31T23:59:59.999Z", -1),
            ("2026-11-21T00:02:11.120Z", 1_795_219_331_120),
        ] as [(String, Int64)])
    func `is written to the millisecond`(text: String, milliseconds: Int64) {
        #expect(UTCTime(milliseconds: milliseconds).description == text)
        #expect(UTCTime(text)?.milliseconds == milliseconds)
    }

    @Test func `may be read without its milliseconds`() {
        #expect(UTCTime("1970-01-01T00:00:01Z") == UTCTime(milliseconds: 1_000))
    }

    @Test(arguments: [
        "", "1970-01-01T00:00:01", "1970-01-01T00:00:01.00Z", "1970-01-01T00:00:01,000Z",
        "1970-01-01T00:00:01.0x0Z", "1970-01-01T00:00:01+00:00", "1970-01-32T00:00:01Z",
    ])
    func `is refused in any other form`(text: String) {
        #expect(UTCTime(text) == nil)
    }

    @Test func `gives the wall time of an office`() {
        let wall = UTCTime(milliseconds: -1).wallTime(in: .wit)
        #expect(wall.description == "1970-01-01T08:59:59")
    }
}
