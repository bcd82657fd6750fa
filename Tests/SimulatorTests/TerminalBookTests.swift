import Attendance
import Testing

@testable import Simulator

@Suite struct `The memory of a simulated terminal` {
    private let end = WallTime(seconds: 1_795_195_800)

    private func book(users: Int = 20, records: Int = 500, seed: UInt64 = 1) -> TerminalBook {
        TerminalBook(users: users, records: records, seed: seed, end: end)
    }

    @Test func `is the same for the same seed, also in what follows`() {
        var one = book()
        var other = book()
        #expect(one.log == other.log)
        #expect(one.add(pin: nil, at: end) == other.add(pin: nil, at: end))
        #expect(book(seed: 2).log != one.log)
    }

    @Test(arguments: [0, 1, 39, 40, 41, 500])
    func `holds exactly as many records as asked for`(records: Int) {
        #expect(book(records: records).log.count == records)
    }

    @Test func `is in order of time and ends before its end`() {
        let times = book().log.map(\.time)
        #expect(times == times.sorted())
        #expect((times.last ?? end) < end)
    }

    @Test func `has punches on working days only`() {
        #expect(book().log.allSatisfy { ($0.time.seconds / 86_400 + 3) % 7 < 5 })
    }

    @Test func `has nobody twice in a second`() {
        var full = book(users: 2)
        for _ in 0..<50 { _ = full.add(pin: nil, at: end) }
        let seconds = Set(full.log.map { "\($0.pin) \($0.time)" })
        #expect(seconds.count == full.log.count)
    }

    @Test func `takes a given time as it is, also twice`() {
        var doubled = book()
        let time = WallTime(seconds: 1_700_000_000)
        let punches = (0..<2).map { _ in doubled.add(pin: 17, at: time, isExact: true) }
        #expect(punches.allSatisfy { $0.time == time && $0.pin == 17 })
    }

    @Test func `gives somebody unknown the slot behind the last`() {
        var grown = book(users: 20)
        #expect(grown.add(pin: 9_999, at: end).slot == 21)
        #expect(grown.add(pin: grown.pins[3], at: end).slot == 4)
    }
}
