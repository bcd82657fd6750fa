import ArgumentParser
import Attendance
import Console
import Exchange
import Speech

struct EnrollCode: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enroll-code",
        abstract: say(
            id: "Membuat kode untuk mendaftarkan satu jembatan, sekali pakai.",
            en: "Makes a code with which one bridge can be enrolled, once."),
        discussion: say(
            id: """
                Kode itu memuat pin kunci server ini: serahkan kepada teknisi seperti kata sandi. Di \
                sini hanya hash-nya yang disimpan.
                """,
            en: """
                The code carries the pins of this centre's keys: hand it to the technician as you would \
                a password. Only its hash is kept here.
                """))

    @Option(help: help(id: "Id kantor.", en: "The office's id."), transform: { try OfficeID($0) })
    var office: OfficeID

    @Option(help: help(id: "Berapa hari kode itu berlaku.", en: "How long it is good for."))
    var days = 30

    @Flag(
        help: help(
            id: "Tulis kode, url, pin dan batas waktunya sebagai JSON.",
            en: "Print code, url, pin and expiry as JSON."))
    var json = false

    @OptionGroup var shared: SharedOptions

    func validate() throws {
        guard (0...366).contains(days) else {
            throw ValidationError("--days is 0 to 366")
        }
    }

    func run() async throws {
        try await shared.run { centre in
            let code = try await centre.enrolmentCode(for: office, days: days)
            guard json else {
                Output.line(try code.text)
                return
            }
            var line = JSONLine()
            line.add("code", try code.text)
            line.add("url", centre.url)
            line.add("pin", code.pins.joined(separator: ";"))
            line.add("expires", code.expires)
            Output.line(String(decoding: line.finished, as: UTF8.self))
        }
    }
}
