import Attendance
import TerminalKit
import TestSupport
import Testing

@Suite struct `The tutorial's driver` {
    /// A terminal with two punches, as a technician would have recorded it.
    static let recording = """
        # Lonceng L-1, firmware 2
        > 02 53 00 53
        < 02 D3 04 4C 31 32 33 B9
        > 02 4E 00 4E
        < 02 CE 02 02 00 D2
        > 02 52 02 00 00 54
        < 02 D2 09 11 00 00 00 02 00 00 00 00 EE
        > 02 52 02 01 00 55
        < 02 D2 09 12 00 00 00 3C 00 00 00 01 2A
        > 02 4E 00 4E
        < 02 CE 02 02 00 D2
        """

    @Test func `reads what was recorded`() async throws {
        let link = ScriptedLink(try Talk(parsing: Self.recording))
        let session = try await LoncengDriver().open(link)
        #expect(try await session.identify().id.description == "lonceng:L123")
        var pages: [LogPage] = []
        let read = try await session.readLog(from: nil) { pages.append($0) }
        #expect(read.isComplete)
        let times = pages.flatMap(\.records).compactMap {
            if case .punch(let punch) = $0 { "\(punch.pin) \(punch.time)" } else { nil }
        }
        #expect(times == ["17 2000-01-01T00:00:02", "18 2000-01-01T00:01:00"])
        #expect(await link.isFinished)
    }

    @Test(arguments: 1...20)
    func `does not care how the bytes were cut`(size: Int) throws {
        let all = try Talk(parsing: Self.recording).received
        var decoder = PacketDecoder()
        var packets: [Packet] = []
        for start in stride(from: 0, to: all.count, by: size) {
            decoder.feed(Array(all[start..<min(all.count, start + size)]))
            while let packet = decoder.next() { packets.append(packet) }
        }
        #expect(packets.flatMap(\.bytes) == all)
    }

    @Test func `finds the next packet behind a damaged one`() {
        let good = Packet(command: 0xD2, data: [2, 2, 2])
        var decoder = PacketDecoder()
        decoder.feed([0x02, 0xD2, 0x03, 0x02, 0x02, 0xFF, 0x00] + good.bytes)
        #expect(decoder.next() == good)
    }

    @Test(arguments: 0...12)
    func `keeps what is no record`(length: Int) {
        let bytes = [UInt8](repeating: 0, count: length)
        guard case .oddity(let oddity) = Record.decode(bytes) else {
            Issue.record("a record without PIN is no punch")
            return
        }
        #expect(oddity.raw == bytes)
    }

    @Test func `goes on where it stopped`() async throws {
        let terminal = Lonceng(records: 250)
        var position: LogPosition?
        let session = try await LoncengDriver().open(terminal)
        _ = try await session.readLog(from: nil) { position = $0.position }
        await terminal.add(3)
        var received = 0
        let read = try await session.readLog(from: position) { received += $0.records.count }
        #expect(received == 3)
        #expect(read.extent == .tail)
        await terminal.clear()
        let again = try await session.readLog(from: position) { _ in }
        #expect(again.lostPosition)
    }
}

/// A terminal of the make, in memory.
private actor Lonceng: Link {
    nonisolated let isDatagram = false
    private var records: [[UInt8]]
    private var decoder = PacketDecoder()
    private var outgoing: [[UInt8]] = []

    init(records count: Int) {
        records = (0..<count).map(Self.record)
    }

    private static func record(_ number: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendLE(UInt32(1 + number % 40))
        bytes.appendLE(UInt32(number * 60))
        return bytes + [0]
    }

    func add(_ count: Int) {
        for _ in 0..<count { records.append(Self.record(records.count)) }
    }

    func clear() { records = [] }

    func send(_ bytes: [UInt8]) async throws(LinkError) {
        decoder.feed(bytes)
        while let packet = decoder.next(), let question = Question(rawValue: packet.command) {
            outgoing.append(
                Packet(command: packet.command | Packet.answer, data: answer(question, packet))
                    .bytes)
        }
    }

    private func answer(_ question: Question, _ packet: Packet) -> [UInt8] {
        var data: [UInt8] = []
        var reader = ByteReader(packet.data)
        switch question {
        case .serialNumber: data = Array("L123".utf8)
        case .clock: data.appendLE(UInt32(0))
        case .count: data.appendLE(UInt16(truncatingIfNeeded: records.count))
        case .record:
            let number = Int(reader.u16LE() ?? 0)
            if records.indices.contains(number) { data = records[number] }
        }
        return data
    }

    func receive(within limit: Duration) async throws(LinkError) -> [UInt8] {
        guard !outgoing.isEmpty else { throw .silent(after: limit) }
        return outgoing.removeFirst()
    }

    func close() async {}
}
