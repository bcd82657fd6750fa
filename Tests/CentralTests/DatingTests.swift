import Attendance
import Central
import Exchange
import Testing

/// The box of these tests was started an hour ago, and writes half an hour after that.
@Suite struct `What a box wrote while its clock was wrong` {
    private let centre: Centre

    init() async throws {
        centre = try await Centre()
    }

    private func events() async throws -> [UTCTime] {
        try await detail().events.filter { $0.code == "terminal-log-cleared" }.map(\.at)
    }

    private func detail() async throws -> OfficeDetail {
        try #require(
            try await centre.central.officeDetail(OfficeID(Centre.north), at: moment()))
    }

    @Test(arguments: [UTCTime(milliseconds: 0), moment(-63_072_000), moment(157_680_000)])
    func `is dated by how long the box had run when it called`(shown: UTCTime) async throws {
        var box = try await centre.box()
        box.write(.terminal(try terminal(), .logCleared, detail: nil), at: shown, up: 1_800_000)
        let call = try box.call(0..<1, boot: 1, n: 3_600_000)
        _ = try await centre.central.accept(call, at: moment())
        #expect(try await events() == [moment(-1_800)])
    }

    @Test func `is left as it was where both agree to a quarter of an hour`() async throws {
        var box = try await centre.box()
        box.write(
            .terminal(try terminal(), .logCleared, detail: nil), at: moment(-1_900), up: 1_800_000)
        let call = try box.call(0..<1, boot: 1, n: 3_600_000)
        _ = try await centre.central.accept(call, at: moment())
        #expect(try await events() == [moment(-1_900)])
    }

    @Test func `is dated in a later start of the box too, if that one ever called`() async throws {
        var box = try await centre.box()
        let early = try box.call(0..<0, boot: 1, n: 600_000)
        _ = try await centre.central.accept(early, at: moment(-3_000))
        box.write(
            .terminal(try terminal(), .logCleared, detail: nil), at: UTCTime(milliseconds: 0),
            up: 1_800_000)
        let call = try box.call(0..<1, boot: 2, n: 60_000)
        _ = try await centre.central.accept(call, at: moment())
        #expect(try await events() == [moment(-1_800)])
    }

    @Test func `five years ahead hides no later reading, and covers nothing`() async throws {
        var box = try await centre.box()
        for (shown, up) in [(moment(157_680_000), Int64(1_800_000)), (moment(-60), 3_540_000)] {
            let wall = WallTime(seconds: moment(28_800).seconds)
            let reading = ClockReading(device: wall, asked: shown, answered: shown, zone: .wita)
            box.write(.clock(try terminal(), reading, hostSynced: true), at: shown, up: up)
        }
        let ahead = CoverageInterval(from: moment(-600), through: moment(157_680_000))
        box.write(.coverage(try terminal(), ahead, records: 3), at: moment(-30), up: 3_570_000)
        let call = try box.call(0..<3, boot: 1, n: 3_600_000)
        _ = try await centre.central.accept(call, at: moment())
        let detail = try await detail()
        #expect(detail.clocks.first?.readings.map(\.at) == [moment(-60), moment(-1_800)])
        #expect(detail.coverage.allSatisfy { $0.stretches.intervals.isEmpty })
    }

    // MARK: Without a call

    @Test func `cannot be from before an earlier start that called`() async throws {
        var box = try await centre.box()
        let early = try box.call(0..<0, boot: 1, n: 600_000)
        _ = try await centre.central.accept(early, at: moment(-90_000))
        box.boot = 2
        try box.write(cleared, at: moment(-63_072_000), up: 1_800_000)
        try box.write(cleared, at: moment(-50_000), up: 1_900_000)
        let call = try box.call(0..<2, boot: 3, n: 60_000)
        _ = try await centre.central.accept(call, at: moment(-40_000))
        #expect(try await certain() == [.box, .latest])
        #expect(try await events() == [moment(-50_000), moment(-40_000)])
    }

    private var cleared: EntryBody {
        get throws { .terminal(try terminal(), .logCleared, detail: nil) }
    }

    private func certain() async throws -> [Certainty] {
        try await detail().events.filter { $0.code == "terminal-log-cleared" }.map(\.certainty)
    }
}

