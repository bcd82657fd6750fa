import Attendance
import TerminalKit
import Testing

@testable import Anviz

@Suite struct `An Anviz packet decoder` {
    private let packets = [
        Packet(request: Command.download, device: 1, data: [2, 25]),
        Packet(
            answer: Command.download, device: 1,
            data: Records.block([ModelTerminal.row(1), ModelTerminal.row(2)])),
        Packet(answer: Command.download, device: 1, result: AnswerCode.failure),
        // The start byte in device and data.
        Packet(answer: Command.live, device: 0xA5A5_A5A5, data: [0xA5, 0, 0, 0xA5]),
    ]

    @Test(arguments: 1...90)
    func `gives the same packets however the bytes are cut`(chunk: Int) {
        let bytes = packets.flatMap(\.bytes)
        var decoder = PacketDecoder()
        var found: [PacketDecoder.Event] = []
        for start in stride(from: 0, to: bytes.count, by: chunk) {
            decoder.feed(bytes[start...].prefix(chunk))
            while let event = decoder.next() { found.append(event) }
        }
        #expect(found == packets.map { .packet($0) })
        #expect(decoder.pending.isEmpty)
    }

    @Test func `reports a packet with a wrong checksum as noise and finds the next one`() {
        var damaged = packets[1].bytes
        damaged[12] ^= 1
        #expect(events(damaged + packets[0].bytes) == [.noise(damaged), .packet(packets[0])])
    }

    @Test func `loses nothing when a byte is lost`() {
        let whole = packets[1].bytes
        for index in whole.indices {
            var cut = whole
            cut.remove(at: index)
            var found = events(cut + packets[0].bytes + packets[2].bytes)
            found.removeAll { if case .noise = $0 { true } else { false } }
            #expect(found.suffix(1) == [.packet(packets[2])])
        }
    }

    @Test func `is not held up by a length that no terminal sends`() {
        let start: [UInt8] = [0xA5, 0, 0, 0, 1, 0xC0, 0, 0xFF, 0xFF]
        #expect(events(start + packets[0].bytes) == [.noise(start), .packet(packets[0])])
    }

    @Test func `finds what stands behind a false start once the line is silent`() {
        let start: [UInt8] = [0xA5, 0, 0, 0, 1, 0xC0, 0, 0x20, 0x00]
        var decoder = PacketDecoder()
        decoder.feed(start + packets[0].bytes)
        #expect(decoder.next() == nil)
        #expect(decoder.giveUp() == .noise(start))
        #expect(decoder.next() == .packet(packets[0]))
        #expect(decoder.giveUp() == nil)
    }

    @Test func `survives every byte value`() {
        let bytes = (0...255).map { UInt8($0) } + packets[0].bytes
        #expect(events(bytes).last == .packet(packets[0]))
    }

    private func events(_ bytes: [UInt8]) -> [PacketDecoder.Event] {
        var decoder = PacketDecoder()
        decoder.feed(bytes)
        var events: [PacketDecoder.Event] = []
        while let event = decoder.next() { events.append(event) }
        while let event = decoder.giveUp() { events.append(event) }
        // Where one stretch of noise ends and the next begins means nothing.
        return events.reduce(into: []) { merged, event in
            if case .noise(let new) = event, case .noise(let old) = merged.last {
                merged[merged.count - 1] = .noise(old + new)
            } else {
                merged.append(event)
            }
        }
    }
}

@Suite struct `An Anviz checksum` {
    @Test func `is that of the catalogue`() {
        #expect(CRC.checksum("123456789".utf8) == 0x6F91)
    }

    @Test func `is that of the published request`() throws {
        let bytes = try #require([UInt8](hex: "A500000002300000"))
        #expect(CRC.checksum(bytes) == 0x2927)
    }
}

@Suite struct `An Anviz row` {
    @Test func `counts from the second of January 2000`() throws {
        let row = try #require([UInt8](hex: "00000001AE323157850100000000"))
        guard case .punch(let punch) = Records.decode(row[...]) else {
            Issue.record("no punch")
            return
        }
        #expect(punch.time.description == "2026-09-08T11:07:49")
        #expect(punch.pin.text == "430")
        #expect(punch.raw == nil)
    }

    @Test(arguments: [
        (UInt8(0), PunchState.checkIn), (1, .checkOut), (2, .breakOut), (3, .other), (15, .other),
    ])
    func `tells the state`(type: UInt8, state: PunchState) {
        #expect(punch(type: type)?.state == state)
        #expect(punch(type: type)?.stateNumber == Int(type))
    }

    @Test(arguments: [
        (UInt8(1), VerifyMethod.finger), (2, .finger), (4, .password), (8, .card), (5, .combined),
        (0, .other), (128, .other),
    ])
    func `tells the way of recognition`(backup: UInt8, method: VerifyMethod) {
        #expect(punch(backup: backup)?.verify == method)
        #expect(punch(backup: backup)?.verifyNumber == Int(backup))
    }

    @Test(arguments: [UInt8(0x80), 0x81, 0x40, 0xF2])
    func `keeps its bytes where the type holds more than a state`(type: UInt8) {
        #expect(punch(type: type)?.raw == row(type: type))
        #expect(punch(type: type)?.stateNumber == Int(type & 0x0F))
    }

    @Test func `holds the longest number and work code`() {
        let row = Records.encode(
            user: 1_099_511_627_775, time: WallTime(seconds: Records.epoch), backup: 4,
            work: 0xFF_FFFE)
        guard case .punch(let punch) = Records.decode(row[...]) else {
            Issue.record("no punch")
            return
        }
        #expect(punch.pin.text == "1099511627775")
        #expect(punch.workCode == 0xFF_FFFE)
        #expect(punch.time.description == "2000-01-02T00:00:00")
    }

    @Test(arguments: [UInt8(0), 0xFF])
    func `is an oddity where the memory is empty`(byte: UInt8) {
        let row = [UInt8](repeating: byte, count: 14)
        #expect(Records.decode(row[...]) == .oddity(Oddity(reason: "empty row", raw: row)))
    }

    @Test(arguments: 0..<14)
    func `is an oddity when it is cut`(length: Int) {
        let row = ModelTerminal.row(1).prefix(length)
        #expect(
            Records.decode(row) == .oddity(Oddity(reason: "part of a row", raw: Array(row))))
    }

    @Test(arguments: [(1, 14), (1, 16), (2, 28), (0, 2), (26, 365), (25, 350)])
    func `is not guessed at when a block has another length`(rows: Int, length: Int) {
        let data = [UInt8(rows)] + [UInt8](repeating: 7, count: length - 1)
        #expect(throws: DriverError.self) { try Records.rows(in: data, asked: 25) }
    }

    private func row(backup: UInt8 = 1, type: UInt8 = 0) -> [UInt8] {
        Records.encode(
            user: 9, time: WallTime(seconds: 1_795_000_000), backup: backup, type: type)
    }

    private func punch(backup: UInt8 = 1, type: UInt8 = 0) -> Punch? {
        guard case .punch(let punch) = Records.decode(row(backup: backup, type: type)[...]) else {
            return nil
        }
        return punch
    }
}
