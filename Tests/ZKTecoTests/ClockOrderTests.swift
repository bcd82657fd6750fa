import Attendance
import Testing

@testable import ZKTeco

@Suite struct `Setting a ZKTeco clock` {
    /// The number is that of docs/reference/protocols/zkteco.md, "Time".
    @Test func `is one order with the packed time`() throws {
        let time = try WallTime(year: 2018, month: 4, day: 11, hour: 9, minute: 35, second: 20)
        #expect(Order.setClock(time).command == 202)
        #expect(Order.setClock(time).data == [0x58, 0x0D, 0x04, 0x23])
    }

    @Test func `is nothing that can be asked`() {
        #expect(!Question.all.map(\.command).contains(Command.timeWrite))
    }
}
