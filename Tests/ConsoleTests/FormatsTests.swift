import Attendance
import Testing

@testable import Console

@Suite struct `The words for numbers and times` {
    static let now = UTCTime("2026-11-24T00:05:12Z") ?? UTCTime(milliseconds: 0)
    let indonesian = Formats(language: .indonesian, zone: .wita, now: now)
    let english = Formats(language: .english, zone: .wita, now: now)

    @Test func `write a full moment with its day and zone`() {
        #expect(indonesian.full(Self.now) == "Sel, 24 Nov 2026, 08.05 WITA")
        #expect(english.full(Self.now, seconds: true) == "Tue, 24 Nov 2026, 08:05:12 WITA")
    }

    @Test func `write moments in a table as short as they stay clear`() {
        func moment(_ text: String) -> String { indonesian.moment(UTCTime(text) ?? Self.now) }
        #expect(moment("2026-11-23T23:58:00Z") == "07:58")
        #expect(moment("2026-11-22T16:20:00Z") == "kemarin 00:20")
        #expect(moment("2026-11-21T08:20:00Z") == "21 Nov 16:20")
        #expect(moment("2025-08-16T08:20:00Z") == "16 Agu 2025 16:20")
        #expect(english.moment(UTCTime("2026-11-22T16:20:00Z") ?? Self.now) == "yesterday 00:20")
    }

    static let offsets: [(Int64, String, String)] = [
        (0, "±0 d", "±0 s"), (3_120, "+3 d", "+3 s"), (-400, "±0 d", "±0 s"),
        (3_492_000, "+58 m 12 d", "+58 min 12 s"), (-7_260_000, "−2 j 1 m", "−2 h 1 min"),
        (2_160_000_000, "+25 hari", "+25 d"),
    ]

    @Test(arguments: offsets)
    func `write a clock's offset with the two units that matter`(
        milliseconds: Int64, id: String, en: String
    ) {
        #expect(indonesian.offset(milliseconds) == id)
        #expect(english.offset(milliseconds) == en)
    }

    static let ages: [(String, String, String)] = [
        ("2026-11-24T00:05:00Z", "baru saja", "just now"),
        ("2026-11-24T00:04:00Z", "1 menit", "1 minute"),
        ("2026-11-23T19:05:00Z", "5 jam", "5 hours"),
        ("2026-11-21T19:05:00Z", "2 hari", "2 days"),
    ]

    @Test(arguments: ages)
    func `write ages in one unit`(since: String, id: String, en: String) {
        let time = UTCTime(since) ?? Self.now
        #expect(indonesian.age(since: time) == id)
        #expect(english.age(since: time) == en)
    }

    @Test func `group numbers in the language's way`() {
        #expect(indonesian.number(1_234_567) == "1.234.567")
        #expect(english.number(1_234_567) == "1,234,567")
        #expect(indonesian.number(-999) == "−999")
    }
}
