import Attendance
import Central

/// Asks before a bridge is shut out, and why.
struct RevocationPage {
    let bridge: Bridge
    let office: Office
    let trouble: Text?
    let reason: String
    let formats: Formats

    static let shortestReason = 3
    static let noReason = Text(
        id: "Tulis alasannya, agar orang lain mengerti keputusan ini nanti.",
        en: "Say why, so that others understand this decision later.")

    private var language: Language { formats.language }

    var content: [String: Any] {
        values([
            "id": bridge.id, "office": office.name, "officeID": office.id.description,
            "trouble": trouble.map { $0(language) }, "reason": reason,
            "longest":
                "\(Central.longestReason)",
            "revoked": bridge.revocation.map { revocation in
                "\(formats.full(revocation.at)), \(revocation.who): \(revocation.reason)"
            },
            "facts": [
                ("\(Word.office(language))", office.name),
                (Word.bridge(language), bridge.id), (Word.box(language), bridge.hostname),
                (Word.enrolled(language), formats.moment(bridge.enrolledAt)),
                (
                    Word.heard(language),
                    bridge.lastHeard.map { formats.moment($0) } ?? Word.neverHeard(language)
                ),
            ].map { ["label": $0.0, "value": $0.1] },
        ])
    }
}

/// Asks since when a terminal stands in the office that sees it.
struct PlacementPage {
    let terminal: WaitingTerminal
    let office: Office
    let trouble: Text?
    /// What was typed before, if that was no time.
    let from: String?
    let formats: Formats

    static let noTime = Text(
        id: "Waktu itu tidak terbaca. Contoh: 2026-11-24 08:00.",
        en: "That time cannot be read. Example: 2026-11-24 08:00.")

    private var language: Language { formats.language }

    /// Reads what a browser sends for a date and a time; without seconds where they are zero.
    static func time(_ text: String) -> WallTime? {
        let text = text.trimmingSpaces.replacing(" ", with: "T")
        return WallTime(text.utf8.count == 16 ? text + ":00" : text)
    }

    /// The second after the newest punch that counts elsewhere.
    private var proposal: String {
        terminal.lastCounted.map { $0.advanced(by: 1).description } ?? ""
    }

    var content: [String: Any] {
        let owner = terminal.owner?.name ?? "–"
        return values([
            "office": office.name, "officeID": office.id.description,
            "terminal": terminal.id.description, "owner": owner,
            "trouble": trouble.map { $0(language) }, "from": from ?? proposal,
            "whole": terminal.lastCounted == nil,
            "keeps": Text(
                id: "Rekaman sebelum waktu itu tetap dihitung di \(owner).",
                en: "Punches before that time go on counting for \(owner).")(language),
            "facts": [
                (Word.terminal(language), terminal.id.description, nil),
                (Word.placedIn(language), owner, nil),
                (
                    Word.lastCounted(language),
                    terminal.lastCounted.map { formats.moment($0) } ?? "–", nil
                ),
                (Word.seenFrom(language), office.name, nil),
                (
                    Word.entriesWait(language), formats.number(terminal.entries),
                    Text(
                        id: "sejak \(formats.moment(terminal.since))",
                        en: "since \(formats.moment(terminal.since))")(language)
                ),
            ].map { (label: String, value: String, note: String?) in
                values(["label": label, "value": value, "note": note])
            },
        ])
    }
}

extension String {
    var trimmingSpaces: String {
        let start = drop(while: \.isWhitespace)
        return String(start.reversed().drop(while: \.isWhitespace).reversed())
    }

    /// For the value of a parameter in an address.
    var percentEncoded: String {
        utf8.map { byte in
            let letter = UnicodeScalar(byte)
            let isPlain =
                letter.isASCII && (letter.properties.isAlphabetic || (0x30...0x39).contains(byte))
            return isPlain ? String(letter) : "%" + [byte].hex.uppercased()
        }.joined()
    }
}
