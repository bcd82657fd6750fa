import Attendance
import Exchange
import TerminalKit

/// Which terminal stands behind which name, and which serial number two terminals share.
///
/// Kept in `terminals.json`, written only when something changes: a replaced terminal is noticed
/// over restarts, and of two with one serial number each keeps the identity it was given first.
actor TerminalRoll {
    /// What is new about a terminal that has said who it is.
    enum News: Hashable, Sendable {
        case nothing
        /// Never seen under this name.
        case first
        /// Another terminal was here before.
        case replaced(former: String)
    }

    private struct Content: Codable {
        /// Terminals by the name in the configuration.
        var names: [String: String] = [:]
        /// MAC addresses whose terminal was the second with its serial number.
        var twins: [String: [String]] = [:]
    }

    private let path: String
    private var content: Content
    /// Who is connected now, and under which name and MAC address.
    private var present: [TerminalID: (name: String, mac: String?)] = [:]

    /// - Parameter path: A file that cannot be read counts as empty: then a terminal is only
    ///   reported as seen once more.
    init(path: String) {
        self.path = path
        let bytes = TextFile.bytes(path, limit: 1 << 20)
        content = bytes.flatMap { try? WireJSON.decode(Content.self, from: $0) } ?? Content()
    }

    /// Says under which identity a terminal is kept, and holds it until ``leave(_:)``.
    ///
    /// - Throws: ``TerminalTrouble`` if another line talks with this very terminal, or with one
    ///   that cannot be told apart.
    func admit(_ identity: TerminalIdentity, as name: String) throws -> TerminalID {
        var id = identity.id
        if let mac = identity.mac, content.twins[id.description]?.contains(mac) == true {
            id = try Self.suffixed(id, mac: mac)
        } else if let other = present[id], other.name != name {
            guard let mac = identity.mac, let otherMAC = other.mac, mac != otherMAC else {
                throw TerminalTrouble.twin(id, other: other.name)
            }
            content.twins[id.description, default: []].append(mac)
            try save()
            id = try Self.suffixed(id, mac: mac)
        }
        if let other = present[id], other.name != name {
            throw TerminalTrouble.twin(id, other: other.name)
        }
        present[id] = (name, identity.mac)
        return id
    }

    /// The line to the terminal is closed.
    func leave(_ name: String) {
        present = present.filter { $0.value.name != name }
    }

    func news(of id: TerminalID, as name: String) -> News {
        guard let former = content.names[name] else { return .first }
        return former == id.description ? .nothing : .replaced(former: former)
    }

    /// Remembers who stands behind a name, once the news is in the journal.
    func remember(_ id: TerminalID, as name: String) throws {
        guard content.names[name] != id.description else { return }
        content.names[name] = id.description
        try save()
    }

    /// Who was last seen under a name.
    func lastSeen(as name: String) -> TerminalID? {
        content.names[name].flatMap { try? TerminalID($0) }
    }

    /// Everybody who stands behind a name.
    var known: [TerminalID] { content.names.values.compactMap { try? TerminalID($0) } }

    private func save() throws {
        let text = String(decoding: try WireJSON.encode(content), as: UTF8.self)
        do {
            try TextFile.write(text + "\n", to: path, mode: 0o640)
        } catch {
            throw StateError.unusable(path: path, reason: error.reason)
        }
    }

    private static func suffixed(_ id: TerminalID, mac: String) throws -> TerminalID {
        let digits = mac.lowercased().filter { $0.isHexDigit }
        return try TerminalID(make: id.make, serial: "\(id.serial)+\(digits)")
    }
}

/// Why a terminal that answers well is not read all the same.
enum TerminalTrouble: Explained, Hashable {
    /// The configuration names another serial number for this address.
    case otherSerial(expected: String, found: String)
    /// A terminal with this identity is connected under another name.
    case twin(TerminalID, other: String)

    var problem: Problem {
        switch self {
        case .otherSerial(let expected, let found):
            Problem(
                code: "terminal.other-serial",
                summary: Text(
                    id:
                        "Mesin ini bernomor seri \(found), padahal konfigurasi menyebut \(expected).",
                    en:
                        "This terminal's serial number is \(found); the configuration says \(expected)."
                ),
                remedy: Text(
                    id: "Periksa 'link'; bila mesin memang diganti, ganti 'serial_number'.",
                    en: "Check 'link'; if the terminal was replaced, change 'serial_number'."))
        case .twin(let id, let other):
            Problem(
                code: "terminal.twin",
                summary: Text(
                    id: "\(id) sudah dibaca dengan nama '\(other)'.",
                    en: "\(id) is read under the name '\(other)' already."),
                remedy: Text(
                    id:
                        "Hapus salah satu; bila dua mesin bernomor sama, ganti nomor seri salah satunya.",
                    en: "Remove one; if two terminals share the number, change one's serial number."
                ))
        }
    }
}
