import Attendance
import Exchange

/// The words of the office's page, which speaks Indonesian only.
enum OfficeWords {
    /// A sign and a word that go with a colour, so that colour never stands alone.
    struct Mark: Hashable {
        let sign: String
        let word: String
        /// The class in the page's style.
        let style: String
    }

    static func mark(_ severity: Finding.Severity?) -> Mark {
        switch severity {
        case nil: Mark(sign: "●", word: "Baik.", style: "baik")
        case .attention: Mark(sign: "▲", word: "Perlu perhatian.", style: "perlu")
        case .fault: Mark(sign: "■", word: "Gangguan.", style: "gangguan")
        }
    }

    static func conclusion(_ severity: Finding.Severity?) -> String {
        switch severity {
        case nil: "Semua mesin terbaca dan rekaman sampai di BKD."
        case .attention: "Tidak ada rekaman yang hilang."
        case .fault: "Rekaman yang sudah tersimpan tidak hilang."
        }
    }

    static func terminal(_ state: TerminalStatus.State) -> String {
        switch state {
        case .starting: "menghubungi"
        case .online: "terbaca"
        case .lost: "tidak terjangkau"
        case .blocked: "tidak terbaca"
        }
    }

    static func sync(_ state: SyncStatus.State) -> String {
        switch state {
        case .notEnrolled: "kotak ini belum terdaftar di BKD"
        case .idle: "tersambung"
        case .sending: "sedang mengirim"
        case .waiting: "tidak tersambung; dicoba lagi sendiri"
        case .refused: "ditolak BKD"
        case .forked: "jurnal bercabang; dimulai baru sendiri"
        }
    }

    static func doubt(_ reason: MissingReport.Doubt.Reason) -> String {
        switch reason {
        case .unreachable: "tidak terjangkau"
        case .unreadable: "tidak terbaca"
        case .unread: "belum terbaca sejak kotak dinyalakan"
        case .clock: "jamnya meleset jauh"
        case .stopped: "tidak dibaca karena titiand berhenti"
        }
    }

    /// The difference of a clock as a sentence: `benar`, `3 menit terlalu cepat`.
    static func offset(_ milliseconds: Int64) -> String {
        let seconds = Int64(clamping: (milliseconds.magnitude + 500) / 1_000)
        guard seconds > 5 else { return "benar" }
        let span: String
        switch seconds {
        case ..<120: span = "\(seconds) detik"
        case ..<7_200: span = "\(seconds / 60) menit"
        case ..<172_800: span = "\(seconds / 3_600) jam"
        default: span = "\(number(Int(clamping: seconds / 86_400))) hari"
        }
        return "\(span) terlalu \(milliseconds < 0 ? "lambat" : "cepat")"
    }

    /// `41.233`.
    static func number(_ value: Int) -> String {
        var digits = String(value)
        var index = digits.endIndex
        while digits.distance(from: digits.startIndex, to: index) > 3 {
            index = digits.index(index, offsetBy: -3)
            digits.insert(".", at: index)
        }
        return digits
    }

    // MARK: Times

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des",
    ]
    private static let days = ["Kamis", "Jumat", "Sabtu", "Minggu", "Senin", "Selasa", "Rabu"]

    /// `Rabu 25 Nov 2026 pukul 08.12 WITA`.
    static func moment(_ time: UTCTime, in zone: Zone) -> String {
        let wall = time.wallTime(in: zone)
        let fields = wall.fields
        let weekday = days[Int((wall.midnight.seconds / 86_400 % 7 + 7) % 7)]
        return "\(weekday) \(fields.day) \(months[fields.month - 1]) \(fields.year) pukul "
            + "\(clock(wall)) \(zone.rawValue)"
    }

    /// `08.12` today, else `24 Nov 16.20`; what is no time stays as it is.
    static func time(_ text: String, _ zone: Zone, _ now: UTCTime) -> String {
        guard let time = UTCTime(text) else { return OfficePage.text(text) }
        let wall = time.wallTime(in: zone)
        let isToday = wall.midnight == now.wallTime(in: zone).midnight
        return isToday ? "pukul \(clock(wall))" : dated(wall)
    }

    /// A terminal's own time.
    static func wall(_ text: String) -> String {
        WallTime(text).map(dated) ?? OfficePage.text(text)
    }

    private static func dated(_ wall: WallTime) -> String {
        let fields = wall.fields
        return "\(fields.day) \(months[fields.month - 1]) \(fields.year) pukul \(clock(wall))"
    }

    private static func clock(_ wall: WallTime) -> String {
        let fields = wall.fields
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(two(fields.hour)).\(two(fields.minute))"
    }
}
