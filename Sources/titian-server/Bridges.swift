import ArgumentParser
import Attendance
import Central
import Console
import Exchange

struct Bridges: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bridge",
        abstract: "The bridges that may call, and those shut out.",
        subcommands: [List.self, Revoke.self], aliases: ["bridges"])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints every bridge, those shut out included; changes nothing.")

        @Option(help: "Only of this office.", transform: { try OfficeID($0) })
        var office: OfficeID?

        @Flag(help: "Print one JSON object a bridge.")
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
            abstract: "Shuts a bridge out: its calls are refused until it is enrolled anew.",
            discussion: """
                For a box that was stolen, replaced or copied. What it sent stays and counts; nothing on \
                the box is deleted. Its own status then says to call the BKD.

                titian-server bridge revoke 7f3a09c1d2e4b5a6 --reason "kotak dicuri"
                """)

        @Argument(help: "The bridge's number, from 'bridge list' or its office's page.")
        var bridge: String

        @Option(help: "Why: kept in the audit trail and shown on the office's page.")
        var reason: String

        @Flag(help: "Print the bridge as JSON.")
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
