import Attendance
import Testing

@testable import Anviz

@Suite struct `Setting an Anviz clock` {
    @Test func `is one order with the six fields that reading gives`() throws {
        let time = try WallTime(year: 2018, month: 4, day: 11, hour: 9, minute: 35, second: 20)
        #expect(Order.setClock(time).command == 0x39)
        #expect(Order.setClock(time).data == [18, 4, 11, 9, 35, 20])
        #expect(ClockFields.decode(Order.setClock(time).data) == time)
    }
}
