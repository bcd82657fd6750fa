import Attendance

/// Numbers, times and spans as an official reads them, in one language and one zone.
///
/// Indonesian: `1.234,5`, `Sen, 18 Nov 2026`, `07.31 WITA` in text and `07:31` in tables.
struct Formats {
    let language: Language
    let zone: Zone
    /// The moment of the page: what "today" and "ago" are counted from.
    let now: UTCTime

    private var isEnglish: Bool { language == .english }

    // MARK: Numbers

    /// `1.234` or `1,234`.
    func number(_ value: Int) -> String {
        var digits = Array(String(value.magnitude))
        var index = digits.count - 3
        while index > 0 {
            digits.insert(isEnglish ? "," : ".", at: index)
            index -= 3
        }
        return (value < 0 ? "−" : "") + String(digits)
    }

    func percent(_ part: Int64, of whole: Int64) -> String? {
        guard whole > 0, part >= 0 else { return nil }
        let share = Double(part) / Double(whole) * 100
        return share > 0 && share < 1 ? "< 1 %" : "\(Int(share.rounded())) %"
    }

    // MARK: Moments

    /// `Rab, 25 Nov 2026`.
    func date(_ wall: WallTime) -> String {
        let fields = wall.fields
        let day = (wall.seconds / 86_400 + 4) % 7
        let days =
            isEnglish
            ? ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
            : ["Min", "Sen", "Sel", "Rab", "Kam", "Jum", "Sab"]
        return "\(days[Int(day < 0 ? day + 7 : day)]), \(fields.day) \(month(fields.month)) "
            + "\(fields.year)"
    }

    /// `25 Nov`, with the year if it is another one than the page's.
    func shortDate(_ wall: WallTime) -> String {
        let fields = wall.fields
        let year = fields.year == today.fields.year ? "" : " \(fields.year)"
        return "\(fields.day) \(month(fields.month))\(year)"
    }

    /// `08:05`.
    func clock(_ wall: WallTime, seconds: Bool = false) -> String {
        let fields = wall.fields
        let time = Self.two(fields.hour) + ":" + Self.two(fields.minute)
        return seconds ? time + ":" + Self.two(fields.second) : time
    }

    /// In a table: `08:05` today, `kemarin 16:20`, else `22 Nov 16:20`.
    func moment(_ wall: WallTime, seconds: Bool = false) -> String {
        let time = clock(wall, seconds: seconds)
        switch day(today) - day(wall) {
        case 0: return time
        case 1: return (isEnglish ? "yesterday " : "kemarin ") + time
        default: return shortDate(wall) + " " + time
        }
    }

    func moment(_ time: UTCTime, seconds: Bool = false) -> String {
        moment(time.wallTime(in: zone), seconds: seconds)
    }

    /// In a sentence, with date and zone: `Rab, 25 Nov 2026, 08.05 WITA`.
    func full(_ time: UTCTime, seconds: Bool = false) -> String {
        let wall = time.wallTime(in: zone)
        let clock = clock(wall, seconds: seconds)
        return "\(date(wall)), \(isEnglish ? clock : clock.replacing(":", with: ".")) "
            + zone.rawValue
    }

    /// For the `datetime` of a `time` element.
    func machine(_ time: UTCTime) -> String { time.description }

    // MARK: Spans

    /// `2 hari`, `5 jam`, `12 menit`: how long something has lasted.
    func age(since time: UTCTime) -> String {
        let seconds = max(0, (now.milliseconds - time.milliseconds) / 1_000)
        switch seconds {
        case ..<60: return isEnglish ? "just now" : "baru saja"
        case ..<3_600: return counted(seconds / 60, id: "menit", en: "minute")
        case ..<172_800: return counted(seconds / 3_600, id: "jam", en: "hour")
        default: return counted(seconds / 86_400, id: "hari", en: "day")
        }
    }

    /// `+3 d`, `−58 m 12 d`, `+25 hari`: how far a clock is ahead.
    func offset(_ milliseconds: Int64) -> String {
        let seconds = Int64((Double(milliseconds.magnitude) / 1_000).rounded())
        let sign = seconds == 0 ? "±" : milliseconds < 0 ? "−" : "+"
        let units: (day: String, hour: String, minute: String, second: String) =
            isEnglish ? ("d", "h", "min", "s") : ("hari", "j", "m", "d")
        switch seconds {
        case ..<60: return "\(sign)\(seconds) \(units.second)"
        case ..<3_600:
            return "\(sign)\(seconds / 60) \(units.minute) \(seconds % 60) \(units.second)"
        case ..<172_800:
            return "\(sign)\(seconds / 3_600) \(units.hour) \(seconds / 60 % 60) \(units.minute)"
        default:
            return "\(sign)\(number(Int(seconds / 86_400))) \(units.day)"
        }
    }

    private func counted(_ count: Int64, id: String, en: String) -> String {
        isEnglish ? "\(count) \(en)\(count == 1 ? "" : "s")" : "\(count) \(id)"
    }

    private func month(_ number: Int) -> String {
        let names =
            isEnglish
            ? ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
            : ["Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"]
        return names.indices.contains(number - 1) ? names[number - 1] : "?"
    }

    private var today: WallTime { now.wallTime(in: zone) }

    private func day(_ wall: WallTime) -> Int64 {
        wall.seconds >= 0 ? wall.seconds / 86_400 : (wall.seconds - 86_399) / 86_400
    }

    private static func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
