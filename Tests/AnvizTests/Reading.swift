import Attendance
import TerminalKit

@testable import Anviz

/// What a reader of a log keeps, as the bridge would.
final class Shelf {
    private(set) var records: [LogRecord] = []
    private(set) var pages = 0
    private(set) var position: LogPosition?

    init(_ position: LogPosition? = nil) {
        self.position = position
    }

    func keep(_ page: LogPage) {
        pages += 1
        records += page.records
        if let reached = page.position { position = reached }
    }

    /// Every row that is kept, by its bytes, each once: as identities do.
    var rows: Set<[UInt8]> { Set(records.compactMap(rowBytes)) }

    func forgetRecords() { records = [] }
}

/// The bytes of a kept record.
func rowBytes(_ record: LogRecord) -> [UInt8]? {
    switch record {
    case .oddity(let oddity): return oddity.raw
    case .punch(let punch):
        guard let user = UInt64(punch.pin.text) else { return nil }
        return punch.raw
            ?? Records.encode(
                user: user, time: punch.time, backup: UInt8(clamping: punch.verifyNumber),
                type: UInt8(clamping: punch.stateNumber), work: UInt32(clamping: punch.workCode))
    }
}

/// Opens a talk with `terminal` and reads its log from where `shelf` stands.
@discardableResult
func read(
    _ terminal: ModelTerminal, onto shelf: Shelf, confirm: ConfirmPolicy = .never,
    over link: (any Link)? = nil
) async throws -> LogRead {
    var options = DriverOptions()
    options.confirm = confirm
    let session = try await AnvizDriver(options: options).open(link ?? terminal)
    return try await session.readLog(from: shelf.position) { shelf.keep($0) }
}
