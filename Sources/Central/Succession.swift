public import Attendance
public import Exchange
import SQLite

/// Which keys have signed receipts before the one of today, as the centre has stated it.
struct Succession: Sendable {
    /// Each a ``KeySuccession`` signed by the key that it follows, the oldest first.
    private(set) var statements: [SignedText] = []
    private(set) var formers: [VerifyingKey] = []
    private(set) var newest: VerifyingKey?

    init(in database: Database) throws {
        try database.rows(
            "SELECT text, key, signature, former, next FROM succession ORDER BY id"
        ) { row in
            statements.append(
                SignedText(text: row.text(0), key: row.text(1), signature: row.text(2)))
            formers.append(try VerifyingKey(bytes: row.blob(3)))
            newest = try VerifyingKey(bytes: row.blob(4))
        }
    }
}

extension Central {
    /// Lets another key sign receipts from now on, and states it with the key of before.
    ///
    /// Bridges follow by themselves, also those that were away for a year. A power cut at any step
    /// leaves the old key in force or the new one. A server that runs goes on with the old key until it is
    /// started again, which bridges accept.
    ///
    /// - Parameters:
    ///   - folder: Of the books and keys.
    ///   - doer: Who does it, for the audit trail.
    ///   - now: The moment it happens.
    /// - Returns: The new key.
    public func rotateReceiptKey(
        in folder: String, by doer: Doer, at now: UTCTime
    ) throws -> VerifyingKey {
        let next = try database.transaction {
            // What another command was cut short at is ended first.
            let former = try ReceiptKey.settled(
                try ReceiptKey.load(orMakeIn: folder), in: folder,
                after: try Succession(in: database))
            let next = try ReceiptKey.draftNext(in: folder)
            let statement = try KeySuccession(next.verifying, at: now).signed(by: former)
            try database.run(
                """
                INSERT INTO succession (at, text, key, signature, former, next)
                VALUES (?, ?, ?, ?, ?, ?)
                """, .int(now.milliseconds), .text(statement.text), .text(statement.key),
                .text(statement.signature), .blob(former.verifying.bytes),
                .blob(next.verifying.bytes))
            try audit(doer, "rotate-receipt-key", next.verifying.id, at: now)
            return next
        }
        CrashPoint.keyStated.reached()
        try ReceiptKey.promoteNext(in: folder)
        CrashPoint.keyPromoted.reached()
        return next.verifying
    }

    /// Whether a text is a receipt of our own, of today's key or of one before.
    nonisolated func isOurReceipt(_ text: SignedText) -> Bool {
        ([receiptKey.verifying] + succession.formers).contains {
            $0.id == text.key && text.isSigned(by: $0, purpose: .receipt)
        }
    }
}
