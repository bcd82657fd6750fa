import ArgumentParser
import Attendance
import Central
import Console
import Exchange
import Speech

struct Bridges: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bridge",
        abstract: say(
            id: "Jembatan yang boleh mengirim, dan yang dicabut.",
            en: "The bridges that may call, and those shut out."),
        subcommands: [List.self, Revoke.self], aliases: ["bridges"])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: say(
                id: "Mencetak setiap jembatan, juga yang dicabut; tidak mengubah apa pun.",
                en: "Prints every bridge, those shut out included; changes nothing."))

        @Option(
            help: help(id: "Hanya dari kantor ini.", en: "Only of this office."),
            transform: { try OfficeID($0) })
        var office: OfficeID?

        @Flag(
            help: help(
                id: "Cetak satu objek JSON per jembatan.", en: "Print one JSON object a bridge."))
        var json = false

        @OptionGroup var shared: SharedOptions

        func run() async throws {
            try await shared.run { centre in
                for bridge in try await centre.central.bridges(of: office) {
                    Output.line(json ? Bridges.json(bridge) : text(bridge))
                }
            }
        }

        private func text(_ bridge: Bridge) -> String {
            let never = Text(id: "belum pernah", en: "never")(shared.language)
            let heard = bridge.lastHeard.map(\.description) ?? never
            var line = "\(bridge.id)  \(bridge.office)  \(bridge.hostname)  "
            line += Text(id: "melapor: \(heard)", en: "heard: \(heard)")(shared.language)
            guard let gone = bridge.revocation else { return line }
            return line + "  "
                + Text(
                    id: "DICABUT \(gone.at) oleh \(gone.who): \(gone.reason)",
                    en: "SHUT OUT \(gone.at) by \(gone.who): \(gone.reason)")(shared.language)
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: say(
                id: "Mencabut jembatan: kirimannya ditolak sampai didaftarkan kembali.",
                en: "Shuts a bridge out: its calls are refused until it is enrolled anew."),
            discussion: say(
                id: """
                    Untuk kotak yang dicuri, diganti atau tersalin. Yang sudah dikirim tetap dihitung; tidak \
                    ada yang dihapus di kotak. Statusnya lalu meminta menghubungi BKD.

                    titian-server bridge revoke 7f3a09c1d2e4b5a6 --reason "kotak dicuri"
                    """,
                en: """
                    For a box that was stolen, replaced or copied. What it sent stays and counts; nothing on \
                    the box is deleted. Its own status then says to call the BKD.

                    titian-server bridge revoke 7f3a09c1d2e4b5a6 --reason "kotak dicuri"
                    """))

        @Argument(
            help: help(
                id: "Nomor jembatan, dari 'bridge list' atau halaman kantornya.",
                en: "The bridge's number, from 'bridge list' or its office's page."))
        var bridge: String

        @Option(
            help: help(
                id: "Alasannya: tercatat dalam jejak audit dan terlihat di halaman kantor.",
                en: "Why: kept in the audit trail and shown on the office's page."))
        var reason: String

        @Flag(help: help(id: "Cetak jembatan itu sebagai JSON.", en: "Print the bridge as JSON."))
        var json = false

        @OptionGroup var shared: SharedOptions

        func validate() throws {
            guard reason.contains(where: { !$0.isWhitespace }) else {
                throw ValidationError("--reason says why")
            }
        }

        func run() async throws {
            try await shared.run { centre in
                let isNew = try await centre.revoke(bridge: bridge, because: reason)
                if json, let bridge = try await centre.central.bridge(bridge) {
                    return Output.line(Bridges.json(bridge))
                }
                Output.error(
                    (isNew
                        ? Text(
                            id: "Pendaftaran \(bridge) dicabut.", en: "\(bridge) is shut out.")
                        : Text(
                            id: "\(bridge) sudah dicabut; tidak ada yang berubah.",
                            en: "\(bridge) was shut out already; nothing changed."))(
                            shared.language))
            }
        }
    }

    static func json(_ bridge: Bridge) -> String {
        var line = JSONLine()
        line.add("bridge", bridge.id)
        line.add("office", bridge.office.description)
        line.add("hostname", bridge.hostname)
        line.add("enrolled_at", bridge.enrolledAt.description)
        line.add("last_heard", ifPresent: bridge.lastHeard?.description)
        line.add("revoked_at", ifPresent: bridge.revocation?.at.description)
        line.add("revoked_by", ifPresent: bridge.revocation?.who)
        line.add("reason", ifPresent: bridge.revocation?.reason)
        return String(decoding: line.finished, as: UTF8.self)
    }
}
