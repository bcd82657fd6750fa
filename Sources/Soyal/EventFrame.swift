package import Attendance
internal import TerminalKit

/// One event of a controller's log: its function code and 29 bytes.
///
/// ```
///  0 node | 1-3 second minute hour | 4-7 weekday day month year | 8 port | 9-10 user address
/// 11 sub code | 12-14 sub function, extension, level | 15-16, 19-20 card | 17 door | 21-28
/// ```
/// The user address has its highest byte first: the vendor's page says the opposite, a real unit
/// says so.
///
/// Source: docs/reference/protocols/soyal.md, "Events".
package struct EventFrame: Hashable, Sendable {
    /// Bytes of data in a frame that is an event.
    package static let length = 29

    /// What happened: see ``EventCode``.
    package let code: UInt8
    /// Exactly ``length`` bytes.
    package let data: [UInt8]

    /// - Parameters:
    ///   - code: The command byte of the frame.
    ///   - data: Filled up with zeros, or cut, to ``length``.
    package init(code: UInt8, data: [UInt8]) {
        self.code = code
        let missing = max(0, Self.length - data.count)
        self.data = data.prefix(Self.length) + [UInt8](repeating: 0, count: missing)
    }

    /// Code and data in one stretch: what is kept, and what two readings are compared by.
    package var bytes: [UInt8] { [code] + data }

    /// The inverse of ``bytes``; nil for another length.
    package init?(bytes: [UInt8]) {
        guard bytes.count == Self.length + 1, let code = bytes.first else { return nil }
        self.init(code: code, data: Array(bytes.dropFirst()))
    }

    package var node: UInt8 { data[0] }
    /// 1 is Sunday.
    package var weekday: UInt8 { data[4] }
    /// 17 is the main reader.
    package var port: UInt8 { data[8] }
    package var userAddress: Int { Int(data[9]) << 8 | Int(data[10]) }
    package var subCode: UInt8 { data[11] & 0x1F }
    /// The key pressed for on duty, off duty and so on: 0 to 7.
    package var duty: UInt8 { data[11] >> 5 }
    package var level: UInt8 { data[14] }
    package var door: UInt8 { data[17] }

    /// nil for a date that does not exist.
    package var time: WallTime? { ClockFields.decode(data[1..<8]) }
}

/// The controller's clock in seven bytes: second, minute, hour, weekday, day, month, year from
/// 2000. The weekday is set by hand and decides nothing.
package enum ClockFields {
    package static func encode(_ time: WallTime) -> [UInt8] {
        let fields = time.fields
        // 1970-01-01 was a Thursday, and 1 is Sunday.
        let weekday = Int((time.seconds / 86_400 + 4) % 7) + 1
        return [
            fields.second, fields.minute, fields.hour, weekday, fields.day, fields.month,
            fields.year - 2_000,
        ].map { UInt8(clamping: $0) }
    }

    /// nil if the data is short or names a time that does not exist.
    package static func decode(_ data: some Collection<UInt8>) -> WallTime? {
        let fields = data.prefix(7).map { Int($0) }
        guard fields.count == 7, fields[6] < 100 else { return nil }
        return try? WallTime(
            year: 2_000 + fields[6], month: fields[5], day: fields[4], hour: fields[2],
            minute: fields[1], second: fields[0])
    }
}
