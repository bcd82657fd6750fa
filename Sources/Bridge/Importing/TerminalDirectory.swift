import Attendance
import Journal

/// The terminals of this office, as far as anything here knows them.
struct TerminalDirectory: Sendable {
    let configured: [Configuration.Terminal]
    let roll: TerminalRoll
    let journal: Journal

    /// Those that were read, those whose files were taken in, and those whose serial number the
    /// configuration names.
    func all() async throws -> [TerminalID] {
        let stored = try await journal.terminals()
        let named = configured.compactMap { Self.expected($0) }
        let all = Set(stored + named + (await roll.known))
        return all.sorted { $0.description < $1.description }
    }

    /// Who is meant by `make:serial`, or by a name of the configuration.
    func terminal(_ text: String) async throws -> TerminalID {
        if text.contains(":"), let id = try? TerminalID(text) { return id }
        guard let terminal = configured.first(where: { $0.name == text }) else {
            let names = configured.map(\.name)
            let ids = try await all().map(\.description)
            throw ImportError.unknownTerminal(text, known: names + ids)
        }
        if let seen = await roll.lastSeen(as: text) { return seen }
        if let expected = Self.expected(terminal) { return expected }
        throw ImportError.neverMet(name: text, make: terminal.driver)
    }

    private static func expected(_ terminal: Configuration.Terminal) -> TerminalID? {
        terminal.serialNumber.flatMap {
            try? TerminalID(make: terminal.driver, reportedSerial: $0, mac: nil)
        }
    }
}
