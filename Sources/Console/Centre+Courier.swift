import Attendance
public import Central
import Exchange

/// What became of a courier file.
public struct CourierOutcome: Sendable {
    /// The office a bridge was enrolled for by it.
    public fileprivate(set) var office: String?
    public fileprivate(set) var calls = 0
    public fileprivate(set) var ackedThrough: Int64 = 0
    /// Why the rest was not taken; what came before it is kept and receipted.
    public fileprivate(set) var refusal: SyncRefusal?
    /// The file for the way back; nil if nothing was taken.
    public fileprivate(set) var receipts: [UInt8]?

    fileprivate mutating func answer(_ line: [UInt8]) {
        receipts = (receipts ?? Array(ReceiptFile.mark.utf8) + [UInt8(ascii: "\n")]) + line
        receipts?.append(UInt8(ascii: "\n"))
    }
}

extension Centre {
    /// Takes a courier file in, as if its calls came over the line one after the other.
    ///
    /// - Parameters:
    ///   - bytes: The whole file.
    ///   - address: From where, for the audit trail.
    public func accept(
        courier bytes: [UInt8], from address: String
    ) async -> CourierOutcome {
        var outcome = CourierOutcome()
        var file = CourierFile(bytes)
        do {
            while let part = try file.next() {
                switch part {
                case .enrolment(let signed):
                    let answer = try await central.enrolCarried(
                        signed, pins: keys.pins, from: address, at: Surroundings.host.now())
                    outcome.office =
                        (try? WireJSON.decode(EnrolmentAnswer.self, fromOutside: answer.text.utf8))?
                        .office
                    outcome.answer(try WireJSON.encode(answer))
                case .call(let opened):
                    let answer = try await central.accept(opened, at: Surroundings.host.now())
                    outcome.calls += 1
                    outcome.ackedThrough = max(outcome.ackedThrough, answer.ackedThrough)
                    outcome.answer(try WireJSON.encode(answer))
                }
            }
            if outcome.receipts == nil { outcome.refusal = SyncRefusal(.notOurs) }
        } catch {
            outcome.refusal = Self.refusal(error)
        }
        return outcome
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
