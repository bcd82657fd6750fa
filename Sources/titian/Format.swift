import Attendance
import Speech

/// Numbers, times and spans as people in an office write them.
enum Format {
    /// `41.233` in Indonesian, `41,233` in English.
    static func number(_ value: some BinaryInteger) -> String {
        let mark: Character = Speech.language == .english ? "," : "."
        var digits = String(value.magnitude)
        var index = digits.endIndex
        while digits.distance(from: digits.startIndex, to: index) > 3 {
            index = digits.index(index, offsetBy: -3)
            digits.insert(mark, at: index)
        }
        return value < 0 ? "-\(digits)" : digits
    }

    /// `41.233/100.000`, or what is known of it; nil if nothing is.
    static func filling(_ count: Int?, of capacity: Int?) -> String? {
        guard let count else { return nil }
        guard let capacity, capacity > 0 else { return number(count) }
        return "\(number(count))/\(number(capacity))"
    }

    /// A clock's difference in the largest fitting unit: `+3 d`, `-58 m`, `+25 hari`.
    static func offset(_ milliseconds: Int64) -> String {
        let seconds = (abs(milliseconds) + 500) / 1_000
        let sign = seconds == 0 ? "±" : milliseconds < 0 ? "-" : "+"
        switch seconds {
        case ..<120: return "\(sign)\(seconds) \(say(id: "d", en: "s"))"
        case ..<7_200: return "\(sign)\(seconds / 60) \(say(id: "m", en: "min"))"
        case ..<172_800: return "\(sign)\(seconds / 3_600) \(say(id: "j", en: "h"))"
        default: return "\(sign)\(seconds / 86_400) \(say(id: "hari", en: "days"))"
        }
    }

    /// The offset with how far off it may be: `selisih +3 d (±1 d)`.
    static func offset(_ milliseconds: Int64, error: Int64) -> String {
        let doubt = (error + 999) / 1_000
        return say(
            id: "selisih \(offset(milliseconds)) (±\(doubt) d)",
            en: "off by \(offset(milliseconds)) (±\(doubt) s)")
    }

    private static let months = [
        ("Jan", "Jan"), ("Feb", "Feb"), ("Mar", "Mar"), ("Apr", "Apr"), ("Mei", "May"),
        ("Jun", "Jun"), ("Jul", "Jul"), ("Agu", "Aug"), ("Sep", "Sep"), ("Okt", "Oct"),
        ("Nov", "Nov"), ("Des", "Dec"),
    ]

    /// A time of an answer in the office's zone: `07:58` today, else `22 Nov 16:20`, with the year
    /// if it is another one. What is no time stays as it is.
    static func time(_ text: String, in zone: Zone, today now: UTCTime) -> String {
        guard let time = UTCTime(text) else { return text }
        let fields = time.wallTime(in: zone).fields
        let today = now.wallTime(in: zone).fields
        let clock = "\(twoDigits(fields.hour)):\(twoDigits(fields.minute))"
        if (fields.year, fields.month, fields.day) == (today.year, today.month, today.day) {
            return clock
        }
        let month = months[fields.month - 1]
        let day = "\(fields.day) \(say(id: month.0, en: month.1))"
        return fields.year == today.year ? "\(day) \(clock)" : "\(day) \(fields.year) \(clock)"
    }

    private static func twoDigits(_ value: Int) -> String {
        value < 10 ? "0\(value)" : "\(value)"
    }

    /// A size in the largest fitting unit: `12 kB`, `3,4 MB`.
    static func bytes(_ count: Int64) -> String {
        let mark = Speech.language == .english ? "." : ","
        var unit = 0
        var tenths = max(0, min(count, Int64.max / 10)) * 10
        while tenths >= 10_000, unit < 4 {
            tenths /= 1_000
            unit += 1
        }
        let name = ["B", "kB", "MB", "GB", "TB"][unit]
        let showsTenths = unit > 0 && tenths < 100
        return showsTenths
            ? "\(tenths / 10)\(mark)\(tenths % 10) \(name)" : "\(tenths / 10) \(name)"
    }
}
