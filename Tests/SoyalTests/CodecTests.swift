import Attendance
import TerminalKit
import Testing

@testable import Soyal

@Suite struct `A SOYAL packet decoder` {
    private let packets = [
        Packet(node: 1, command: Command.oldest),
        Packet(node: 0, command: 39, data: [UInt8](repeating: 0x7E, count: 29)),
        Packet(.large(area: 2), node: 0, command: 3, data: [UInt8](repeating: 9, count: 400)),
        Packet(node: 0, command: 4, data: [1, 0xC3, 0x46, 0x0F, 0x91, 0x10, 0x10, 0, 0, 0, 0]),
    ]

    @Test(arguments: Array(1...60) + [399, 500])
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

    @Test func `finds every packet behind one that lost a byte`() {
        let whole = packets[1].bytes
        for index in whole.indices {
            var cut = whole
            cut.remove(at: index)
            let found = events(cut + packets[0].bytes + packets[3].bytes)
            #expect(found.last == .packet(packets[3]))
        }
    }

    @Test func `resumes one byte behind a false start`() {
        // A head whose length reaches into the frame behind it.
        let start: [UInt8] = [0x7E, 0x06]
        #expect(events(start + packets[0].bytes + packets[3].bytes).contains(.packet(packets[0])))
        #expect(events(start + packets[0].bytes + packets[3].bytes).contains(.packet(packets[3])))
    }

    @Test(arguments: [
        [UInt8(0x7E), 0], [0x7E, 3], [0x7E, 251], [0xFF, 0, 0x5A, 0xA5, 0xF5, 0x7D],
    ])
    func `is not held up by a length that no controller sends`(start: [UInt8]) {
        #expect(events(start + packets[0].bytes) == [.noise(start), .packet(packets[0])])
    }

