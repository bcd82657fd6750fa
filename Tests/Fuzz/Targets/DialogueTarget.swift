import Attendance
import TerminalKit

extension FuzzTarget {
    /// What a simulated terminal with its users and log takes: it is measured with the driver.
    private static let simulatedTerminal = 64 * 1_024

    /// A whole talk of a driver, from greeting to good-bye, with a terminal that the input plays.
    static func dialogue<Terminal: ScriptedTerminal & DrivenTerminal>(
        _ name: String, _ type: Terminal.Type, isDatagram: Bool
    ) -> FuzzTarget {
        FuzzTarget(
            name, longest: 1_024,
            decode: {
                let delivered = Talking<Terminal>.run($0, isDatagram).delivered
                return $0.count + delivered + simulatedTerminal
            },
            check: { input in
                let outcome = Talking<Terminal>.run(input, isDatagram)
                if let objection = outcome.objection { throw Broken(objection) }
                try hold(outcome.isOver, "a talk that waits for ever")
            },
            seeds: { Seeds.dialogues(isDatagram: isDatagram) })
    }
}

/// What a script needs to know of the driver it plays against.
protocol DrivenTerminal {
    /// - Parameter setup: The byte that chooses the options.
    static func driver(setup: UInt8) -> any TerminalDriver
}

/// One talk as the bridge has it.
enum Talking<Terminal: ScriptedTerminal & DrivenTerminal> {
    struct Outcome: Sendable {
        var delivered = 0
        var kept = 0
        var objection: String?
        var isOver = false
    }

    static func run(_ input: [UInt8], _ isDatagram: Bool) -> Outcome {
        let link = ScriptedLink<Terminal>(input, isDatagram: isDatagram)
        let setup = input.count > 1 ? input[1] : 0
        let over = InlineExecutor.run {
            do {
                try await talk(Terminal.driver(setup: setup), link)
                return nil as String?
            } catch let broken as Broken {
                return broken.description
            } catch {
                return error is any Explained ? nil : "an error that explains nothing: \(error)"
            }
        }
        return Outcome(
            delivered: link.delivered, kept: link.kept,
            objection: link.objection ?? over.flatMap(\.self),
            isOver: over != nil)
    }

    private static func talk(
        _ driver: any TerminalDriver, _ link: ScriptedLink<Terminal>
    ) async throws {
        let session = try await driver.open(link)
        do {
            let identity = try await session.identify()
            try hold(identity.id.description.hasPrefix(driver.make), "another make's identity")
            _ = try await session.readClock()
            let position = try await read(session, from: nil, link)
            link.punch()
            let reached = try await read(session, from: position, link)
            for _ in 1...2 { _ = try await session.nextLive(within: .seconds(1)) }
            _ = try await read(session, from: reached, link)
            let counters = try await session.counters()
            try hold(counters.records ?? 0 >= 0, "a terminal that holds fewer than no records")
        } catch {
            await session.close()
            throw error
        }
        await session.close()
    }

    private static func read(
        _ session: any TerminalSession, from position: LogPosition?, _ link: ScriptedLink<Terminal>
    ) async throws -> LogPosition? {
        var reached = position
        let read = try await session.readLog(from: position) { page in
            link.kept += page.records.count
            if let position = page.position {
                try hold(position.count >= 0, "a position before the log's beginning")
                reached = position
            }
        }
        try hold(read.received >= 0 && read.total >= 0, "a read of fewer than no records")
        return reached
    }
}