/// The file is made two hours after the box was started, and handed in at once or days later.
@Suite struct `What comes by courier from a box with a wrong clock` {
    private let centre: Centre
    private var box: Box

    init() async throws {
        centre = try await Centre()
        box = try await centre.box()
    }

    private func detail() async throws -> OfficeDetail {
        try #require(
            try await centre.central.officeDetail(OfficeID(Centre.north), at: moment(900_000)))
    }

    private func event() async throws -> OfficeEvent {
        try #require(try await detail().events.first { $0.code == "terminal-log-cleared" })
    }

    private func readings() async throws -> [UTCTime] {
        try await detail().clocks.flatMap(\.readings).map(\.at)
    }

    /// Half an hour after the start a log is cleared, and the terminal's clock is right.
    private mutating func write(shown: UTCTime) throws {
        box.write(.terminal(try terminal(), .logCleared, detail: nil), at: shown, up: 1_800_000)
        let wall = WallTime(seconds: moment(28_800).seconds)
        let reading = ClockReading(device: wall, asked: shown, answered: shown, zone: .wita)
        box.write(.clock(try terminal(), reading, hostSynced: false), at: shown, up: 1_800_000)
    }

    private func handIn(at now: UTCTime) async throws {
        let stick = try box.call(0..<2, boot: 1, n: 7_200_000)
        _ = try await centre.central.acceptCarried(stick, at: now)
    }

    @Test(arguments: [UTCTime(milliseconds: 0), moment(-600), moment(157_680_000)])
    mutating func `is at the latest as old as the file shows`(shown: UTCTime) async throws {
        try write(shown: shown)
        try await handIn(at: moment())
        #expect(try await event().at == moment(-5_400))
        #expect(try await event().certainty == .latest)
        #expect(try await readings() == [], "a reading of an unknown moment stands nowhere")
    }

    @Test mutating func `is by the box's clock where that may be right`() async throws {
        try write(shown: moment(-90_000))
        try await handIn(at: moment())
        #expect(try await event().at == moment(-90_000))
        #expect(try await event().certainty == .box)
        #expect(try await readings() == [moment(-90_000)])
    }

    @Test(arguments: [UTCTime(milliseconds: 0), moment(-63_072_000), moment(157_680_000)])
    mutating func `is dated by a call that comes later in the same start`(
        shown: UTCTime
    ) async throws {
        try write(shown: shown)
        // The stick lay in a drawer for a day; the line is back after ten.
        try await handIn(at: moment(86_400))
        let call = try box.call(2..<2, boot: 1, n: 871_200_000)
        _ = try await centre.central.accept(call, at: moment(864_000))
        #expect(try await event().at == moment(-5_400))
        #expect(try await event().certainty == .known)
        #expect(try await readings() == [moment(-5_400)])
        #expect(try await centre.central.verify().findings == [])
    }

    @Test mutating func `is dated at once if the same start has called before`() async throws {
        try write(shown: UTCTime(milliseconds: 0))
        var waiting = box.quiet
        waiting.queue = 2
        _ = try await centre.central.accept(
            try box.call(0..<0, boot: 1, n: 60_000, status: waiting), at: moment(-7_140))
        try await handIn(at: moment(86_400))
        #expect(try await event().at == moment(-5_400))
        #expect(try await event().certainty == .known)
    }

    /// A clock that stood in the future must hide no later reading once the truth is known.
    @Test mutating func `says anew which reading of a clock is the newest`() async throws {
        try write(shown: moment(80_000))
        try await handIn(at: moment(86_400))
        #expect(try await readings() == [moment(80_000)])
        let wall = WallTime(seconds: moment(28_800 + 500).seconds + 4_000)
        let right = ClockReading(
            device: wall, asked: moment(500), answered: moment(500), zone: .wita)
        box.write(.clock(try terminal(), right, hostSynced: true), at: moment(500), up: 7_700_000)
        let call = try box.call(2..<3, boot: 1, n: 93_600_000)
        _ = try await centre.central.accept(call, at: moment(86_400))
        #expect(try await readings() == [moment(500), moment(-5_400)])
    }
}
