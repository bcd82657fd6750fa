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
        head = try database.int("SELECT coalesce(max(seq), 0) FROM entry") ?? 0
        let row = try database.first(
            "SELECT acked, safe, punches, receipted_punches, oddities FROM tally"
        ) { row in (0..<5).map { row.int($0) } }
        let stored = row ?? [0, 0, 0, 0, 0]
        acked = stored[0]
        safe = stored[1]
        punches = stored[2]
        receiptedPunches = stored[3]
        oddities = stored[4]
    }

    func write(to database: Database) throws {
        try database.run(
            "UPDATE tally SET acked = ?, safe = ?, punches = ?, receipted_punches = ?, oddities = ?",
            .int(acked), .int(safe), .int(punches), .int(receiptedPunches), .int(oddities))
    }
}
