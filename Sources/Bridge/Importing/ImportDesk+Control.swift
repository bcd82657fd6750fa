import Attendance
import Exchange
import StickFiles

extension ImportDesk {
    /// The questions of the control socket about files; see `docs/reference/control.md`.
    func answer(
        _ operation: ControlRequest.Operation, _ request: ControlRequest
    ) async throws -> [UInt8] {
        switch operation {
        case .importBegin:
            guard let file = request.file else { throw ControlError.badRequest }
            var answer = JSONLine()
            answer.add("ticket", try begin(file))
            return answer.finished
        case .importBytes:
            guard let ticket = request.ticket,
                let bytes = request.data.flatMap([UInt8].init(base64:))
            else { throw ControlError.badRequest }
            try add(bytes, to: ticket)
            return JSONLine().finished
        case .importEnd:
            guard let ticket = request.ticket else { throw ControlError.badRequest }
            return try WireJSON.encode(try await finish(ticket, try request.wish()))
        case .importHeld:
            guard let id = request.ticket else { throw ControlError.badRequest }
            return try WireJSON.encode(try await assign(id, try request.wish()))
        default:
            return try WireJSON.encode(HeldList(held: waiting()))
        }
    }
}

/// What waits, as the answer to `import-list`.
public struct HeldList: Hashable, Sendable, Codable {
    public var held: [HeldFile]
}

extension ControlRequest {
    fileprivate func wish() throws -> ImportWish {
        let order = order.map(StickFile.DateOrder.init(rawValue:))
        if case .some(nil) = order { throw ControlError.badRequest }
        return ImportWish(terminal: terminal, order: order ?? nil, isDryRun: dryRun ?? false)
    }
}
