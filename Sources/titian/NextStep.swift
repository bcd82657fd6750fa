import Attendance
import Bridge
import Exchange
import Speech

/// What somebody who has just read the status should do first.
///
/// What nobody can be sent for comes last: a centre that is away comes back by itself.
enum NextStep: Hashable {
    case lookAfter(terminal: String)
    case setClock(terminal: String)
    case enroll
    case callCentre
    case importHeld
    case addCallers
    case freeDisk
    case wait
    case waitForCentre
    case seeDoctor

    /// - Returns: nil if all is well.
    init?(_ report: StatusReport) {
        let terminals = report.terminals
        let lost = terminals.first { $0.severity == .fault }
        let off = terminals.first { $0.state == .online && $0.isClockOff }
        if let lost {
            self = .lookAfter(terminal: lost.name)
        } else if report.sync.state.severity == .fault {
            self = .callCentre
        } else if report.host.isDiskNearlyFull {
            self = .freeDisk
        } else if report.sticks?.held.isEmpty == false {
            self = .importHeld
        } else if let off {
            self = .setClock(terminal: off.name)
        } else if report.sync.state == .notEnrolled {
            self = .enroll
        } else if report.push?.refused.isEmpty == false
            || report.refusedCallers?.contains(where: { $0.terminal != nil }) == true
        {
            self = .addCallers
        } else if report.sync.state == .waiting {
            self = .waitForCentre
        } else if terminals.contains(where: { $0.state == .starting }) {
            self = .wait
        } else if report.severity != nil {
            self = .seeDoctor
        } else {
            return nil
        }
    }

    var words: String {
        switch self {
        case .lookAfter(let name):
            say(
                id:
                    "periksa mesin \(name) seperti tertulis di atas; 'titian doctor' mencari sebabnya.",
                en: "look after \(name) as it says above; 'titian doctor' looks for the cause.")
        case .setClock(let name):
            say(
                id: "lihat 'titian clock show', lalu 'titian clock set \(name)'.",
                en: "see 'titian clock show', then 'titian clock set \(name)'.")
        case .enroll:
            say(
                id: "minta kode pendaftaran ke BKD, lalu 'titian enroll ALAMAT -'.",
                en: "ask the BKD for an enrolment code, then 'titian enroll URL -'.")
        case .callCentre:
            say(
                id: "hubungi BKD dan sebutkan nomor jembatan di atas.",
                en: "call the BKD and name the bridge's number above.")
        case .importHeld:
            say(
                id: "tentukan mesin berkas yang ditahan dengan perintah di atas.",
                en: "say whose the held file is with the command above.")
        case .addCallers:
            say(
                id: "tambahkan mesin yang ditolak ke konfigurasi, atau arahkan ke tempat lain.",
                en: "add the refused terminal to the configuration, or point it elsewhere.")
        case .freeDisk:
            say(
                id: "kosongkan disk; jangan hapus apa pun di folder keadaan Titian.",
                en: "free some disk; delete nothing in Titian's state folder.")
        case .wait:
            say(
                id: "tunggu satu menit, lalu 'titian status' lagi.",
                en: "wait a minute, then 'titian status' again.")
        case .waitForCentre:
            say(
                id: "periksa internet; rekaman aman menunggu dan terkirim sendiri.",
                en: "look at the internet line; punches wait safely and go out by themselves.")
        case .seeDoctor:
            say(id: "jalankan 'titian doctor'.", en: "run 'titian doctor'.")
        }
    }
}
