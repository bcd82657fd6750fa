package import Attendance

/// The make's 32-bit time: a mixed-radix number in which every month has 31 days.
///
/// So the number space holds 30 February, and damaged records do show it; such a number is no
/// time. Never add seconds to the number itself. No zone, no century: years are 2000 and later.
///
/// Source: docs/reference/protocols/zkteco.md, "Time".
package enum PackedTime {
    /// - Parameter time: Of the years 2000 to 2099; others come back a century off.
    package static func encode(_ time: WallTime) -> UInt32 {
        let fields = time.fields
        let century = ((fields.year % 100) + 100) % 100
        let months = century * 12 + fields.month - 1
        let days = months * 31 + fields.day - 1
        let seconds = days * 86_400 + fields.hour * 3_600 + fields.minute * 60 + fields.second
        return UInt32(truncatingIfNeeded: seconds)
    }

    /// - Returns: nil for a date that does not exist.
    package static func decode(_ packed: UInt32) -> WallTime? {
        let second = Int(packed % 60)
        let minute = Int(packed / 60 % 60)
        let hour = Int(packed / 3_600 % 24)
        let days = Int(packed / 86_400)
        let day = days % 31 + 1
        let month = days / 31 % 12 + 1
        let year = days / 372 + 2_000
        return try? WallTime(
            year: year, month: month, day: day, hour: hour, minute: minute, second: second)
    }

    /// The six plain bytes of an event: year − 2000, month, day, hour, minute, second.
    package static func decode(event bytes: some Collection<UInt8>) -> WallTime? {
        let fields = bytes.map(Int.init)
        guard fields.count == 6 else { return nil }
        return try? WallTime(
            year: 2_000 + fields[0], month: fields[1], day: fields[2], hour: fields[3],
            minute: fields[4], second: fields[5])
    }

    /// The same, written; the simulator's events are made of it.
    package static func event(_ time: WallTime) -> [UInt8] {
        let fields = time.fields
        return [
            fields.year - 2_000, fields.month, fields.day, fields.hour, fields.minute,
            fields.second,
        ].map { UInt8(truncatingIfNeeded: $0) }
    }
}