    @Test func `reports a wrong checksum of either kind as noise`() {
        for place in [1, 2] {
            var damaged = packets[3].bytes
            damaged[damaged.count - place] ^= 0x10
            #expect(events(damaged + packets[0].bytes).last == .packet(packets[0]))
            #expect(
                events(damaged).contains { if case .packet = $0 { true } else { false } } == false)
        }
    }

    @Test func `finds what stands behind a false start once the line is silent`() {
        let start: [UInt8] = [0x7E, 0x80]
        var decoder = PacketDecoder()
        decoder.feed(start + packets[0].bytes)
        #expect(decoder.next() == nil)
        #expect(decoder.giveUp() == .noise(start))
        #expect(decoder.next() == .packet(packets[0]))
        #expect(decoder.giveUp() == nil)
    }

    @Test(arguments: [[UInt8(0x7F), 0x08], [0xFF, 0x00, 0x55, 0xAA]])
    func `makes nothing of the security mode`(head: [UInt8]) {
        let bytes = head + [UInt8](repeating: 0x31, count: 12)
        #expect(events(bytes) == [.noise(bytes)])
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

@Suite struct `A SOYAL answer` {
    /// Codes that are kinds of answers and function codes of events as well.
    @Test(arguments: [UInt8(3), 4, 5, 6, 9, 12, 39])
    func `of 29 bytes is an event whatever its code`(code: UInt8) {
        let packet = Packet(node: 0, command: code, data: [UInt8](repeating: 1, count: 29))
        let expected = Answer.event(EventFrame(code: code, data: packet.data))
        #expect(Answer(packet, to: Command.oldest) == expected)
        #expect(Answer(packet, to: Command.poll) == expected)
    }

    @Test(arguments: [0, 11])
    func `04 is an acknowledgement by its length`(length: Int) {
        let packet = Packet(node: 0, command: 4, data: [UInt8](repeating: 1, count: length))
        #expect(Answer(packet, to: Command.oldest) == .acknowledged)
    }

    @Test(arguments: [1, 10, 12, 28, 30])
    func `04 of any other length is none`(length: Int) {
        let packet = Packet(node: 0, command: 4, data: [UInt8](repeating: 1, count: length))
        #expect(Answer(packet, to: Command.oldest) == nil)
    }

    @Test(arguments: [5, 7])
    func `09 of another length than a status is none`(length: Int) {
        let packet = Packet(node: 0, command: 9, data: [UInt8](repeating: 1, count: length))
        #expect(Answer(packet, to: Command.poll) == nil)
    }

    @Test func `about parameters may be as long as an event`() {
        let packet = Packet(node: 0, command: 3, data: [UInt8](repeating: 1, count: 29))
        #expect(Answer(packet, to: Command.parameters) == .data(packet.data))
    }
}

@Suite struct `A SOYAL event` {
    private func event(
        code: UInt8 = 39, address: Int = 1_000, duty: UInt8 = 0,
        time: [UInt8] = [9, 2, 8, 7, 21, 11, 26]
    ) -> EventFrame {
        EventFrame(
            code: code,
            data: [1] + time + [
                0x11, UInt8(address >> 8), UInt8(address & 0xFF), duty << 5 | 3, 0, 0x10, 0,
            ]
                + [0x8E, 0xA1, 1, 0, 0x4A, 0xFE])
    }

    @Test(arguments: [
        (UInt8(11), VerifyMethod.card), (28, .pin), (10, .combined), (39, .finger), (100, .other),
        (108, .face),
    ])
    func `about somebody who came in is a punch`(code: UInt8, method: VerifyMethod) throws {
        guard case .punch(let punch) = Records.decode(event(code: code)) else {
            Issue.record("no punch")
            return
        }
        #expect(punch.pin == Pin(slot: 1_000))
        #expect(punch.time.description == "2026-11-21T08:02:09")
        #expect(punch.verify == method)
        #expect(punch.verifyNumber == Int(code))
        #expect(punch.raw == event(code: code).bytes)
    }

    @Test(arguments: [
        (UInt8(0), PunchState.checkIn), (1, .checkOut), (2, .overtimeIn), (3, .overtimeOut),
        (4, .breakOut), (5, .breakIn), (6, .other), (7, .other),
    ])
    func `tells the key pressed`(duty: UInt8, state: PunchState) {
        guard case .punch(let punch) = Records.decode(event(duty: duty)) else {
            Issue.record("no punch")
            return
        }
        #expect(punch.state == state)
        #expect(punch.stateNumber == Int(duty))
    }

    @Test(arguments: (UInt8(0)...255).filter { ![10, 11, 28, 39, 100, 108].contains($0) })
    func `about anything else is kept and not counted`(code: UInt8) {
        guard case .oddity(let oddity) = Records.decode(event(code: code)) else {
            Issue.record("code \(code) counts")
            return
        }
        #expect(oddity.reason.hasPrefix("no punch: "))
        #expect(oddity.raw == event(code: code).bytes)
    }

    @Test(arguments: [
        [UInt8(9), 2, 8, 7, 30, 2, 26], [60, 2, 8, 7, 21, 11, 26], [9, 2, 24, 7, 21, 11, 26],
        [9, 2, 8, 7, 21, 0, 26], [9, 2, 8, 7, 21, 11, 100],
    ])
    func `with a date that does not exist is kept with its bytes`(time: [UInt8]) {
        let damaged = event(time: time)
        #expect(
            Records.decode(damaged)
                == .oddity(Oddity(reason: "impossible date", raw: damaged.bytes)))
    }

    @Test func `of a clock that was never set is a punch of that clock`() {
        guard case .punch(let punch) = Records.decode(event(time: [1, 0, 0, 3, 9, 11, 10])) else {
            Issue.record("no punch")
            return
        }
        #expect(punch.time.description == "2010-11-09T00:00:01")
    }

    @Test func `is rebuilt from its bytes`() {
        #expect(EventFrame(bytes: event().bytes) == event())
        #expect(EventFrame(bytes: Array(event().bytes.dropLast())) == nil)
    }
}
