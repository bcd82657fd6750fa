import Attendance
import Journal
import Logging
import SQLite

/// Opens the journal as often as it takes: what is not the file's fault is waited for.
struct JournalDoor: Sendable {
    /// Tries before a file whose bytes the disk does not give is repaired from what it gives.
    private static let patience = 3
    /// A `titian` command that reads the journal at this moment is done by then.
    private static let busyTries = 100
    private static let pause = Duration.milliseconds(100)
    private static let longPause = Duration.seconds(2)

    let place: @Sendable () throws -> Journal.Surroundings
    let controlSocket: String
    let logger: Logger

    /// - Parameter cause: Why it was closed, if it has to be repaired.
    func open(repairing cause: RepairCause?) async throws -> Journal {
        var cause = cause
        var said: String?
        var failures = 0
        var busy = 0
        while true {
            do {
                var random = SystemRandomNumberGenerator()
                return try await Journal.open(try place(), repairing: cause, using: &random)
            } catch {
                guard let wait = Self.wait(after: error) else { throw error }
                switch wait {
                case .busy:
                    busy += 1
                    if busy > Self.busyTries || ControlClient.isAnswered(socket: controlSocket) {
                        throw DaemonError.alreadyRunning(folder: try place().folder)
                    }
                    try await Task.sleep(for: Self.pause)
                    continue
                case .inputOutput:
                    failures += 1
                    if failures >= Self.patience {
                        cause = cause ?? RepairCause(.damaged, "\(error)")
                    }
                case .disk: break
                }
                let problem = Problem(explaining: error)
                if said != problem.code {
                    logger.error(
                        "the journal cannot be opened; trying again",
                        metadata: [
                            "code": "\(problem.code)", "problem": "\(problem.line(.english))",
                        ])
                }
                said = problem.code
                try await Task.sleep(for: Self.longPause)
            }
        }
    }

    private enum Wait {
        case busy, inputOutput, disk
    }

    /// What mends itself; nil for what does not.
    private static func wait(after error: any Error) -> Wait? {
        if case JournalError.unwritable = error { return .disk }
        if case StateError.readOnly = error { return .disk }
        guard let error = error as? SQLiteError else { return nil }
        switch error.kind {
        case .busy: return .busy
        case .full, .readOnly: return .disk
        default:
            if error.isRefusedWrite { return .disk }
            return error.isInputOutput ? .inputOutput : nil
        }
    }
}
