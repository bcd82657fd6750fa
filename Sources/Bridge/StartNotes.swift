import Attendance
import Exchange
import TerminalKit

/// Notices at a start that the program or its configuration is another one than the last time.
///
/// `started.json` in the state folder remembers; it is written only when something changed.
struct StartNotes: Hashable, Sendable, Codable {
    var version: String
    /// A hash of what the configuration says. It has to notice a change, not to resist an enemy.
    var configuration: String

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

    func save(to path: String) throws {
        let text = String(decoding: try WireJSON.encode(self), as: UTF8.self)
        do {
            try TextFile.write(text + "\n", to: path, mode: 0o640)
        } catch {
            throw StateError.unusable(path: path, reason: error.reason)
        }
    }
}
