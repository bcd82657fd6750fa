import Attendance
import TerminalKit
import Testing

@testable import ZKTeco

@Suite struct `A ZKTeco record` {
    func decode(_ hex: String) throws -> LogRecord {
        let bytes = try #require([UInt8](hex: hex))
        let layout = try #require(RecordLayout.known(size: bytes.count))
        var decoder = RecordDecoder(layout)
        return decoder.decode(bytes, at: 0)
    }

    func punch(_ hex: String) throws -> Punch {
        guard case .punch(let punch) = try decode(hex) else {
            throw InvalidValue(hex, rule: "is a punch")
        }
        return punch
    }

    @Test func `of 8 bytes names a slot and nobody`() throws {
        let punch = try punch("0700 2A 00 A8EBA71E")
        #expect(punch.pin == Pin(slot: 7))
        #expect(punch.time.description == "2016-01-01T19:02:00")
        #expect(punch.verifyNumber == 1)
        #expect(punch.state == .breakOut)
        #expect(punch.raw == nil)
    }

    @Test func `of 8 bytes with a time offset keeps its bytes`() throws {
        #expect(try punch("0700 6A 00 A8EBA71E").raw != nil)
    }

    @Test func `of 16 bytes has the state before the verify code`() throws {
        let punch = try punch("E9030000 58 0D 04 23 01 0F 0000 35000000")
        #expect(punch.pin.text == "1001")
        #expect(punch.state == .checkOut)
        #expect(punch.verify == .face)
        #expect(punch.workCode == 53)
        #expect(punch.raw == nil)
    }

    @Test func `has a signed work code, as the stick files show it`() throws {
        #expect(try punch("E9030000 58 0D 04 23 01 0F 0000 FFFFFFFF").workCode == -1)
    }

    @Test func `of 22 bytes may fill its PIN field to the last byte`() throws {
        let punch = try punch("0500 31323334353637383930 01 580D0423 00 00000000")
        #expect(punch.pin.text == "1234567890")
        #expect(punch.raw == nil)
    }

    @Test func `takes PINs with letters and leading zeros as they are`() throws {
        let letters = "4E4232343031303034" + String(repeating: "00", count: 15)
        let punch = try punch("0500 \(letters) 04 580D0423 FF 00000000 00000000")
        #expect(punch.pin.text == "NB2401004")
        #expect(punch.state == .none)
        #expect(punch.verify == .other)
        let zeros = "30303137" + String(repeating: "00", count: 20)
        #expect(try self.punch("0500 \(zeros) 04 580D0423 FF 0000000000000000").pin.text == "0017")
    }

    @Test(arguments: [
        ("FF000000", "a reserved word"), ("00000001", "one byte of it"),
    ])
    func `keeps its bytes when its fields do not say all`(tail: String, why: String) throws {
        let pin = "3137" + String(repeating: "00", count: 22)
        #expect(try punch("0500 \(pin) 01 580D0423 00 00000000 \(tail)").raw?.count == 40)
        #expect(try punch("0500 \(pin) 01 580D0423 00 00000000 00000000").raw == nil)
    }

    @Test func `keeps its bytes when there is more behind the PIN`() throws {
        let pin = "313700 4142" + String(repeating: "00", count: 19)
        let punch = try punch("0500 \(pin) 01 580D0423 00 00000000 00000000")
        #expect(punch.pin.text == "17")
        #expect(punch.raw != nil)
    }

