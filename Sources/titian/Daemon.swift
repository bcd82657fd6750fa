import Attendance
import Bridge
import Dispatch
import Exchange

/// The running `titiand` of this box, asked over its control socket.
struct Daemon {
    let socket: String

    /// Waits on a thread that nobody else needs.
    ///
    /// - Returns: The answer's bytes, one JSON object.
    /// - Throws: ``Bridge/ControlError``, or the problem the daemon tells of.
    func ask(
        _ operation: ControlRequest.Operation, limit: Int? = nil, after: Int64? = nil,
        within wait: Duration = .seconds(60)
    ) async throws -> [UInt8] {
        try await ask(ControlRequest(operation, limit: limit, after: after), within: wait)
    }

    /// Asks a question that has more to say than the usual ones.
    func ask(
        _ request: ControlRequest, within wait: Duration = .seconds(60)
    ) async throws -> [UInt8] {
        let answer = try await withCheckedThrowingContinuation { continuation in
            DispatchQueue(label: "titian.control").async { [socket] in
                continuation.resume(
                    with: Result {
                        try ControlClient.ask(socket: socket, request: request, within: wait)
                    })
            }
        }
        if let refusal = try? WireJSON.decode(Refusal.self, from: answer) {
            throw refusal.error.problem
        }
        return answer
    }

    /// Asks and decodes.
    func ask<Answer: Decodable>(
        _ operation: ControlRequest.Operation, as type: Answer.Type,
        within wait: Duration = .seconds(60)
    ) async throws -> Answer {
        do {
            return try WireJSON.decode(type, from: try await ask(operation, within: wait))
        } catch is DecodingError {
            throw ControlError.noAnswer(socket: socket)
        }
    }

    /// What `body` gets of the daemon, or nil if none is running.
    func ifRunning<Answer>(
        _ body: (Daemon) async throws -> Answer
    ) async throws -> Answer? {
        do {
            return try await body(self)
        } catch ControlError.notRunning {
            return nil
        }
    }

    /// Whether one runs at this moment.
    var isRunning: Bool {
        get async throws {
            try await ifRunning { _ = try await $0.ask(.journalStatus) } != nil
        }
    }

    /// What the daemon says went wrong.
    private struct Refusal: Decodable {
        let error: Told

        struct Told: Decodable {
            let code: String
            let id: String
            let en: String

            var problem: Problem {
                Problem(
                    code: code, summary: Text(id: id, en: en),
                    remedy: Text(
                        id: "Keadaan lengkap: 'titian status'.",
                        en: "The whole state: 'titian status'."))
            }
        }
    }
}
