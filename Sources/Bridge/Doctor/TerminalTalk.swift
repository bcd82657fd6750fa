import Attendance
import Synchronization
import TerminalKit

/// One short talk with a terminal while no daemon reads it: who it is, its counters, its clock, and
/// whether its log gives a record that can be read.
struct TerminalTalk {
    struct Answer: Sendable {
        let clock: WallTime
        let counters: LogCounters
        /// Why no record of its log could be read, though it says that it has some.
        var doubt: Problem?
    }

    private let terminal: Configuration.Terminal
    private let tools: DoctorTools
    /// What is known so far, should the rest be late.
    private let known = Shelf()

    init(_ terminal: Configuration.Terminal, _ tools: DoctorTools) {
        self.terminal = terminal
        self.tools = tools
    }

    /// - Parameter limit: How long the terminal may take. A log that is slow is none that is broken:
    ///   who answered everything but gave no record in time gets no word about it.
    /// - Throws: What stands in the way, as the drivers say it.
    func run(within limit: Duration) async throws -> Answer {
        do {
            try await withTimeLimit(limit, orThrow: Late()) { try await talk() }
        } catch is Late {}
        guard let answer = known.answer else { throw LinkError.silent(after: limit) }
        return answer
    }

    private struct Late: Error {}
    private struct Seen: Error {}

    private final class Shelf: Sendable {
        private let stored = Mutex<Answer?>(nil)

        var answer: Answer? {
            get { stored.withLock { $0 } }
            set { stored.withLock { $0 = newValue } }
        }
    }

    private func talk() async throws {
        var options = try terminal.driverOptions()
        // Only looks: what is seen here is kept nowhere.
        options.confirm = .never
        guard let driver = KnownDrivers.driver(named: terminal.driver, options: options) else {
            return
        }
        let link = try await tools.openLine(terminal.address)
        do {
            try await driver.talk(over: link, look)
        } catch {
            await link.close()
            throw error
        }
        await link.close()
    }

    private func look(_ session: any TerminalSession) async throws {
        let identity = try await session.identify()
        if let expected = terminal.serialNumber, expected != identity.serial {
            throw TerminalTrouble.otherSerial(expected: expected, found: identity.serial)
        }
        let counters = try await session.counters()
        known.answer = Answer(clock: try await session.readClock(), counters: counters)
        if (counters.records ?? 0) > 0 { await sample(session) }
    }

    /// Reads until there is one record, and no further.
    private func sample(_ session: any TerminalSession) async {
        do {
            _ = try await session.readLog(from: nil) { page in
                if !page.records.isEmpty { throw Seen() }
            }
        } catch is Seen {
        } catch {
            guard !Task.isCancelled else { return }
            known.answer?.doubt = Problem(explaining: error)
        }
    }
}
