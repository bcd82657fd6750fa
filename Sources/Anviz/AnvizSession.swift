internal import Attendance
internal import TerminalKit

/// A talk with one Anviz terminal.
final class AnvizSession: ClockSettingSession {
    private let dialogue: Dialogue
    private let options: DriverOptions
    /// Asked for once; it does not change.
    private var capacity: Capacity??

    init(_ dialogue: Dialogue, _ options: DriverOptions) {
        self.dialogue = dialogue
        self.options = options
    }

    func identify() async throws -> TerminalIdentity {
        let serial = visibleText(try await firmly(.serialNumber)?.data ?? [])
        // Where the address is part of the identity, one lost answer must not change it.
        let needsAddress = Self.identity(serial, "01") != Self.identity(serial, "02")
        let network = try await needsAddress ? firmly(.network) : optional(.network)
        let mac = network.flatMap { NetworkFields.macAddress(in: $0.data) }
        let model = visibleText(try await optional(.model)?.data ?? [])
        let firmware = visibleText(try await optional(.firmware)?.data.prefix(8) ?? [])
        guard let id = Self.identity(serial, mac) else {
            throw DriverError.refused(question: Question.serialNumber.name, code: 1)
        }
        return TerminalIdentity(
            id: id, serial: serial, mac: mac, model: model.isEmpty ? nil : model,
            firmware: firmware.isEmpty ? nil : firmware,
            station: dialogue.device == 0 ? nil : dialogue.device)
    }

    func readClock() async throws -> WallTime {
        let answer = try await dialogue.ask(.clock)
        guard answer.result == AnswerCode.success else { throw refused(.clock, answer) }
        guard let time = ClockFields.decode(answer.data) else {
            throw DriverError.garbled(what: "a clock that shows no time", bytes: answer.data)
        }
        return time
    }

    func setClock(to time: WallTime) async throws {
        let answer = try await dialogue.tell(.setClock(time))
        guard answer.result == AnswerCode.success else {
            throw DriverError.refused(
                question: Command.name(Command.setClock) ?? "", code: Int(answer.result ?? 0))
        }
    }

    func counters() async throws -> LogCounters {
        let held = try await holdings()
        let most = try await limits()
        return LogCounters(
            records: held.records, recordCapacity: most?.records,
            newRecords: held.newRecords <= held.records ? held.newRecords : nil,
            users: held.users, userCapacity: most?.users)
    }

    func readLog(
        from position: LogPosition?, keep: (LogPage) async throws -> Void
    ) async throws -> LogRead {
        let reader = LogReader(
            dialogue, confirms: options.confirm == .flags, capacity: try await limits()?.records,
            counters: holdings)
        return try await reader.read(from: position, keep: keep)
    }

    func nextLive(within limit: Duration) async throws -> [Punch] {
        try await dialogue.nextLive(within: limit)
    }

    /// The protocol has no good-bye.
    func close() async {}

    // MARK: Questions

    private func holdings() async throws -> Counters {
        let answer = try await dialogue.ask(.counters)
        guard answer.result == AnswerCode.success else { throw refused(.counters, answer) }
        guard let counters = Counters(answer.data) else {
            throw DriverError.garbled(what: "counters that are cut", bytes: answer.data)
        }
        return counters
    }

    private func limits() async throws -> Capacity? {
        if let capacity { return capacity }
        let found = try await optional(.capacity).flatMap { Capacity($0.data) }
        let sensible = found.flatMap { $0.records > 0 ? $0 : nil }
        capacity = .some(sensible)
        return sensible
    }

    /// Asks what the identity hangs on: silence is only believed when the line has answered
    /// something else and then kept silent again.
    ///
    /// - Returns: nil if the terminal refuses, or does not know the question.
    private func firmly(_ question: Question) async throws -> Packet? {
        for _ in 1...2 {
            do {
                let answer = try await dialogue.ask(question)
                return answer.result == AnswerCode.success ? answer : nil
            } catch LinkError.silent {
                _ = try await holdings()
            }
        }
        return nil
    }

    /// Asks what a firmware may refuse or not know.
    private func optional(_ question: Question) async throws -> Packet? {
        do {
            let answer = try await dialogue.ask(
                question, within: Patience.optionalAnswer, tries: Patience.optionalTries)
            return answer.result == AnswerCode.success ? answer : nil
        } catch LinkError.silent {
            return nil
        }
    }

    private func refused(_ question: Question, _ answer: Packet) -> DriverError {
        .refused(question: question.name, code: Int(answer.result ?? 0))
    }

    private static func identity(_ serial: String, _ mac: String?) -> TerminalID? {
        try? TerminalID(make: AnvizDriver.make, reportedSerial: serial, mac: mac)
    }
}
