import Attendance
import Central
import Exchange
import Testing

/// What a terminal's offset is measured against is the box's clock, and that one is set as well.
///
/// True times are seconds after `moment()`; start 1 of the box was an hour before.
@Suite struct `A box whose own clock is set` {
    private static let hour: Int64 = 3_600
    private let centre: Centre
    private var box: Box

    init() async throws {
        centre = try await Centre()
        box = try await centre.box()
    }

    /// Reads a terminal's clock at a true time.
    ///
    /// - Parameters:
    ///   - wrong: By how much the box's clock is wrong.
    ///   - off: By how much the terminal's is.
    ///   - started: When the box was started.
    ///   - setAfter: The box's clock is set by so much between the reading and its entry.
    private mutating func read(
        at true: Int64, wrong: Int64, off: Int64 = 0, started: Int64 = -hour, serial: String = "1",
        isSynced: Bool = false, setAfter: Int64 = 0
    ) throws {
        let shown = moment(`true` + wrong)
        let device = WallTime(seconds: moment(`true` + off + 8 * Self.hour).seconds)
        let reading = ClockReading(device: device, asked: shown, answered: shown, zone: .wita)
        box.write(
            .clock(try terminal(serial), reading, hostSynced: isSynced),
            at: moment(`true` + wrong + setAfter), up: (`true` - started) * 1_000)
    }

    private mutating func call(_ entries: Int, at true: Int64, started: Int64 = -hour) async throws
    {
        let first = box.lines.count - entries
        let call = try box.call(
            first..<box.lines.count, boot: box.boot, n: (`true` - started) * 1_000)
        _ = try await centre.central.accept(call, at: moment(`true`))
    }

    private mutating func carry(_ entries: Int, at true: Int64) async throws {
        let first = box.lines.count - entries
        let stick = try box.call(first..<box.lines.count, boot: box.boot, n: 7_200_000)
        _ = try await centre.central.acceptCarried(stick, at: moment(`true`))
    }

    private func told(_ code: String) async throws -> [String?] {
        let detail = try await centre.central.officeDetail(
            OfficeID(Centre.north), at: moment(900_000))
        return try #require(detail).events.filter { $0.code == code }.map(\.detail)
    }

    @Test(arguments: [-5 * hour, -10, 1_700 * hour, -400_000 * hour])
    mutating func `is told of once, and no terminal of it`(wrong: Int64) async throws {
        for serial in ["1", "2", "3"] { try read(at: 0, wrong: wrong, serial: serial) }
        for serial in ["1", "2", "3"] {
            try read(at: 60, wrong: 0, serial: serial, isSynced: true)
        }
        try await call(6, at: 90)
        #expect(try await told("clock-jump") == [])
        #expect(try await told("bridge-clock-set") == ["\(-wrong * 1_000)"])
    }

    @Test(arguments: [hour, 60, -300, -830_000_000])
    mutating func `does not hide that a terminal's has jumped`(jump: Int64) async throws {
        for serial in ["1", "2"] { try read(at: 0, wrong: 0, serial: serial) }
        try read(at: 60, wrong: 0, off: jump, serial: "1", isSynced: true)
        try read(at: 60, wrong: 0, serial: "2", isSynced: true)
        try await call(4, at: 90)
        #expect(try await told("clock-jump") == ["500 \(jump * 1_000 + 500)"])
        #expect(try await told("bridge-clock-set") == [])
    }

    @Test(arguments: [hour, -300, -830_000_000])
    mutating func `leaves a terminal that has jumped meanwhile its own part`(jump: Int64)
        async throws
    {
        try read(at: 0, wrong: 5 * Self.hour)
        try read(at: 60, wrong: 0, off: jump, isSynced: true)
        try await call(2, at: 90)
        // Both by the box's clock of now.
        #expect(try await told("clock-jump") == ["500 \(jump * 1_000 + 500)"])
    }

    @Test mutating func `may be set between a reading and its entry`() async throws {
        try read(at: 0, wrong: -5 * Self.hour)
        try read(at: 60, wrong: -5 * Self.hour, setAfter: 5 * Self.hour)
        try read(at: 120, wrong: 0, isSynced: true)
        try await call(3, at: 150)
        #expect(try await told("clock-jump") == [])
    }

    // MARK: Across starts

    /// A box without a battery begins where it was switched off, or in 1970.
    @Test(arguments: [-6 * hour, -495_000 * hour])
    mutating func `begins wrong after a power cut, and calls`(wrong: Int64) async throws {
        try read(at: 0, wrong: 0, isSynced: true)
        try await call(1, at: 30)
        box.boot = 2
        let started = 7 * Self.hour
        try read(at: started + 60, wrong: wrong, started: started)
        try read(at: started + 120, wrong: 0, started: started, isSynced: true)
        try await call(2, at: started + 150, started: started)
        #expect(try await told("clock-jump") == [])
    }

    @Test(arguments: [hour, 90, -300, -830_000_000])
    mutating func `does not hide what a power cut does to a terminal`(jump: Int64) async throws {
        try read(at: 0, wrong: 0, isSynced: true)
        try await call(1, at: 30)
        box.boot = 2
        try read(at: 7_260, wrong: 0, off: jump, started: 7_200, isSynced: true)
        try await call(1, at: 7_290, started: 7_200)
        #expect(try await told("clock-jump").count == 1)
    }

    @Test mutating func `begins in 1970 where no call tells of either start`() async throws {
        try read(at: 0, wrong: 0)
        box.boot = 2
        try read(at: 7_260, wrong: -495_000 * Self.hour, started: 7_200)
        try await carry(2, at: 90_000)
        #expect(try await told("clock-jump") == [])
    }

    @Test(arguments: [0, -495_000 * hour])
    mutating func `does not hide a terminal that goes back, whatever it shows itself`(wrong: Int64)
        async throws
    {
        try read(at: 0, wrong: 0)
        box.boot = 2
        try read(at: 7_260, wrong: wrong, off: -830_000_000, started: 7_200)
        try await carry(2, at: 90_000)
        #expect(try await told("clock-jump").count == 1)
    }

    /// As far as anyone knows both clocks ran on; the box's is the one that is believed.
    @Test mutating func `is believed where nothing speaks against it`() async throws {
        try read(at: 0, wrong: 0)
        box.boot = 2
        try read(at: 7_260, wrong: 0, off: Self.hour, started: 7_200)
        try await carry(2, at: 90_000)
        #expect(try await told("clock-jump").count == 1)
    }

    @Test mutating func `is not reckoned with where its numbers are none`() async throws {
        let wild: [(UTCTime, Int64)] = [
            (moment(), .max), (UTCTime(milliseconds: 0), .min), (moment(), -1),
        ]
        for (number, (at, up)) in wild.enumerated() {
            let device = WallTime(seconds: moment(Int64(number) * 99_999).seconds)
            let reading = ClockReading(
                device: device, asked: moment(), answered: moment(), zone: .wita)
            box.write(.clock(try terminal(), reading, hostSynced: false), at: at, up: up)
        }
        try await call(3, at: 90)
        #expect(try await told("clock-jump").count == 2)
    }
}
