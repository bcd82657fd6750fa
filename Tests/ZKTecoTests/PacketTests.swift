import Attendance
import TerminalKit
import Testing

@testable import ZKTeco

@Suite struct `A ZKTeco packet` {
    @Test(arguments: [
        "E8 03 17 FC 00 00 00 00",
        "D0 07 29 6A F3 8D 0A 00 09",  // an odd length
        "4E 04 4D B0 CF 45 01 00 61 C9 32 3C",  // a carry
        "0B 00 5A 17 F3 8D 03 00 5A 4B 46 61 63 65 56 65 72 73 69 6F 6E 00",
    ])
    func `is written with the checksum that terminals send`(hex: String) throws {
        let bytes = try #require([UInt8](hex: hex))
        let packet = try #require(Packet(datagram: bytes))
        #expect(packet.datagram == bytes)
    }

    @Test func `has a magic and its length in front over TCP`() {
        let packet = Packet(command: Command.connect, session: 0, reply: 0)
        #expect(packet.frame.hex == "5050827d08000000e80317fc00000000")
    }

    @Test func `is refused whichever bit of it has changed`() {
        let good = Packet(command: 50, session: 0x45CF, reply: 6, data: [1, 2, 3]).datagram
        for bit in 0..<(good.count * 8) {
            var bad = good
            bad[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(Packet(datagram: bad) == nil)
        }
    }

    @Test func `is refused if it is shorter than a header`() {
        let good = Packet(command: 50, session: 1, reply: 6).datagram
        for count in 0..<8 { #expect(Packet(datagram: good.prefix(count)) == nil) }
    }

    @Test func `has a right checksum at 64 KiB, where folding once is not enough`() {
        let packet = Packet(
            command: 1_501, session: 0, reply: 1,
            data: [UInt8](repeating: 0xFF, count: 200_000))
        #expect(Packet(datagram: packet.datagram) == packet)
    }

    @Test func `takes both forms of a zero checksum`() {
        let packet = Packet(command: 0xFFFF, session: 0, reply: 0)
        var bytes = packet.datagram
        #expect(bytes[2...3].elementsEqual([0, 0]))
        bytes[2] = 0xFF
        bytes[3] = 0xFF
        #expect(Packet(datagram: bytes) == packet)
    }
}

@Suite struct `A ZKTeco packet decoder` {
    let packets = [
        Packet(command: Command.ackOK, session: 0x45CF, reply: 1),
        Packet(command: Command.data, session: 0, reply: 2, data: Array(0...255)),
        Packet(command: Command.event, session: 1, reply: 0, data: [9]),
    ]

    @Test(arguments: 1...40)
    func `gives the same packets however the bytes are cut`(chunk: Int) {
        let stream = packets.flatMap(\.frame)
        var decoder = PacketDecoder()
        var found: [PacketDecoder.Event] = []
        for start in stride(from: 0, to: stream.count, by: chunk) {
            decoder.feed(stream[start..<min(stream.count, start + chunk)])
            while let event = decoder.next() { found.append(event) }
        }
        #expect(found == packets.map { .packet($0) })
        #expect(decoder.pending.isEmpty)
    }

    @Test func `waits for the rest of a packet that was cut anywhere`() {
        let frame = packets[1].frame
        for count in 1..<frame.count {
            var decoder = PacketDecoder()
            decoder.feed(frame.prefix(count))
            #expect(decoder.next() == nil)
            #expect(decoder.pending.count == count)
        }
    }

    @Test func `gives up at bytes that begin no packet, and does not search on`() {
        var decoder = PacketDecoder()
        decoder.feed(packets[0].frame + [0x0D, 0x00] + packets[1].frame)
        #expect(decoder.next() == .packet(packets[0]))
        guard case .desync(let bytes) = decoder.next() else {
            Issue.record("no desync")
            return
        }
        #expect(bytes.starts(with: [0x0D, 0x00]))
        #expect(decoder.next() == nil)
    }

    @Test(arguments: [0, 7, 16 * 1_024 * 1_024 + 1, Int(UInt32.max)])
    func `is not held up by a length that no terminal sends`(length: Int) {
        var decoder = PacketDecoder()
        var bytes = Packet.magic
        bytes.appendLE(UInt32(length))
        decoder.feed(bytes)
        #expect(decoder.next() == .desync(bytes))
    }

    @Test func `reports a packet with a wrong checksum`() {
        var bad = packets[1].frame
        bad[20] ^= 0x40
        var decoder = PacketDecoder()
        decoder.feed(bad)
        #expect(decoder.next() == .noise(bad))
    }

    @Test func `understands the other magic of some firmware`() {
        var decoder = PacketDecoder()
        decoder.feed(PacketDecoder.otherMagic + packets[0].frame.dropFirst(4))
        #expect(decoder.next() == .packet(packets[0]))
    }

    @Test func `takes a long stream without keeping it`() {
        var decoder = PacketDecoder()
        let big = Packet(
            command: Command.data, session: 0, reply: 1,
            data: [UInt8](repeating: 7, count: 65_472))
        for _ in 0..<20 {
            decoder.feed(big.frame)
            #expect(decoder.next() == .packet(big))
        }
        #expect(decoder.pending.isEmpty)
    }
}

@Suite struct `The ZKTeco clock's number` {
    @Test(arguments: [
        ("2018-04-11T09:35:20", UInt32(0x2304_0D58)), ("2000-01-01T00:00:00", 0),
        ("2018-06-25T17:50:35", 0x2368_B36B), ("2099-12-31T23:59:59", 0xBF92_F7FF),
    ])
    func `is the mixed-radix number of the sources`(text: String, packed: UInt32) throws {
        let time = try #require(WallTime(text))
        #expect(PackedTime.encode(time) == packed)
        #expect(PackedTime.decode(packed) == time)
    }

    @Test func `is no time where the 31-day months make a date that does not exist`() {
        #expect(PackedTime.decode(0x5A5A_5A5A) == nil)  // 2047-02-30
    }

    @Test func `reaches past its century without a trap`() {
        #expect(PackedTime.decode(0xFFFF_FFFF)?.description == "2133-08-18T06:28:15")
    }

    @Test func `in an event is checked field by field`() {
        #expect(
            PackedTime.decode(event: [0x12, 6, 0x19, 0x11, 0x29, 5])?.description
                == "2018-06-25T17:41:05")
        #expect(PackedTime.decode(event: [0x12, 2, 30, 1, 1, 1]) == nil)
        #expect(PackedTime.decode(event: [0x12, 2, 3, 24, 1, 1]) == nil)
        #expect(PackedTime.decode(event: [0x12, 2, 3]) == nil)
    }
}

@Suite struct `The communication key` {
    @Test(arguments: [
        (UInt32(0), UInt16(0x45CF), "617d323c"), (45, 0x45CF, "61c9323c"),
        (123_456, 0x1D2C, "267f32e4"), (999_999, 0x9000, "228132f9"),
        (131_071, 0x9000, "617d3269"),  // the addition runs over
    ])
    func `is scrambled as terminals expect it`(key: UInt32, session: UInt16, hex: String) {
        #expect(CommKey.scramble(key: key, session: session).hex == hex)
    }
}