    @Test(arguments: [
        (String(repeating: "5A", count: 40), "filler bytes"),
        (String(repeating: "00", count: 40), "filler bytes"),
        (String(repeating: "FF", count: 16), "filler bytes"),
        (
            "0500 3137" + String(repeating: "00", count: 22) + "01 5A5A5A5A" + "00"
                + String(repeating: "00", count: 8), "impossible date"
        ),
        (
            "0500 " + String(repeating: "00", count: 24) + "01 580D0423 000000000000000000",
            "empty PIN"
        ),
        (
            "0500 0741" + String(repeating: "00", count: 22) + "01 580D0423 000000000000000000",
            "unreadable PIN"
        ),
        (
            "0500 D981" + String(repeating: "00", count: 22) + "01 580D0423 000000000000000000",
            "unreadable PIN"
        ),
    ])
    func `that is damaged is an oddity with its bytes`(hex: String, reason: String) throws {
        #expect(
            try decode(hex)
                == .oddity(Oddity(reason: reason, raw: try #require([UInt8](hex: hex)))))
    }

    @Test func `of a clock that has lost its time is a punch: the clock's offset dates it`() throws
    {
        let pin = "3137" + String(repeating: "00", count: 22)
        let punch = try punch("0500 \(pin) 01 0F270000 00 00000000 00000000")
        #expect(punch.time.description == "2000-01-01T02:46:39")
    }

    @Test func `never traps, whatever its bytes are`() {
        for layout in RecordLayout.known {
            var decoder = RecordDecoder(layout)
            var seed: UInt32 = 12_345
            for _ in 0..<5_000 {
                let bytes = (0..<layout.size).map { _ in
                    seed = seed &* 1_664_525 &+ 1_013_904_223
                    return UInt8(truncatingIfNeeded: seed >> 24)
                }
                switch decoder.decode(bytes, at: 0) {
                case .punch(let punch): #expect(punch.time.seconds >= 946_684_800)
                case .oddity(let oddity): #expect(oddity.raw == bytes)
                }
            }
        }
    }

    @Test func `that is cut short is an oddity`() {
        var decoder = RecordDecoder(RecordLayout(size: 40, form: .text(pinLength: 24)))
        #expect(
            decoder.decode([1, 2], at: 0) == .oddity(Oddity(reason: "cut short", raw: [1, 2])))
        #expect(decoder.decode([1, 2], at: 9) == .oddity(Oddity(reason: "cut short", raw: [])))
    }
}

@Suite struct `The length of a ZKTeco record` {
    @Test(arguments: [8, 16, 22, 40, 49], [1, 3, 57, 500])
    func `is the table divided by the count`(size: Int, count: Int) {
        let sample = Samples.log(count, size: size).flatMap(\.self)
        let found = RecordSize.find(total: size * count, count: count, sample: sample)
        #expect(found?.size == size)
    }

    @Test(arguments: [8, 16, 22, 40, 49], [1, 3, 57, 560, 880])
    func `is what makes sense of the records where nobody counts`(size: Int, count: Int) {
        let sample = Samples.log(count, size: size).flatMap(\.self)
        #expect(RecordSize.find(total: size * count, count: nil, sample: sample)?.size == size)
        #expect(RecordSize.find(total: size * count, count: 0, sample: sample)?.size == size)
    }

    @Test(arguments: [8, 16, 22, 40, 49])
    func `allows for punches made after the counting`(size: Int) {
        let sample = Samples.log(103, size: size).flatMap(\.self)
        #expect(RecordSize.find(total: size * 103, count: 100, sample: sample)?.size == size)
    }

    @Test func `is not guessed`() {
        let rubbish = [UInt8](repeating: 0x31, count: 7_920)
        #expect(RecordSize.find(total: 7_920, count: nil, sample: rubbish) == nil)
        #expect(RecordSize.find(total: 7_920, count: 220, sample: rubbish) == nil)
    }
}

@Suite struct `The short form of old ZKTeco records` {
    // 07 at 19:02:00, then two short records 10 and 266 seconds later, then another full one.
    let table: [UInt8] =
        [7, 0, 0x28, 0, 0xA8, 0xEB, 0xA7, 0x1E] + [8, 0, 0x08, 10] + [9, 0, 0x49, 10]
        + [7, 0, 0x28, 0, 0x4B, 0xEC, 0xA7, 0x1E]

