import Attendance
import Exchange
import Journal

/// Answers the questions of the control socket.
///
/// `docs/reference/control.md` lists them. Whatever is asked, there is an answer of one line.
struct ControlDesk: Sendable {
    /// Lines in one answer; who wants more asks again.
    static let mostLines = 10_000

    let overview: Overview
    let journal: Journal
    let imports: ImportDesk
    let courier: CourierDesk
    let written: @Sendable () -> Void
    let syncNow: @Sendable () -> Void
    let reloadEnrolment: @Sendable () -> Void

    func answer(_ line: [UInt8]) async -> [UInt8] {
        do {
            guard let request = try? WireJSON.decode(ControlRequest.self, from: line) else {
                throw ControlError.badRequest
            }
            guard let operation = ControlRequest.Operation(rawValue: request.op) else {
                throw ControlError.unknownOperation(String(request.op.prefix(40)))
            }
            return try await answer(operation, request)
        } catch {
            return Self.failure(Problem(explaining: error))
        }
    }

    private func answer(
        _ operation: ControlRequest.Operation, _ request: ControlRequest
    ) async throws -> [UInt8] {
        switch operation {
        case .status:
            return try WireJSON.encode(await overview.report())
        case .syncStatus:
            return try WireJSON.encode(await overview.sync())
        case .syncNow:
            syncNow()
            return try WireJSON.encode(await overview.sync())
        case .reloadEnrolment:
            reloadEnrolment()
            return try WireJSON.encode(await overview.sync())
        case .punches:
            return try await punches(request)
        case .tail:
            return try await tail(request)
        case .journalStatus:
            return try WireJSON.encode(JournalReport(try await journal.status()))
        case .journalVerify:
            return Self.answer(try await journal.verify(centre: try courier.centreKey()))
        case .journalCheck:
            return Self.answer(check: try await journal.quickCheck())
        case .journalRepair:
            // Answered before it happens: the daemon closes this socket for it.
            let status = JournalReport(try await journal.status())
            journal.callForRepair(RepairCause(.asked))
            return try WireJSON.encode(status)
        case .missing:
            return try WireJSON.encode(await overview.missing())
        case .clockSet:
            guard let change = request.change else { throw ControlError.badRequest }
            return try await note(change.entries(zone: overview.zone, by: overview.host))
        case .clockWitnessed:
            guard let witness = request.witness else { throw ControlError.badRequest }
            return try await note([witness.entry(zone: overview.zone, by: overview.host)])
        case .importBegin, .importBytes, .importEnd, .importHeld, .importList:
            return try await imports.answer(operation, request)
        case .courierPiece:
            return try WireJSON.encode(try await courier.piece(after: request.after))
        case .evidence:
            let piece = try await journal.evidence(
                at: request.ticket, centreKeys: try courier.centreKeys())
            return Self.answer(piece)
        case .courierReceipt:
            guard let line = request.data.flatMap({ [UInt8](base64: $0) }) else {
                throw ControlError.badRequest
            }
            let news = try await courier.take(line)
            if news.isNew { news.enrolled ? reloadEnrolment() : syncNow() }
            return try WireJSON.encode(news)
        }
    }

    /// Keeps what a technician did or saw.
    private func note(_ bodies: [EntryBody]) async throws -> [UInt8] {
        let recorded = try await journal.record(bodies, at: overview.moment)
        written()
        var answer = JSONLine()
        answer.add("seq", recorded.lastSeq)
        return answer.finished
    }

    /// The newest punches, oldest first.
    private func punches(_ request: ControlRequest) async throws -> [UInt8] {
        let last = await journal.headSeq
        let lines = try await journal.newestPunches(
            after: request.after ?? 0, limit: Self.count(request.limit ?? 20))
        return Self.lines(lines.map { Array($0.utf8) }, last: last)
    }

    /// What was written after an entry; without `after` the newest lines.
    private func tail(_ request: ControlRequest) async throws -> [UInt8] {
        let limit = Self.count(request.limit ?? 100)
        let head = await journal.headSeq
        let after = max(0, min(request.after ?? head - Int64(limit), head))
        let lines = try await journal.lines(from: after + 1, limit: limit)
        return Self.lines(lines.map(\.line), last: lines.last?.seq ?? after)
    }

    private static func count(_ limit: Int) -> Int { min(max(limit, 0), mostLines) }

    /// Journal lines are JSON objects already, so they stand in the answer as they are.
    private static func lines(_ lines: [[UInt8]], last: Int64) -> [UInt8] {
        var answer = JSONLine()
        answer.add("lines", json: JSONLine.array(json: lines))
        answer.add("last", last)
        return answer.finished
    }

    private static func answer(_ piece: EvidencePiece) -> [UInt8] {
        var answer = JSONLine()
        answer.add("lines", json: JSONLine.array(json: piece.lines))
        answer.add("next", ifPresent: piece.next)
        return answer.finished
    }

    private static func answer(_ verification: Verification) -> [UInt8] {
        var answer = JSONLine()
        answer.add("whole", verification.isWhole)
        answer.add("entries", verification.entries)
        answer.add("purged", verification.purged)
        if let seq = verification.firstBad { answer.add("first_bad", seq) }
        answer.add("doubt", ifPresent: verification.doubt)
        return answer.finished
    }

    private static func answer(check: String?) -> [UInt8] {
        var answer = JSONLine()
        answer.add("whole", check == nil)
        answer.add("message", ifPresent: check)
        return answer.finished
    }

    private static func failure(_ problem: Problem) -> [UInt8] {
        var error = JSONLine()
        error.add("code", problem.code)
        error.add("id", problem.line(.indonesian))
        error.add("en", problem.line(.english))
        var answer = JSONLine()
        answer.add("error", json: error.finished)
        return answer.finished
    }
}
