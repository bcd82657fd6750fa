import ArgumentParser
import Attendance
import Central
import Console
import Exchange
import Speech

struct Keys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: say(
            id: "Kunci server ini: menampilkan dan menggantinya.",
            en: "The keys of this centre: shows and changes them."),
        subcommands: [Show.self, Rotate.self])

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: say(
                id: "Mencetak nomor kunci tanda terima dan sidik kunci TLS, tidak ada rahasia.",
                en: "Prints the receipt key's number and the TLS keys' pins, and no secret."))

        @Flag(help: help(id: "Cetak sebagai JSON.", en: "Print as JSON."))
        var json = false

        @OptionGroup var shared: SharedOptions

        func run() async throws {
            try await shared.run { centre in
                let unaware = try await centre.central.bridgesUnawareOfSpare()
                let key = centre.central.receiptKey.verifying
                if json {
                    var line = JSONLine()
                    line.add("receipt_key", key.bytes.base64)
                    line.add("receipt_key_id", key.id)
                    line.add("pins", json: JSONLine.array(centre.keys.pins))
                    line.add("unaware", json: JSONLine.array(unaware.map(\.id)))
                    return Output.line(String(decoding: line.finished, as: UTF8.self))
                }
                Output.line(
                    Text(id: "Tanda terima  \(key.id)", en: "Receipts  \(key.id)")(shared.language))
                for (pin, name) in zip(centre.keys.pins, ["TLS", "TLS (+1)"]) {
                    Output.line("\(name)  \(pin)")
                }
                for bridge in unaware {
                    Output.line(
                        Text(
                            id: "Belum mengenal kunci cadangan: \(bridge.office) \(bridge.id)",
                            en: "Does not know the spare key yet: \(bridge.office) \(bridge.id)")(
                                shared.language))
                }
            }
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: say(
                id: "Mengganti kunci; jembatan mengikuti sendiri.",
                en: "Changes a key; bridges follow by themselves."),
            discussion: say(
                id: """
                    receipt: kunci baru menandatangani tanda terima. Kunci lama menyatakan penggantinya, jadi \
                    jembatan yang setahun tidak terhubung pun mengikuti.
                    tls: kunci cadangan menggantikan yang sekarang. Ditolak selama ada jembatan yang belum \
                    mengenal kunci cadangan itu.

                    Mulai ulang titian-server setelahnya, lalu buat cadangan baru.
                    """,
                en: """
                    receipt: a new key signs receipts. The old one states what follows it, so bridges follow \
                    that were away for a year.
                    tls: the spare key takes the current one's place. Refused as long as a bridge has not \
                    heard of the spare key.

                    Start titian-server again afterwards, then make a new backup.
                    """))

        enum Which: String, ExpressibleByArgument, CaseIterable {
            case receipt, tls
        }

        @Argument(help: help(id: "Kunci yang diganti: receipt atau tls.", en: "receipt or tls."))
        var which: Which

        @Flag(
            help: help(
                id: "Ganti kunci TLS meskipun ada jembatan yang lalu harus didaftarkan ulang.",
                en: "Change the TLS key though bridges would have to be enrolled anew."))
        var anyway = false

        @Flag(help: help(id: "Cetak sebagai JSON.", en: "Print as JSON."))
        var json = false

        @OptionGroup var shared: SharedOptions

        func run() async throws {
            try await shared.run { centre in
                var line = JSONLine()
                switch which {
                case .receipt:
                    let key = try await centre.rotateReceiptKey()
                    line.add("receipt_key", key.bytes.base64)
                    line.add("receipt_key_id", key.id)
                case .tls:
                    let pins = try await centre.rotateTLSKey(anyway: anyway)
                    line.add("pins", json: JSONLine.array(pins))
                }
                if json { Output.line(String(decoding: line.finished, as: UTF8.self)) }
                Output.error(
                    Text(
                        id:
                            "Kunci diganti. Mulai ulang titian-server, lalu buat cadangan baru dengan 'titian-server backup'.",
                        en:
                            "The key is changed. Start titian-server again, then make a new backup with 'titian-server backup'."
                    )(shared.language))
            }
        }
    }
}
