import Attendance
import Glibc
import Logging
import ServiceLifecycle

/// Takes in what terminals wrote to a stick, as soon as the stick is mounted.
///
/// Nothing is ever written to a stick. Each file is copied off before anything is done with it, so
/// the stick may be gone afterwards. One line of the log for each file.
final class StickTask: Service {
    private let settings: Configuration.Stick
    private let desk: ImportDesk
    private let logger: Logger
    private let table: String
    private let memory = StickMemory()

    /// - Parameters:
    ///   - settings: Where sticks are mounted.
    ///   - desk: Where files are handed in.
    ///   - table: The kernel's table of mounts.
    init(
        _ settings: Configuration.Stick, desk: ImportDesk, logger: Logger,
        table: String = "/proc/self/mountinfo"
    ) {
        self.settings = settings
        self.desk = desk
        self.logger = logger
        self.table = table
    }

    func run() async {
        await cancelWhenGracefulShutdown {
            for await _ in MountChanges.stream(of: self.table) { await self.look() }
        }
    }

    /// Looks what is mounted now and takes in what is new.
    func look() async {
        guard let text = TextFile.read(table, limit: 4 << 20) else { return }
        let sticks = MountTable(text).sticks(below: settings.watch)
        await memory.keepOnly(sticks)
        for stick in sticks {
            let files = await onThread { StickScan.logs(in: stick.point) }
            for file in files where await memory.isNew(file, on: stick) {
                guard !Task.isCancelled else { return }
                await take(file, from: stick)
            }
        }
    }

    private func take(_ file: StickScan.Found, from stick: MountTable.Mount) async {
        do {
            let report = try await copied(file)
            await memory.took(file, on: stick)
            say(report, file)
        } catch is CancellationError {
            // The daemon ends; its next start finds the stick again.
        } catch {
            await tell(error, of: file, on: stick)
        }
    }

    private func tell(
        _ error: any Error, of file: StickScan.Found, on stick: MountTable.Mount
    ) async {
        // A stick that was pulled out, or a full disk: the next look tries again.
        let isFinal =
            switch error as? ImportError {
            case .broken, .noRoom, nil: false
            default: true
            }
        if isFinal { await memory.took(file, on: stick) }
        let problem = Problem(explaining: error)
        guard await memory.isNews(problem.code, of: file, on: stick) else { return }
        logger.warning(
            "stick file not taken in",
            metadata: [
                "file": "\(file.path)", "code": "\(problem.code)",
                "problem": "\(problem.line(.english))",
            ])
    }

    /// - Returns: nil if the file is nothing new.
    private func copied(_ file: StickScan.Found) async throws -> ImportReport? {
        let ticket = try await desk.begin(file.path)
        do {
            let reader = try await onThread { Result { try StickReader(file.path) } }.get()
            while let piece = try await onThread({ Result { try reader.next() } }).get() {
                try await desk.add(piece, to: ticket)
            }
        } catch {
            await desk.abandon(ticket)
            throw error
        }
        return try await desk.finishIfNew(ticket)
    }

    private func say(_ report: ImportReport?, _ file: StickScan.Found) {
        guard let report else {
            return logger.info("stick file known already", metadata: ["file": "\(file.path)"])
        }
        if let held = report.held {
            logger.warning(
                "stick file waits: say whose it is with 'titian import --held'",
                metadata: [
                    "file": "\(file.path)", "held": "\(held.id)",
                    "reason": "\(held.reason.rawValue)",
                ])
        } else {
            logger.notice(
                "stick file taken in",
                metadata: [
                    "file": "\(file.path)", "terminal": "\(report.terminal ?? "")",
                    "read": "\(report.read)", "new": "\(report.new)", "known": "\(report.known)",
                    "odd": "\(report.odd)", "doubts": "\(report.doubts.joined(separator: ", "))",
                ])
        }
    }
}

/// What was looked at on the sticks that are mounted; forgotten with the stick.
private actor StickMemory {
    private var seen: [MountTable.Mount: Set<StickScan.Found>] = [:]
    private var said: [MountTable.Mount: Set<String>] = [:]

    func keepOnly(_ sticks: [MountTable.Mount]) {
        seen = seen.filter { sticks.contains($0.key) }
        said = said.filter { sticks.contains($0.key) }
    }

    func isNew(_ file: StickScan.Found, on stick: MountTable.Mount) -> Bool {
        seen[stick]?.contains(file) != true
    }

    func took(_ file: StickScan.Found, on stick: MountTable.Mount) {
        seen[stick, default: []].insert(file)
    }

    /// Whether this was not said of the file before.
    func isNews(_ code: String, of file: StickScan.Found, on stick: MountTable.Mount) -> Bool {
        said[stick, default: []].insert("\(code) \(file.path)").inserted
    }
}

/// Runs what may wait for a slow or dying stick on a thread that nobody else needs.
private func onThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        Thread { continuation.resume(returning: body()) }.start()
    }
}
