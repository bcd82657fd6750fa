import Attendance
import Bridge
import Exchange
import Speech
import TerminalKit
import Transports

/// The questions of a first visit and what was answered: values, no screen and no keyboard.
///
/// Ask for ``question``, hand over what was typed with ``answer(_:)``, until there is none. What
/// an option or an existing configuration has answered is not asked.
struct Conversation {
    enum Question: Hashable {
        case server, code, office, zone
        /// What the found terminal with this number is to be called; `-` leaves it out.
        case name(Int)
        case confirm
    }

    /// What is known so far.
    struct Known {
        var office: OfficeID?
        var zone: Zone?
        var server: String?
        var code: String?
        var terminals: [Planned] = []
        var isConfirmed = false
    }

    struct Planned: Hashable {
        var name: String?
        var found: FoundTerminal
        var commKeyFile: String?
        var isLeftOut = false
    }

    private(set) var known: Known
    private var asked: Set<Question> = []
    private let takenNames: Set<String>
    /// Whether somebody is there to answer.
    let isInteractive: Bool

    /// - Parameter takenNames: Names of the existing configuration.
    init(_ known: Known, besides takenNames: [String], isInteractive: Bool) {
        self.known = known
        self.takenNames = Set(takenNames)
        self.isInteractive = isInteractive
    }

    /// The next question; nil if all is known.
    var question: Question? {
        if known.server == nil, !asked.contains(.server) { return .server }
        if known.server != nil, known.code == nil, !asked.contains(.code) { return .code }
        if known.office == nil { return .office }
        if known.zone == nil { return .zone }
        if let index = known.terminals.firstIndex(where: { $0.name == nil && !$0.isLeftOut }) {
            return .name(index)
        }
        return known.isConfirmed ? nil : .confirm
    }

    /// What an empty answer means.
    var suggestion: String {
        switch question {
        case .zone: Zone.wita.rawValue
        case .name(let index):
            TerminalBlocks.suggestion(
                for: known.terminals[index].found, besides: names(besides: index))
        case .confirm: say(id: "y", en: "y")
        case .server, .code, .office, nil: ""
        }
    }

    private func names(besides index: Int) -> Set<String> {
        takenNames.union(
            known.terminals.enumerated().filter { $0.offset != index }.compactMap(\.element.name))
    }

    /// - Returns: What is wrong with the answer; nil if it was taken.
    mutating func answer(_ typed: String) -> Text? {
        guard let question else { return nil }
        let trimmed = typed.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let text = trimmed.isEmpty ? suggestion : trimmed
        switch question {
        case .server: return answerServer(text)
        case .code: return answerCode(text)
        case .office:
            do throws(InvalidValue) { known.office = try OfficeID(text) } catch {
                return Text(
                    id: "Id kantor: huruf kecil, angka dan '-', seperti upt-contoh-utara.",
                    en: "An office's id: small letters, digits and '-', like upt-contoh-utara.")
            }
        case .zone:
            do throws(InvalidValue) { known.zone = try Zone(text) } catch {
                return Text(id: "Tulis WIB, WITA atau WIT.", en: "Write WIB, WITA or WIT.")
            }
        case .name(let index): return answerName(text, index)
        case .confirm:
            guard ["y", "ya", "yes"].contains(text.lowercased()) else {
                return Text(
                    id: "Ketik y untuk menulis, atau Ctrl-C untuk berhenti tanpa perubahan.",
                    en: "Type y to write it, or Ctrl-C to stop with nothing changed.")
            }
            known.isConfirmed = true
        }
        return nil
    }

    private mutating func answerServer(_ text: String) -> Text? {
        guard !text.isEmpty else {
            asked.insert(.server)
            return nil
        }
        guard text.hasPrefix("https://"), text.utf8.count > 8, !text.contains(" ") else {
            return Text(
                id: "Alamat BKD dimulai dengan https://; kosong bila belum ada.",
                en: "The BKD's address begins with https://; empty if there is none yet.")
        }
        known.server = text.hasSuffix("/") ? String(text.dropLast()) : text
        return nil
    }

    /// A code says the office and its zone, so neither has to be typed.
    private mutating func answerCode(_ text: String) -> Text? {
        guard !text.isEmpty else {
            asked.insert(.code)
            return nil
        }
        guard let code = try? EnrolmentCode(text: text) else { return Self.words(.notACode) }
        guard let office = try? OfficeID(code.office), let zone = try? Zone(code.zone) else {
            return Self.words(.notACode)
        }
        if let configured = known.office, configured != office {
            return Self.words(
                .otherOffice(code: code.office, configured: configured.description))
        }
        known.code = text
        known.office = office
        known.zone = known.zone ?? zone
        return nil
    }

    private static func words(_ error: SyncError) -> Text {
        let problem = error.problem
        return Text(id: problem.line(.indonesian), en: problem.line(.english))
    }

    private mutating func answerName(_ text: String, _ index: Int) -> Text? {
        guard text != "-" else {
            known.terminals[index].isLeftOut = true
            return nil
        }
        guard !text.contains(" "), text.utf8.count <= 32, !names(besides: index).contains(text)
        else {
            return Text(
                id: "Satu kata yang belum dipakai, seperti lobi; '-' untuk melewati mesin ini.",
                en: "One word that is not taken, like lobby; '-' leaves this terminal out.")
        }
        known.terminals[index].name = text
        return nil
    }
}

extension Conversation {
    /// The question as it is asked.
    func words(_ question: Question) -> String {
        switch question {
        case .server:
            return say(
                id: "Alamat server BKD (kosong bila belum ada): ",
                en: "Address of the BKD's server (empty if there is none yet): ")
        case .code:
            return say(
                id: "Kode pendaftaran dari BKD (kosong bila belum ada): ",
                en: "Enrolment code from the BKD (empty if there is none yet): ")
        case .office: return say(id: "Id kantor: ", en: "The office's id: ")
        case .zone:
            return say(
                id: "Zona waktu, WIB, WITA atau WIT [\(suggestion)]: ",
                en: "Time zone, WIB, WITA or WIT [\(suggestion)]: ")
        case .name(let index):
            let found = known.terminals[index].found
            let who = found.identity?.id.description ?? found.driver
            return say(
                id:
                    "Nama mesin \(who) di \(found.address.shortest) ('-' = lewati) [\(suggestion)]: ",
                en:
                    "Name of \(who) at \(found.address.shortest) ('-' = leave out) [\(suggestion)]: "
            )
        case .confirm:
            return say(id: "Tulis dan mulai? [y]: ", en: "Write it and start? [y]: ")
        }
    }
}
