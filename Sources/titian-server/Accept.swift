import ArgumentParser
import Attendance
import Central
import Console
import Exchange
import Foundation
import Speech

struct Accept: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: say(
            id: "Menerima berkas kurir dan menulis tanda terimanya di sebelahnya.",
            en: "Takes a courier file in and writes its receipt beside it."),
        discussion: say(
            id: """
                Berkas itu berisi yang seharusnya dikirim jembatan lewat jaringan, dan permintaan \
                pendaftarannya bila belum terdaftar. Diterima dua kali, atau juga terkirim lewat \
                jaringan, tidak mengubah apa pun. Tanda terimanya kembali ke kantor: 'titian import \
                BERKAS.receipt'.

                titian-server accept /media/stick/office.courier
                """,
            en: """
                The file holds what the bridge would have sent over the line, and its request to be \
                enrolled if it is not yet. Taken in twice, or also sent over the line, it changes nothing. \
                The receipt goes back to the office: 'titian import FILE.receipt'.

                titian-server accept /media/stick/office.courier
                """))

    @Argument(help: help(id: "Berkas kurir.", en: "The courier file."), completion: .file())
    var file: String

    @Option(
        help: help(
            id: "Tempat tanda terima ditulis; tanpa ini BERKAS.receipt.",
            en: "Where the receipt is written; FILE.receipt without it."))
    var receipt: String?

    @Flag(help: help(id: "Tulis hasilnya sebagai JSON.", en: "Print the result as JSON."))
    var json = false

    @OptionGroup var shared: SharedOptions

    func run() async throws {
        try await shared.run { centre in
            let outcome = try await centre.accept(courier: file)
            let path = receipt ?? "\(file).receipt"
            if let receipts = outcome.receipts { try write(receipts, to: path) }
            if json { Output.line(Self.json(outcome, path)) } else { tell(outcome, path) }
            guard outcome.refusal == nil else { throw ExitCode(2) }
            guard outcome.continueFrom == nil else { throw ExitCode(1) }
        }
    }

    /// The new receipt or the old one is there, whenever the stick is pulled.
    private func write(_ bytes: [UInt8], to path: String) throws {
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw ServerError.courier(path)
        }
    }

    private func tell(_ outcome: CourierOutcome, _ path: String) {
        if let office = outcome.request?.office {
            Output.line(
                Text(id: "Terdaftar: \(office).", en: "Enrolled: \(office).")(shared.language))
        }
        if outcome.receipts != nil {
            Output.line(
                Text(
                    id: "Diterima sampai #\(outcome.ackedThrough): \(outcome.new) entri baru, "
                        + "\(outcome.known) sudah ada. Tanda terima: \(path)",
                    en: "Received through #\(outcome.ackedThrough): \(outcome.new) new entries, "
                        + "\(outcome.known) known before. Receipt: \(path)")(shared.language))
        }
        guard let refusal = outcome.refusal else {
            if let first = outcome.continueFrom { tellCut(first) }
            return
        }
        Output.error(
            Text(
                id: "Tidak diterima: \(refusal.problem.title.indonesian)",
                en: "Not taken: \(refusal.problem.title.english)")(shared.language)
                + " [\(refusal.problem.rawValue)]")
        if let first = refusal.sendFrom { advise(from: first) }
    }

    private func tellCut(_ first: Int64) {
        Output.error(
            Text(
                id:
                    "Berkas ini terpotong: entri dari #\(first) seharusnya menyusul. Yang ada di dalamnya "
                    + "tersimpan.",
                en:
                    "The file was cut: entries from #\(first) on should follow. What it held is stored."
            )(
                shared.language))
        advise(from: first)
    }

    private func advise(from first: Int64) {
        Output.error(
            Text(
                id: "Buat lagi di kantor: titian export BERKAS --from \(first)",
                en: "Make it again at the office: titian export FILE --from \(first)")(
                    shared.language))
    }

    private static func json(_ outcome: CourierOutcome, _ path: String) -> String {
        var line = JSONLine()
        line.add("office", ifPresent: outcome.request?.office)
        line.add("calls", outcome.calls)
        line.add("new", outcome.new)
        line.add("known", outcome.known)
        line.add("new_punches", outcome.newPunches)
        line.add("acked_through", outcome.ackedThrough)
        line.add("receipt", ifPresent: outcome.receipts == nil ? nil : path)
        line.add("refused", ifPresent: outcome.refusal?.problem.rawValue)
        if let first = outcome.refusal?.sendFrom ?? outcome.continueFrom {
            line.add("send_from", first)
        }
        return String(decoding: line.finished, as: UTF8.self)
    }
}
