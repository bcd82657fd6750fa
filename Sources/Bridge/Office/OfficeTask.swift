import Attendance
import Glibc
import Logging
import ServiceLifecycle

/// Keeps the office's page and the metrics as things are: rewritten on change, whole or not at all.
///
/// Both files lie in the runtime folder, which is in memory: an idle office writes nothing to its
/// disk.
struct OfficeTask: Service {
    /// The rest between two looks, so that a busy morning costs little.
    static let calm = Duration.seconds(2)
    /// How long things that ring no bell, such as a receipt, may take to be seen.
    static let rhythm = Duration.seconds(15)

    let page: Configuration.Page
    let metricsFile: String?
    let office: String
    let zone: Zone
    let overview: Overview
    let bell: Bell
    let now: @Sendable () -> UTCTime
    let pace: Pace
    let logger: Logger

    func run() async {
        await cancelWhenGracefulShutdown {
            var files = OfficeFiles(logger: logger)
            while !Task.isCancelled {
                await publish(&files)
                try? await pace.sleep(Self.calm)
                await bell.wait(atMost: Self.rhythm, at: pace)
            }
        }
        // Numbers of a daemon that is gone would look like health.
        if let metricsFile { unlink(metricsFile) }
        if let path = page.file {
            var files = OfficeFiles(logger: logger)
            files.keep(
                OfficePage.farewell(office: office, at: now(), zone: zone, contact: page.contact),
                at: path)
        }
    }

    /// One look; a journal that cannot be read leaves the files as they are, and their time stands
    /// still.
    func publish(_ files: inout OfficeFiles) async {
        guard page.file != nil || metricsFile != nil,
            let report = try? await overview.report()
        else { return }
        if let metricsFile { files.keep(Metrics(report).text, at: metricsFile) }
        guard let path = page.file else { return }
        let missing = try? await overview.missing()
        let page = OfficePage(
            report: report, missing: missing, zone: zone, now: now(), contact: page.contact)
        files.keep(page.html, at: path)
    }
}

/// The files as they were last written, and which of them could not be.
struct OfficeFiles {
    let logger: Logger
    private var written: [String: Int] = [:]
    private var failed: Set<String> = []

    init(logger: Logger) {
        self.logger = logger
    }

    /// Replaces the file if the text is another one than the last.
    ///
    /// Readable for everybody: whoever sits at the box may look, and node_exporter too.
    mutating func keep(_ text: String, at path: String) {
        let hash = text.hashValue
        guard written[path] != hash else { return }
        do {
            try TextFile.write(text, to: path, mode: 0o644)
            written[path] = hash
            failed.remove(path)
        } catch {
            // Once: an office without that folder must not fill the log.
            guard failed.insert(path).inserted else { return }
            logger.notice(
                "a file for the office cannot be written",
                metadata: ["file": "\(path)", "reason": "\(error.reason)"])
        }
    }
}
