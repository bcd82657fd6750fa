import Attendance
import Central
import Exchange
import Glibc

/// Takes courier files in, for the command and for the page alike.
///
/// A file is read from disk piece by piece: no more of it than one call is ever in memory.
struct CourierIntake: Sendable {
    let central: Central
    let pins: [String]
    /// What answers announce; empty as long as the keys are those of the beginning.
    let nextPins: [String]
    let now: @Sendable () -> UTCTime

    /// Bytes of a file. A year of a large office is a twentieth of this.
    static let longest = 512 << 20
    private static let page = 65_536

    /// Takes a file in, as if its calls came over the line one after the other.
    ///
    /// - Parameters:
    ///   - path: Where it is.
    ///   - name: What it is called.
    ///   - doer: Who handed it in, for the audit trail.
    /// - Throws: ``ServerError`` if it cannot be read or is too long; nothing was taken then.
    func accept(
        _ path: String, name: String, by doer: Doer
    ) async throws -> (outcome: CourierOutcome, number: Int64?) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw ServerError.courier(path) }
        defer { close(file) }
        let size = lseek(file, 0, SEEK_END)
        guard (0...Self.longest).contains(size), lseek(file, 0, SEEK_SET) == 0 else {
            throw ServerError.courier(path)
        }
        var outcome = CourierOutcome()
        do {
            try await take(file, path, into: &outcome, from: doer.address)
            outcome.settle()
        } catch let error as ServerError {
            throw error
        } catch {
            outcome.refuse(Self.refusal(error))
        }
        let number = await keep(&outcome, name: name, by: doer)
        return (outcome, number)
    }

    private func take(
        _ descriptor: Int32, _ path: String, into outcome: inout CourierOutcome,
        from address: String
    ) async throws {
        var file = CourierFile()
        var page = [UInt8](repeating: 0, count: Self.page)
        var isFirst = true
        while true {
            let count = read(descriptor, &page, page.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw ServerError.courier(path) }
            if isFirst, ReceiptFile.isOne(page.prefix(count)) { outcome.isReceipt = true }
            isFirst = false
            if count == 0 { file.finish() } else { file.feed(Array(page.prefix(count))) }
            while let part = try file.next() {
                try await take(part, into: &outcome, from: address)
            }
            guard count > 0 else { return }
            await Task.yield()
        }
    }

    private func take(
        _ part: CourierFile.Part, into outcome: inout CourierOutcome, from address: String
    ) async throws {
        switch part {
        case .enrolment(let signed):
            outcome.request = CourierOutcome.Request(signed)
            do {
                let answer = try await central.enrolCarried(
                    signed, pins: pins, from: address, at: now())
                let granted = try WireJSON.decode(EnrolmentAnswer.self, from: answer.text.utf8)
                outcome.request?.office = granted.office
                outcome.keep(try WireJSON.encode(answer), for: "")
            } catch let refusal as SyncRefusal {
                // The bridge may be enrolled by another code long since: its calls tell.
                outcome.request?.refusal = refusal.problem
            }
        case .call(let opened):
            let taken = try await central.acceptCarried(opened, nextPins: nextPins, at: now())
            try outcome.take(taken, of: opened.header)
        }
    }

    /// What was taken is in the books whether or not it can be noted here.
    private func keep(
        _ outcome: inout CourierOutcome, name: String, by doer: Doer
    ) async -> Int64? {
        do {
            let text = String(decoding: try WireJSON.encode(outcome.kept), as: UTF8.self)
            return try await central.keepCourier(
                name, outcome: text, receipts: outcome.receipts, summary: outcome.summary,
                by: doer, at: now())
        } catch {
            outcome.refuse(SyncRefusal(.storeFailed))
            return nil
        }
    }

    private static func refusal(_ error: any Error) -> SyncRefusal {
        switch error {
        case let refusal as SyncRefusal: refusal
        case EnvelopeError.version: SyncRefusal(.unknownVersion)
        case EnvelopeError.damaged: SyncRefusal(.damaged)
        case is EnvelopeError: SyncRefusal(.notOurs)
        default: SyncRefusal(.storeFailed)
        }
    }
}

extension Centre {
    /// Takes a courier file in, as if its calls came over the line one after the other.
    ///
    /// - Throws: ``ServerError`` if it cannot be read or is too long; nothing was taken then.
    public func accept(courier path: String) async throws -> CourierOutcome {
        let intake = CourierIntake(
            central: central, pins: keys.pins, nextPins: try await pinsToAnnounce(),
            now: Surroundings.host.now)
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return try await intake.accept(path, name: name, by: Self.commandLine).outcome
    }
}
