import Attendance
import Exchange
import TerminalKit

/// Notices at a start that the program or its configuration is another one than the last time.
///
/// `started.json` in the state folder remembers; it is written at each start and each orderly end.
struct StartNotes: Hashable, Sendable, Codable {
    var version: String
    /// A hash of what the configuration says. It has to notice a change, not to resist an enemy.
    var configuration: String
    /// The start of the box that this is written in, and whether the daemon has ended since.
    var bootID: String?
    var isRunning: Bool?
    /// When starts found that the daemon before them had not been told to end.
    var crashes: [String]?

    init(version: String = TitianVersion.current, _ configuration: Configuration) {
        self.version = version
        let text = String(describing: configuration).utf8
        self.configuration = String(LogPosition.hash(of: text), radix: 16)
    }

    /// What the last start left behind; nil before the first, or if it cannot be read.
    init?(at path: String) {
        guard let bytes = TextFile.bytes(path, limit: 4_096),
            let notes = try? WireJSON.decode(Self.self, from: bytes)
        else { return nil }
        self = notes
    }

    /// What the journal is told at this start.
    func events(after last: StartNotes?) -> [EntryBody] {
        var events: [EntryBody] = [.bridge(.start, detail: "titiand \(version)")]
        guard let last else { return events }
        if last.version != version {
            events.append(.bridge(.version, detail: "\(last.version) → \(version)"))
        }
        if last.configuration != configuration {
            events.append(.bridge(.configuration, detail: "changed"))
        }
        return events
    }

    /// Notes that the daemon runs now, and whether the one before it went without a word: killed by
    /// the watchdog, by the kernel for its memory, or by a fault of its own. A box that lost its power
    /// has another `bootID`.
    mutating func begin(after last: StartNotes?, bootID: String, at now: UTCTime) {
        let limit = now.milliseconds - Self.remembered
        crashes = (last?.crashes ?? []).filter {
            UTCTime($0).map { (limit...now.milliseconds).contains($0.milliseconds) } ?? false
        }
        if last?.isRunning == true, last?.bootID == bootID {
            crashes = ((crashes ?? []) + [now.description]).suffix(Self.mostCrashes)
        }
        self.bootID = bootID
        isRunning = true
    }

    /// The same after an orderly end.
    var ended: StartNotes {
        var notes = self
        notes.isRunning = false
        return notes
    }

    /// A day, in milliseconds.
    private static let remembered: Int64 = 86_400_000
    private static let mostCrashes = 20

    func save(to path: String) throws {
        let text = String(decoding: try WireJSON.encode(self), as: UTF8.self)
        do {
            try TextFile.write(text + "\n", to: path, mode: 0o640)
        } catch {
            throw StateError.unusable(path: path, reason: error.reason)
        }
    }
}
