/// A moment as a terminal's own screen showed it: no zone, whole seconds.
///
/// Terminals keep no time zone, so this is the only form in which a punch's time is ever stored;
/// the office's ``Zone`` stands beside it and UTC is derived when it is needed.
public struct WallTime: Hashable, Sendable, Comparable {
    /// Seconds from 1970-01-01 00:00:00 on the terminal's own clock (no zone applied).
    public let seconds: Int64

    public init(seconds: Int64) {
        self.seconds = seconds
    }

    /// Checks every field against the calendar.
    ///
    /// - Throws: ``InvalidValue`` for a date that does not exist, such as 30 February, which
    ///   damaged records do hold.
    public init(
        year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0
    ) throws(InvalidValue) {
        guard
            (1...9999).contains(year), (1...12).contains(month),
            (1...Self.days(inMonth: month, of: year)).contains(day),
            (0...23).contains(hour), (0...59).contains(minute), (0...59).contains(second)
        else {
            throw InvalidValue(
                "\(year)-\(month)-\(day) \(hour):\(minute):\(second)",
                rule: "a time is a date that exists and 00:00:00 to 23:59:59")
        }
        let days = Self.daysSince1970(year: year, month: month, day: day)
        seconds = days * 86_400 + Int64(hour * 3_600 + minute * 60 + second)
    }

    public static func < (left: WallTime, right: WallTime) -> Bool { left.seconds < right.seconds }

    /// The calendar fields, in the proleptic Gregorian calendar.
    public var fields: (year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
        let day = seconds.flooredDivision(by: 86_400)
        let rest = Int(seconds - day * 86_400)
        let date = Self.date(daysSince1970: day)
        return (date.year, date.month, date.day, rest / 3_600, rest / 60 % 60, rest % 60)
    }

    /// Seconds from 1970-01-01 00:00:00 UTC, if the terminal's clock showed the time of `zone`.
    public func secondsSince1970(in zone: Zone) -> Int64 { seconds - zone.secondsFromGMT }

    /// The wall time in `zone` at `secondsSince1970` (UTC).
    public init(secondsSince1970: Int64, in zone: Zone) {
        self.init(seconds: secondsSince1970 + zone.secondsFromGMT)
    }

    public func advanced(by seconds: Int64) -> WallTime {
        WallTime(seconds: self.seconds + seconds)
    }
}

extension WallTime: CustomStringConvertible, LosslessStringConvertible {
    /// `YYYY-MM-DDThh:mm:ss`, the form used in entries, JSON and tests.
    public var description: String {
        String(decoding: Self.utf8(seconds: seconds, separator: UInt8(ascii: "T")), as: UTF8.self)
    }

    /// Reads `YYYY-MM-DDThh:mm:ss`, also with a blank for the `T`; nil for anything else.
    public init?(_ text: String) {
        self.init(utf8: Array(text.utf8))
    }

    /// Reads the 19 bytes of `YYYY-MM-DDThh:mm:ss`, also with a blank for the `T`.
    public init?(utf8 bytes: [UInt8]) {
        guard bytes.count == 19, bytes[4] == 0x2D, bytes[7] == 0x2D, bytes[13] == 0x3A,
            bytes[16] == 0x3A, bytes[10] == 0x54 || bytes[10] == 0x20
        else { return nil }
        func number(_ range: Range<Int>) -> Int? {
            var value = 0
            for index in range {
                guard (0x30...0x39).contains(bytes[index]) else { return nil }
                value = value * 10 + Int(bytes[index] - 0x30)
            }
            return value
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
            let time = try? WallTime(
                year: year, month: month, day: day, hour: hour, minute: minute, second: second)
        else { return nil }
        self = time
    }

    /// The description's bytes, written by hand because entries are written by the hundred
    /// thousand.
    static func utf8(seconds: Int64, separator: UInt8) -> [UInt8] {
        let fields = WallTime(seconds: seconds).fields
        var bytes: [UInt8] = []
        bytes.reserveCapacity(20)
        func append(_ value: Int, digits: Int) {
            var divisor = 1
            for _ in 1..<digits { divisor *= 10 }
            while divisor > 0 {
                bytes.append(0x30 + UInt8(truncatingIfNeeded: value / divisor % 10))
                divisor /= 10
            }
        }
        append(fields.year, digits: 4)
        bytes.append(0x2D)
        append(fields.month, digits: 2)
        bytes.append(0x2D)
        append(fields.day, digits: 2)
        bytes.append(separator)
        append(fields.hour, digits: 2)
        bytes.append(0x3A)
        append(fields.minute, digits: 2)
        bytes.append(0x3A)
        append(fields.second, digits: 2)
        return bytes
    }
}

// Calendar arithmetic: days counted from 1 March of year 0, so that the leap day comes last.
extension WallTime {
    static func isLeap(_ year: Int) -> Bool {
        (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
    }

    /// - Parameter month: 1 to 12.
    static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    static func daysSince1970(year: Int, month: Int, day: Int) -> Int64 {
        let shifted = Int64(month <= 2 ? year - 1 : year)
        let era = shifted.flooredDivision(by: 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = Int64((153 * ((month + 9) % 12) + 2) / 5 + day - 1)
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    static func date(daysSince1970 days: Int64) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted.flooredDivision(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = Int(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
        let month = Int(shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9)
        return (Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0), month, day)
    }
}

extension Int64 {
    func flooredDivision(by divisor: Int64) -> Int64 {
        self >= 0 ? self / divisor : (self - divisor + 1) / divisor
    }
}
