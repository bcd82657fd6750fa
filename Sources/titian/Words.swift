import Attendance
import Bridge
import Exchange
import Speech

/// The words of the closed lists, as an office says them.
enum Words {
    static func verify(_ method: VerifyMethod) -> String {
        switch method {
        case .finger: say(id: "sidik jari", en: "finger")
        case .face: say(id: "wajah", en: "face")
        case .palm: say(id: "telapak", en: "palm")
        case .card: say(id: "kartu", en: "card")
        case .password: say(id: "sandi", en: "password")
        case .pin: say(id: "No. ID", en: "pin")
        case .combined: say(id: "gabungan", en: "combined")
        case .other: say(id: "lain", en: "other")
        }
    }

    static func state(_ state: PunchState) -> String {
        switch state {
        case .checkIn: say(id: "masuk", en: "in")
        case .checkOut: say(id: "pulang", en: "out")
        case .breakOut: say(id: "keluar istirahat", en: "break out")
        case .breakIn: say(id: "kembali istirahat", en: "break in")
        case .overtimeIn: say(id: "masuk lembur", en: "overtime in")
        case .overtimeOut: say(id: "pulang lembur", en: "overtime out")
        case .none: "-"
        case .other: say(id: "lain", en: "other")
        }
    }

    static func terminal(_ state: TerminalStatus.State) -> String {
        switch state {
        case .starting: say(id: "menghubungi", en: "starting")
        case .online: say(id: "daring", en: "online")
        case .lost: say(id: "TAK TERJANGKAU", en: "UNREACHABLE")
        case .blocked: say(id: "TAK TERBACA", en: "UNREADABLE")
        }
    }

    static func verdict(of state: TerminalStatus.State) -> Verdict {
        switch state {
        case .online: .good
        case .starting: .attention
        case .lost, .blocked: .fault
        }
    }

    static func sync(_ state: SyncStatus.State) -> String {
        switch state {
        case .notEnrolled: say(id: "belum terdaftar", en: "not enrolled")
        case .idle: say(id: "tersambung", en: "connected")
        case .sending: say(id: "sedang mengirim", en: "sending")
        case .waiting: say(id: "TIDAK TERSAMBUNG", en: "NOT CONNECTED")
        case .refused: say(id: "DITOLAK BKD", en: "REFUSED BY THE BKD")
        case .forked: say(id: "JURNAL BERCABANG", en: "JOURNAL FORKED")
        }
    }

    static func verdict(of state: SyncStatus.State) -> Verdict {
        switch state {
        case .idle, .sending: .good
        case .notEnrolled, .waiting: .attention
        case .refused, .forked: .fault
        }
    }

    /// The shape that goes with a colour, so that colour never stands alone.
    static func mark(_ verdict: Verdict) -> String {
        switch verdict {
        case .good: "●"
        case .attention: "▲"
        case .fault: "■"
        }
    }

    static func verdict(_ verdict: Verdict) -> String {
        switch verdict {
        case .good: say(id: "Baik.", en: "All is well.")
        case .attention:
            say(id: "Perlu perhatian; tidak ada yang hilang.", en: "Needs a look; nothing is lost.")
        case .fault:
            say(
                id: "Gangguan; rekaman yang sudah di disk tidak hilang.",
                en: "A fault; what is on disk is not lost.")
        }
    }
}

extension StatusProblem {
    func sentence(_ language: Language) -> String { language == .english ? en : id }
}
