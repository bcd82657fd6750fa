import Attendance
import Bridge
import Exchange
import Journal

/// What somebody far away needs to see of this box, and nothing about its people.
///
/// Every part is gathered on its own: where one cannot be had, the others are, and the manifest says
/// why.
struct SupportBundle {
    /// One file in the bundle.
    struct Part {
        let name: String
        let meaning: String
        let content: [UInt8]
        /// Why there is nothing, or not all.
        let trouble: Problem?
    }

    private(set) var parts: [Part] = []
    private(set) var office: String?
    let now: UTCTime
    let showsPins: Bool
    private let entries: BlankedEntries

    /// All parts together stay below what one file may have.
    static let longestPart = 250_000
    private static let newestEntries = 500
    private static let logLines = 1_500

    init(at now: UTCTime, showsPins: Bool) {
        self.now = now
        self.showsPins = showsPins
        var random = SystemRandomNumberGenerator()
        entries = BlankedEntries(showsPins: showsPins, using: &random)
    }

    // MARK: Gathering

    mutating func collect(_ places: PlaceOptions) async {
        await gather("status.json", "what 'titian status --json' says") {
            try await Self.status(places)
        }
        office = try? WireJSON.decode(Named.self, from: parts[0].content).office
        await gather("doctor.json", "what 'titian doctor --json' says") {
            let results = await Doctor(DoctorCommand.tools(for: places)).examine()
            return DoctorPage().json(results.map(Self.withoutQuotes))
        }
        await gather(
            "configuration.toml", "bridge.toml without comments, contacts and unknown keys"
        ) {
            let bytes = try InputFile.read(places.config)
            return Array(BlankedConfiguration.text(of: String(decoding: bytes, as: UTF8.self)).utf8)
        }
        await gather("box.json", "machine, versions, what is plugged in") { BoxFacts().json }
        await gatherEntries(places)
        await gather("titiand.log", "the newest log lines of titiand") {
            guard let log = ServiceLog.newest(lines: Self.logLines) else {
                throw SupportError.noLog
            }
            return BlankedLog.text(of: log)
        }
    }

    /// What is wrong in a configuration is told with the words that stand there, and these may be a
    /// password in the wrong place: only the code is kept.
    private static func withoutQuotes(_ result: CheckResult) -> CheckResult {
        guard !result.findings.isEmpty else { return result }
        let place =
            result.check == .configuration
            ? Text(id: "Lihat configuration.toml.", en: "See configuration.toml.")
            : Text(id: "Lihat status.json.", en: "See status.json.")
        let findings = result.findings.map { finding in
            guard result.check == .configuration || namesFiles(finding.problem) else {
                return finding
            }
            return Finding(
                finding.severity,
                Problem(code: finding.problem.code, summary: place, remedy: place))
        }
        return CheckResult(result.check, .found(findings))
    }

    /// Names of files on sticks are people's own words.
    private static func namesFiles(_ problem: Problem) -> Bool {
        problem.code == "import.files-held"
    }

    private struct Named: Decodable {
        let office: String?
    }

    private mutating func gather(
        _ name: String, _ meaning: String, _ content: () async throws -> [UInt8]
    ) async {
        do {
            // The end of a long text is what was said last.
            let bytes = Array(try await content().suffix(Self.longestPart))
            parts.append(Part(name: name, meaning: meaning, content: bytes, trouble: nil))
        } catch {
            let trouble = Problem(explaining: error)
            parts.append(Part(name: name, meaning: meaning, content: [], trouble: trouble))
        }
    }

    /// Names of files on sticks are people's own words.
    private static func status(_ places: PlaceOptions) async throws -> [UInt8] {
        switch try await LiveOrOffline.look(places) {
        case .offline(let status): return try WireJSON.encode(status)
        case .live(var report, _):
            report.sticks?.last?.file = "(blanked)"
            report.sticks?.last?.held?.file = "(blanked)"
            for index in report.sticks?.held.indices ?? 0..<0 {
                report.sticks?.held[index].file = "(blanked)"
            }
            return try WireJSON.encode(report)
        }
    }

    /// The newest entries; from the bytes of the file where SQLite cannot read it any more.
    private mutating func gatherEntries(_ places: PlaceOptions) async {
        let name = "entries.ndjson"
        let meaning =
            showsPins
            ? "the newest entries of the journal" : "the newest entries of the journal, PINs hashed"
        do {
            let lines = try await newestLines(places).compactMap { entries.line($0) }
            parts.append(
                Part(name: name, meaning: meaning, content: Self.text(lines), trouble: nil))
        } catch {
            let bytes = [places.folder.journalFile, "\(places.folder.journalFile)-wal"]
                .flatMap { (try? InputFile.end($0, longest: 4 << 20)) ?? [] }
            let lines = entries.salvaged(from: bytes, limit: Self.newestEntries)
            parts.append(
                Part(
                    name: name, meaning: "\(meaning), salvaged from a file that cannot be opened",
                    content: Self.text(lines), trouble: Problem(explaining: error)))
        }
    }

    private func newestLines(_ places: PlaceOptions) async throws -> [[UInt8]] {
        let live = try await places.daemon.ifRunning {
            try await $0.ask(.tail, limit: Self.newestEntries)
        }
        if let live { return JSONText.lines(in: live).map(Array.init) }
        let stored = try await OfflineJournal.read(in: places.folder) { journal in
            let head = await journal.headSeq
            return try await journal.lines(
                from: max(1, head - Int64(Self.newestEntries) + 1), limit: Self.newestEntries
            ).map(\.line)
        }
        guard let stored else { throw NoJournal(folder: places.state) }
        return stored
    }

    private static func text(_ lines: [[UInt8]]) -> [UInt8] {
        Array(lines.map { $0 + [UInt8(ascii: "\n")] }.joined().suffix(longestPart))
    }
}

/// Why a bundle or a part of it could not be made.
enum SupportError: Explained, Hashable {
    case noLog
    case tooLarge

    var problem: Problem {
        switch self {
        case .noLog:
            Problem(
                code: "support.no-log",
                summary: Text(
                    id: "Log titiand tidak terbaca dari journalctl.",
                    en: "titiand's log cannot be read from journalctl."),
                remedy: Text(
                    id: "Jalankan dengan sudo bila log diperlukan.",
                    en: "Run it with sudo if the log is needed."))
        case .tooLarge:
            Problem(
                code: "support.too-large",
                summary: Text(
                    id: "Berkas bantuan tidak dapat dibuat di bawah 2 MB.",
                    en: "The bundle cannot be made below 2 MB."),
                remedy: Text(
                    id: "Kirim keluaran 'titian status --json' dan 'titian doctor --json'.",
                    en: "Send the output of 'titian status --json' and 'titian doctor --json'."))
        }
    }
}
