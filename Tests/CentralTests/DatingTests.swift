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
}
