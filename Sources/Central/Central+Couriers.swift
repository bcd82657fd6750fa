public import Attendance
import SQLite

extension Central {
    /// So many courier files are remembered.
    private static let mostCouriers = 200

    /// Remembers a courier file that was taken in, and audits it.
    ///
    /// - Parameters:
    ///   - file: Its name.
    ///   - outcome: The console's text.
    ///   - receipts: The file for the way back; nil if nothing was taken.
    ///   - summary: What became of it, for the audit trail.
    ///   - doer: Who handed it in.
    ///   - now: The moment it happens.
    /// - Returns: Its number.
    @discardableResult
    public func keepCourier(
        _ file: String, outcome: String, receipts: [UInt8]?, summary: String, by doer: Doer,
        at now: UTCTime
    ) throws -> Int64 {
        try database.transaction {
            try database.run(
                "INSERT INTO courier (at, who, file, outcome, receipts) VALUES (?, ?, ?, ?, ?)",
                .int(now.milliseconds), .text(doer.name), .text(file), .text(outcome),
                receipts.map { .blob($0) } ?? .null)
            let id = database.lastInsertedRow
            try database.run(
                "DELETE FROM courier WHERE id <= ?", .int(id - Int64(Self.mostCouriers)))
            try audit(doer, "accept-courier", "\(file): \(summary)", at: now)
            return id
        }
    }

    /// The newest first, without their receipts.
    public func couriers(limit: Int) throws -> [KeptCourier] {
        var found: [KeptCourier] = []
        try database.rows(
            "SELECT id, at, who, file, outcome, NULL FROM courier ORDER BY id DESC LIMIT ?",
            .int(limit)
        ) { found.append(Self.courier($0)) }
        return found
    }

    public func courier(_ id: Int64) throws -> KeptCourier? {
        try database.first(
            "SELECT id, at, who, file, outcome, receipts FROM courier WHERE id = ?", .int(id)
        ) { Self.courier($0) }
    }

    private static func courier(_ row: Row) -> KeptCourier {
        KeptCourier(
            id: row.int(0), at: UTCTime(milliseconds: row.int(1)), who: row.text(2),
            file: row.text(3), outcome: row.text(4), receipts: row.optionalBlob(5))
    }
}

/// A courier file that was handed in.
public struct KeptCourier: Hashable, Sendable {
    public let id: Int64
    public let at: UTCTime
    public let who: String
    public let file: String
    /// The text that ``Central/keepCourier(_:outcome:receipts:summary:by:at:)`` was given.
    public let outcome: String
    public let receipts: [UInt8]?
}
