import Exchange
import SQLite

/// The journal's running counts: in memory for reading, on disk with every change.
struct Tallies: Hashable {
    var head: Int64
    var acked: Int64
    var safe: Int64
    var punches: Int64
    var receiptedPunches: Int64
    var oddities: Int64
    /// The chain after the last entry; empty where an older program wrote last.
    var hash: [UInt8]

    init(reading database: Database) throws {
        let row = try database.first(
            "SELECT head, acked, safe, punches, receipted_punches, oddities, hash FROM tally"
        ) { row in (numbers: (0..<6).map { row.int($0) }, hash: row.optionalBlob(6)) }
        let stored = row?.numbers ?? [0, 0, 0, 0, 0, 0]
        hash = row?.hash ?? []
        head = stored[0]
        acked = stored[1]
        safe = stored[2]
        punches = stored[3]
        receiptedPunches = stored[4]
        oddities = stored[5]
    }

    func write(to database: Database) throws {
        try database.run(
            """
            UPDATE tally SET head = ?, acked = ?, safe = ?, punches = ?, receipted_punches = ?,
                oddities = ?, hash = ?
            """, .int(head), .int(acked), .int(safe), .int(punches), .int(receiptedPunches),
            .int(oddities), .blob(hash))
    }
}

/// A receipt on its way to the disk.
struct UnwrittenReceipt: Hashable {
    let through: Int64
    let text: SignedText

    func write(to database: Database) throws {
        try database.run(
            """
            INSERT OR REPLACE INTO receipt (acked, text, key, signature) VALUES (?, ?, ?, ?)
            """, .int(through), .text(text.text), .text(text.key), .text(text.signature))
    }
}
