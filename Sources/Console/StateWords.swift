import Attendance
import Central

/// A terminal's state in words.
struct TerminalWords {
    let severity: Severity
    let word: Text
    let isOnline: Bool

    /// - Parameter state: `online`, `starting`, `lost` or `blocked`; a newer bridge may know others.
    init(_ state: String) {
        isOnline = state == "online"
        switch state {
        case "online": (severity, word) = (.fine, Text(id: "daring", en: "online"))
        case "starting": (severity, word) = (.attention, Text(id: "memulai", en: "starting"))
        case "lost": (severity, word) = (.fault, Text(id: "tak terjangkau", en: "unreachable"))
        case "blocked": (severity, word) = (.fault, Text(id: "tidak terbaca", en: "cannot be read"))
        default: (severity, word) = (.attention, Text(id: state, en: state))
        }
    }

    /// Its bridge has not spoken for too long: what it said last is no longer evidence.
    static let unknown = TerminalWords(
        .notExpected, Text(id: "tidak diketahui", en: "not known"), isOnline: false)

    /// The same state, no better than `other`.
    func at(least other: Severity) -> TerminalWords {
        TerminalWords(max(severity, other), word, isOnline: isOnline)
    }

    private init(_ severity: Severity, _ word: Text, isOnline: Bool) {
        (self.severity, self.word, self.isOnline) = (severity, word, isOnline)
    }
}

/// The words for what the domain's types name.
enum StateWords {
    /// - Parameter verify: As in an entry; a newer bridge may know others.
    static func verify(_ verify: String) -> Text {
        guard let method = VerifyMethod(rawValue: verify) else {
            return Text(id: verify, en: verify)
        }
        return switch method {
        case .finger: Text(id: "sidik jari", en: "finger")
        case .face: Text(id: "wajah", en: "face")
        case .palm: Text(id: "telapak", en: "palm")
        case .card: Text(id: "kartu", en: "card")
        case .password: Text(id: "sandi", en: "password")
        case .pin: Text(id: "PIN pribadi", en: "personal PIN")
        case .combined: Text(id: "gabungan", en: "combined")
        case .other: Text(id: "lainnya", en: "other")
        }
    }

    static func key(_ state: String) -> Text {
        guard let key = PunchState(rawValue: state) else { return Text(id: state, en: state) }
        return switch key {
        case .checkIn: Text(id: "masuk", en: "in")
        case .checkOut: Text(id: "pulang", en: "out")
        case .breakOut: Text(id: "istirahat", en: "break out")
        case .breakIn: Text(id: "kembali", en: "break in")
        case .overtimeIn: Text(id: "lembur masuk", en: "overtime in")
        case .overtimeOut: Text(id: "lembur pulang", en: "overtime out")
        case .none: Text(id: "–", en: "–")
        case .other: Text(id: "lainnya", en: "other")
        }
    }

    static func role(_ role: User.Role) -> Text {
        switch role {
        case .operator: Text(id: "operator", en: "operator")
        case .administrator: Text(id: "administrator", en: "administrator")
        }
    }
}
