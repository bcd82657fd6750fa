import TerminalKit

/// Collects records into pages, and knows the position after each of them.
struct PageBuilder {
    private var records: [LogRecord] = []
    private var index: Int
    private let recordSize: Int
    /// Records that are still to come.
    private var expected: Int
    /// Hashes of the newest records, at least as many as a proof needs.
    private var recent: [UInt64]
    private let sought: [UInt64]
    /// What is left of them, where the log begins in their midst.
    private(set) var remnant: LogRemnant
    /// The records that were sought have passed, one right after the other.
    private(set) var hasFound = false
    /// Over all records added, in their order; only for comparing two reads.
    private(set) var digest: UInt64 = 0xCBF2_9CE4_8422_2325

    /// - Parameters:
    ///   - index: How many records of the log come before the first one added.
    ///   - expected: How many are to be added, by the size of the table.
    ///   - proof: The hashes of the last of the records before it.
    ///   - sought: The hashes of records to look out for, as many as a proof has at most.
    init(
        index: Int, expecting expected: Int, recordSize: Int, proof: [UInt64],
        seeking sought: [UInt64] = []
    ) {
        self.index = index
        self.expected = expected
        self.recordSize = recordSize
        self.sought = sought
        remnant = LogRemnant(of: index == 0 ? sought : [])
        recent = proof
    }

    var length: Int { records.count }
    var isEmpty: Bool { records.isEmpty }

    mutating func add(_ record: LogRecord, hash: UInt64) {
        // A page that grows by doubling holds up to three times what is in it.
        if records.isEmpty { records.reserveCapacity(min(expected, LogPage.length)) }
        expected = max(0, expected - 1)
        records.append(record)
        note(hash)
        remnant.see(record, hash: hash)
    }

    /// Counts a record without keeping it.
    mutating func note(_ hash: UInt64) {
        index += 1
        digest = (digest ^ hash) &* 0x100_0000_01B3
        recent.append(hash)
        if hash == sought.last, recent.suffix(sought.count).elementsEqual(sought) {
            hasFound = true
        }
        if recent.count > 4 * LogPosition.proofLength {
            recent.removeFirst(recent.count - LogPosition.proofLength)
        }
    }

    /// Adds bytes that have no place in the log's count.
    mutating func addLoose(_ record: LogRecord) {
        records.append(record)
    }

    mutating func take() -> LogPage {
        defer { records = [] }
        let position = LogPosition(
            count: index, recordSize: recordSize, proof: recent,
            sought: sought.isEmpty ? nil : hasFound ? [] : sought)
        return LogPage(records: records, position: position)
    }
}
