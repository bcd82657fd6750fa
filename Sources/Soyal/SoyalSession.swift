internal import Attendance
internal import TerminalKit

/// A talk with one SOYAL controller.
final class SoyalSession: TerminalSession {
    private let dialogue: Dialogue
    private let options: DriverOptions
    /// What the greeting said; the time in it is old.
    private let info: ControllerInfo

    init(_ dialogue: Dialogue, _ options: DriverOptions, _ info: ControllerInfo) {
        self.dialogue = dialogue
        self.options = options
        self.info = info
    }

    /// A controller cannot tell a serial number: the configuration says it.
    func identify() async throws -> TerminalIdentity {
        let model = try await model()
        guard let serial = options.serialNumber,
            let id = try? TerminalID(make: SoyalDriver.make, serial: serial)
        else {
            throw DriverError.serialMissing(seen: "\(model ?? "SOYAL") \(info.firmware)")
        }
        return TerminalIdentity(id: id, serial: serial, model: model, firmware: info.firmware)
    }

    func readClock() async throws -> WallTime {
        let answer = try await dialogue.ask(.clock)
        guard case .data(let data) = answer else { throw refused(.clock, answer) }
        guard let time = ControllerInfo(data)?.time else {
            throw DriverError.garbled(what: "a clock that shows no time", bytes: data)
        }
        return time
    }

    /// The protocol has no counters.
    func counters() async throws -> LogCounters { LogCounters() }

    func readLog(
        from position: LogPosition?, keep: (LogPage) async throws -> Void
    ) async throws -> LogRead {
        var reader = LogReader(dialogue, from: position)
        guard options.confirm == .deleteOldest else { return try await reader.look(keep) }
        return try await reader.drain(keep)
    }

    /// The controller says nothing unasked.
    func nextLive(within limit: Duration) async throws -> [Punch] { [] }

    /// The protocol has no good-bye.
    func close() async {}

    private func model() async throws -> String? {
        if let model = info.model { return model }
        do {
            let answer = try await dialogue.ask(
                .parameters, within: Patience.optionalAnswer, tries: Patience.optionalTries)
            guard case .data(let data) = answer else { return nil }
            return ControllerInfo.model(inParameters: data)
        } catch LinkError.silent {
            return nil
        }
    }

    private func refused(_ question: Question, _ answer: Answer) -> DriverError {
        if case .refused(let code) = answer {
            return .refused(question: question.name, code: Int(code))
        }
        return .refused(question: question.name, code: 0)
    }
}
