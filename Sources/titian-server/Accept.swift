import ArgumentParser
import Attendance
import Central
import Console
import Exchange
import Foundation

struct Accept: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Takes a courier file in and writes its receipt beside it.",
        discussion: """
            The file holds what the bridge would have sent over the line, and its request to be \
            enrolled if it is not yet. Taken in twice, or also sent over the line, it changes nothing. \
            The receipt goes back to the office: 'titian import FILE.receipt'.

            titian-server accept /media/stick/office.courier
            """)

    @Argument(help: "The courier file.", completion: .file())
    var file: String

    @Option(help: "Where the receipt is written; FILE.receipt without it.")
    var receipt: String?

    @Flag(help: "Print the result as JSON.")
    var json = false

    @OptionGroup var shared: SharedOptions

    /// A year of a large office is a twentieth of this.
    private static let longest = 512 << 20

    func run() async throws {
        try await shared.run { centre in
            let outcome = await centre.accept(
                courier: try read(), from: "courier")
            let path = receipt ?? "\(file).receipt"
            if let receipts = outcome.receipts { try write(receipts, to: path) }
            if json { Output.line(Self.json(outcome, path)) } else { tell(outcome, path) }
            guard outcome.refusal == nil else { throw ExitCode(2) }
        }
    }

    private func read() throws -> [UInt8] {
        let size = try? FileManager.default.attributesOfItem(atPath: file)[.size] as? Int
        guard let size, size <= Self.longest, let bytes = FileManager.default.contents(atPath: file)
        else { throw ServerError.courier(file) }
        return Array(bytes)
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
        if let office = outcome.office {
            Output.line(
                Text(id: "Terdaftar: \(office).", en: "Enrolled: \(office).")(shared.language))
        }
        if outcome.receipts != nil {
            Output.line(
                Text(
                    id: "Diterima sampai #\(outcome.ackedThrough). Tanda terima: \(path)",
                    en: "Received through #\(outcome.ackedThrough). Receipt: \(path)")(
                        shared.language))
        }
        guard let refusal = outcome.refusal else { return }
        Output.error(
            Text(
                id: "Tidak diterima: \(refusal.problem.title.indonesian)",
                en: "Not taken: \(refusal.problem.title.english)")(shared.language)
                + " [\(refusal.problem.rawValue)]")
    }

    private static func json(_ outcome: CourierOutcome, _ path: String) -> String {
        var line = JSONLine()
        line.add("office", ifPresent: outcome.office)
        line.add("calls", outcome.calls)
        line.add("acked_through", outcome.ackedThrough)
        line.add("receipt", ifPresent: outcome.receipts == nil ? nil : path)
        line.add("refused", ifPresent: outcome.refusal?.problem.rawValue)
        return String(decoding: line.finished, as: UTF8.self)
    }
}
