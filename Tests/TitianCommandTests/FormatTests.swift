import Attendance
import Speech
import Testing

@testable import titian

@Suite struct `Numbers and times for people` {
    @Test(arguments: [
        (0, "0", "0"), (999, "999", "999"), (41_233, "41.233", "41,233"),
        (-1_000_000, "-1.000.000", "-1,000,000"),
    ])
    func `have the language's mark between thousands`(value: Int, id: String, en: String) {
        Speech.$language.withValue(.indonesian) { #expect(Format.number(value) == id) }
        Speech.$language.withValue(.english) { #expect(Format.number(value) == en) }
    }

    @Test(arguments: [
        (0, "±0 d"), (400, "±0 d"), (3_120, "+3 d"), (-61_000, "-61 d"), (3_480_000, "+58 m"),
        (-7_200_000, "-2 j"), (2_160_000_000, "+25 hari"),
    ])
    func `show a clock's difference in the largest unit that still tells it`(
        milliseconds: Int64, expected: String
    ) {
        Speech.$language.withValue(.indonesian) {
            #expect(Format.offset(milliseconds) == expected)
        }
    }

    @Test(arguments: [
        ("2026-11-24T23:58:00.000Z", "07:58"),
        ("2026-11-22T08:20:00.000Z", "22 Nov 16:20"),
        ("2025-12-31T16:00:00.000Z", "1 Jan 00:00"),
        ("2025-05-31T15:59:00Z", "31 Mei 2025 23:59"),
        ("nonsense", "nonsense"),
    ])
    func `name the day only when it is another one`(text: String, expected: String) {
        let now = UTCTime(milliseconds: 1_795_564_800_000)  // 2026-11-25T00:00:00Z
        Speech.$language.withValue(.indonesian) {
            #expect(Format.time(text, in: .wita, today: now) == expected)
        }
    }

    @Test(arguments: [
        (0, "0 B"), (999, "999 B"), (1_000, "1,0 kB"), (3_449_000, "3,4 MB"),
        (120_000_000, "120 MB"), (Int64.max, "922337 TB"),
    ])
    func `show a size in the largest unit`(bytes: Int64, expected: String) {
        Speech.$language.withValue(.indonesian) { #expect(Format.bytes(bytes) == expected) }
    }
}
