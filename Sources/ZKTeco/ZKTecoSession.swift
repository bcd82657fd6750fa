internal import Attendance
import TerminalKit

/// A talk with one ZKTeco terminal. Nothing is changed, unless somebody asks to set the clock.
///
/// The terminal stays enabled all the time: people go on punching while it is read, and what
/// they add is seen by counting before and after.
final class ZKTecoSession: ClockSettingSession {
    private let dialogue: Dialogue
    private let options: DriverOptions
    private var habits = LogReader.Habits()
    private var logNamesSlots: Bool?
    private var hasAskedForEvents = false

    /// - Parameter dialogue: Already greeted, see ``Greeting``.
    init(_ dialogue: Dialogue, options: DriverOptions) {
        self.dialogue = dialogue
        self.options = options
    }

    // MARK: Questions

    func identify() async throws -> TerminalIdentity {
        let serial = try await option("~SerialNumber") ?? ""
        let mac = try await option("MAC").flatMap(Self.address)
        let model = try await option("~DeviceName")
        let platform = try await option("~Platform")
        let firmware = try await version()
        let id: TerminalID
        do {
            id = try TerminalID(
                make: ZKTecoDriver.make, reportedSerial: serial, mac: mac)
        } catch {
            throw DriverError.unsupported(what: "a terminal without serial number", code: 0)
        }
        return TerminalIdentity(
            id: id, serial: serial, mac: mac, model: model, firmware: firmware,
            platform: platform)
    }

    func readClock() async throws -> WallTime {
        let data = try await dialogue.askForOK(.time)
        var reader = ByteReader(data)
        guard let packed = reader.u32LE(), let time = PackedTime.decode(packed) else {
            throw DriverError.garbled(what: "a clock with an impossible date", bytes: data)
        }
        return time
    }

    func setClock(to time: WallTime) async throws {
        try await dialogue.tell(.setClock(time))
    }

    func counters() async throws -> LogCounters {
        let answer = try await dialogue.ask(.freeSizes)
        guard answer.command == Command.ackOK else { return LogCounters() }
        return FreeSizes(answer.data)?.counters ?? LogCounters()
    }

    // MARK: Punches

    func readLog(
        from position: LogPosition?, keep: (LogPage) async throws -> Void
    ) async throws -> LogRead {
        let reader = LogReader(
            dialogue, options, habits: habits, counters: { try await self.counters() })
        defer {
            habits = reader.habits
            logNamesSlots = reader.layout.map(\.namesOnlySlots) ?? logNamesSlots
        }
        return try await reader.read(from: position, keep: keep)
    }

    func nextLive(within limit: Duration) async throws -> [Punch] {
        if !hasAskedForEvents {
            // A terminal that refuses has no live events: then there is only waiting.
            _ = try await dialogue.ask(
                .events, [UInt8(truncatingIfNeeded: Command.attendanceEvent), 0, 0, 0])
            hasAskedForEvents = true
        }
        let events = try await dialogue.waitForEvents(within: limit)
        return events.compactMap { LiveEvent($0)?.punch(logNamesSlots: logNamesSlots) }
    }

    func close() async {
        // Without a good-bye some firmware keeps the session, and one was seen to restart.
        _ = try? await dialogue.ask(.exit, within: Patience.goodbye, tries: 1)
    }

    // MARK: Options

    /// - Returns: nil if the terminal does not have the option: it refuses, does not know the
    ///   command, or gives nothing.
    private func option(_ name: String) async throws -> String? {
        let answer = try await dialogue.ask(.option, Array(name.utf8) + [0])
        guard answer.command == Command.ackOK else { return nil }
        return TerminalOption(answer.data)?.value
    }

    private func version() async throws -> String? {
        let answer = try await dialogue.ask(.version)
        guard answer.command == Command.ackOK else { return nil }
        return TerminalOption.text(answer.data)
    }

    /// `00:17:61:8a:2b:3c` of however the terminal writes it.
    private static func address(_ text: String) -> String? {
        let digits = text.lowercased().utf8.filter {
            (0x30...0x39).contains($0) || (0x61...0x66).contains($0)
        }
        guard digits.count == 12, digits.contains(where: { $0 != 0x30 }) else { return nil }
        let pairs = stride(from: 0, to: 12, by: 2).map {
            String(decoding: digits[$0..<($0 + 2)], as: UTF8.self)
        }
        return pairs.joined(separator: ":")
    }
}

/// `name=value`, as options are answered.
struct TerminalOption: Hashable, Sendable {
    let name: String
    let value: String?

    /// - Returns: nil if there is no `=`.
    init?(_ data: [UInt8]) {
        let content = data.prefix { $0 != 0 }
        guard let equals = content.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        name = Self.text(content[..<equals]) ?? ""
        value = Self.text(content[(equals + 1)...])
    }

    /// Text up to the first zero byte, blanks at its ends dropped; nil if nothing is left.
    static func text(_ data: some Collection<UInt8>) -> String? {
        var content = Array(data.prefix { $0 != 0 }.drop { $0 == 0x20 })
        while content.last == 0x20 { content.removeLast() }
        return content.isEmpty ? nil : String(decoding: content, as: UTF8.self)
    }
}
