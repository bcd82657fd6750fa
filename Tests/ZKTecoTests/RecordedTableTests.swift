import Attendance
import TerminalKit
import Testing

@testable import ZKTeco

@Suite struct `A recorded table` {
    @Test func `keeps the bytes of an operation whose date does not exist`() {
        let good: [UInt8] = [1, 0, 4, 0, 0x88, 0x06, 0x7C, 0x33, 0, 0, 0, 0, 0, 0, 0, 0]
        let bad: [UInt8] = [1, 0, 4, 0, 0x00, 0x8C, 0x4F, 0x00, 0, 0, 0, 0, 0, 0, 0, 0]
        #expect(PackedTime.decode(0x4F_8C00) == nil)
        let items = decoded(Command.operationLogRead, good + bad, announced: 32)
        #expect(items.count == 2)
        #expect(items.last == .noise(reason: Reason.date, bytes: bad))
    }

    @Test func `keeps what comes behind its announced end`() {
        let record = Samples.record(1)
        let items = decoded(Command.logRead, record + [9, 9, 9], announced: record.count)
        #expect(items.count == 2)
        #expect(items.last == .noise(reason: "more than announced", bytes: [9, 9, 9]))
    }

    @Test func `keeps bytes that are too few for its length`() {
        var tables = RecordedTables()
        tables.add(
            Packet(command: Command.data, session: 1, reply: 1, data: [1, 2]), isDatagram: false)
        #expect(items(of: &tables) == [.noise(reason: Reason.cut, bytes: [1, 2])])
    }

    private func decoded(
        _ question: UInt16, _ records: [UInt8], announced: Int
    ) -> [DecodedItem] {
        var tables = RecordedTables()
        _ = tables.asked(Packet(command: question, session: 1, reply: 1))
        var data: [UInt8] = []
        data.appendLE(UInt32(announced))
        tables.add(
            Packet(command: Command.data, session: 1, reply: 1, data: data + records),
            isDatagram: false)
        return items(of: &tables)
    }

    private func items(of tables: inout RecordedTables) -> [DecodedItem] {
        var items: [DecodedItem] = []
        tables.take { items.append($0) }
        return items
    }
}
