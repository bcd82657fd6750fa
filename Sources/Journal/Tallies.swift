import SQLite

/// The journal's running counts: in memory for reading, on disk with every change.
struct Tallies: Hashable {
    var head: Int64
    var acked: Int64
    var safe: Int64
    var punches: Int64
    var receiptedPunches: Int64
    var oddities: Int64

    init(reading database: Database) throws {
        let row = try database.first(
            "SELECT head, acked, safe, punches, receipted_punches, oddities FROM tally"
        ) { row in (0..<6).map { row.int($0) } }
        let stored = row ?? [0, 0, 0, 0, 0, 0]
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
                oddities = ?
            """, .int(head), .int(acked), .int(safe), .int(punches), .int(receiptedPunches),
            .int(oddities))
    }
}