    @Test func `adds the seconds to the last full record`() throws {
        let records = try #require(ShortRecords(table, count: 4)).map(\.record)
        let punches = records.compactMap { if case .punch(let punch) = $0 { punch } else { nil } }
        #expect(punches.map(\.pin.text) == ["#7", "#8", "#9", "#7"])
        #expect(
            punches.map { $0.time.description.suffix(8) }
                == ["19:02:00", "19:02:10", "19:06:26", "19:04:43"])
        #expect(punches.map { $0.raw?.count } == [nil, 4, 4, nil])
        #expect(punches[2].state == .checkOut)
    }

    @Test(arguments: [3, 5, 6])
    func `is not believed if the count does not come out`(count: Int) {
        #expect(ShortRecords(table, count: count) == nil)
    }

    @Test func `is read through a talk, and has a position`() async throws {
        var setup = ModelTerminal.Setup()
        setup.records = [Array(table[0..<8]), Array(table[8..<12]), Array(table[12..<16])]
        setup.records.append(Array(table[16...]))
        let result = try await ModelTerminal(setup).readLog()
        #expect(result.punches.count == 4)
        #expect(result.read.isComplete)
        #expect(result.position?.count == 4)
    }

    @Test func `says so where the full record is missing`() throws {
        let records = Array(try #require(ShortRecords(Array(table[8...]), count: 3)))
        #expect(
            records.first?.record
                == .oddity(Oddity(reason: "no full record before", raw: [8, 0, 0x08, 10])))
    }
}

@Suite struct `A collector of DATA` {
    func data(_ index: Int, _ bytes: [UInt8]) -> Packet {
        Packet(command: Command.data, session: UInt16(index), reply: 1, data: bytes)
    }

    func announcement(_ size: UInt32) -> Packet {
        var bytes: [UInt8] = []
        bytes.appendLE(size)
        return Packet(command: Command.prepareData, session: 0, reply: 1, data: bytes)
    }

    @Test func `is whole in any order, each packet once or twice`() throws {
        var collector = DataCollector(asked: 6, isDatagram: true)
        try collector.take(data(2, [5, 6]))
        try collector.take(data(0, [1, 2]))
        try collector.take(data(0, [1, 2]))
        #expect(!collector.isWhole)
        try collector.take(data(1, [3, 4]))
        #expect(collector.isWhole)
        #expect(collector.bytes() == [1, 2, 3, 4, 5, 6])
    }

    @Test func `is not whole with a hole that another packet makes up for`() throws {
        var collector = DataCollector(asked: 6, isDatagram: true)
        try collector.take(data(0, [1, 2]))
        try collector.take(data(3, [3, 4, 5, 6]))
        #expect(!collector.isWhole)
    }

    @Test func `does not mix answers that disagree`() throws {
        var collector = DataCollector(asked: 4, isDatagram: true)
        try collector.take(data(0, [1, 2]))
        collector.askAgain()
        try collector.take(data(0, [7, 8]))
        #expect(!collector.isWhole)
        try collector.take(data(1, [9, 9]))
        #expect(collector.bytes() == [7, 8, 9, 9])
    }

    @Test(arguments: [UInt32(64 * 1_024 * 1_024 + 1), UInt32.max])
    func `refuses a size that no terminal has`(size: UInt32) {
        var collector = DataCollector(asked: nil, isDatagram: false)
        #expect(throws: DriverError.self) { try collector.take(announcement(size)) }
    }

    @Test func `refuses more than was announced`() throws {
        var collector = DataCollector(asked: nil, isDatagram: false)
        try collector.take(announcement(3))
        #expect(throws: DriverError.self) { try collector.take(data(0, [1, 2, 3, 4])) }
    }

    @Test func `refuses another size than was asked for`() {
        var collector = DataCollector(asked: 4, isDatagram: false)
        #expect(throws: DriverError.incomplete(received: 8, expected: 4)) {
            try collector.take(announcement(8))
        }
    }
}
