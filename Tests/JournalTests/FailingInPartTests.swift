import Attendance
import Exchange
import Foundation
import Journal
import SQLite
import TestSupport
import Testing

/// Small files beside the journal are written, and the database's own writes are answered with EIO: at
/// one step of a commit, and at so many steps of what is tried after it.
@Suite struct `A disk that fails only in part` {
    private static let confirmed: Int64 = 100
    private static let batch = 25

    /// What waits is read as a bridge reads it, and receipted.
    ///
    /// - Returns: Through where the centre has it.
    private func send(_ office: Office, _ journal: Journal, from seq: Int64) async throws -> Int64 {
        guard
            let batch = try await journal.outbox(
                maxEntries: Self.batch, maxBytes: 1 << 20)
        else { return seq }
        #expect(batch.first == seq + 1, "what the centre has is sent again and again")
        let (receipt, text) = try await office.receipt(for: journal, through: batch.last)
        try await journal.keep(receipt, text: text)
        return batch.last
    }

    /// The disk fails at a step of a commit and `count` steps long; a bridge works on all the while.
    ///
    /// - Returns: Whether anything was refused.
    private func fail(at step: Int, for count: Int, leaving seed: UInt64) async throws -> Bool {
        var isBitten = false
        try await withOffice { office in
            let disk = try FaultDisk()
            disk.heal()
            let journal = try disk.run { try office.open() }
            try await journal.record(
                office.punches(0..<Self.confirmed), at: office.moment())
            disk.arm(.inputOutput, at: step, for: count)
            var known = Self.confirmed
            var sent: Int64 = 0
            for _ in 0..<4 {
                do {
                    try await journal.probe()
                    // A commit that was refused may be whole, and is kept then.
                    known = await journal.headSeq
                    try await journal.record(
                        office.punches(known..<known + 10), at: office.moment())
                    known += 10
                } catch let error as SQLiteError {
                    #expect(error.isInputOutput)
                    isBitten = true
                    let end = try await journal.outbox(
                        from: known, maxEntries: 99, maxBytes: 1 << 20)
                    #expect(end?.last == known, "what was not confirmed is not sent")
                }
                // Sending goes on, whatever became of the disk.
                let acked = await journal.ackedThrough
                sent = try await send(office, journal, from: min(sent, acked))
            }
            disk.heal()
            try await journal.probe()
            known = await journal.headSeq + 1
            try await journal.record(office.punches(0..<known), at: office.moment())
            disk.arm(.power, at: 1)
            await journal.close()
            try disk.settle(seed)
            let again = try office.open()
            #expect(try await again.quickCheck() == nil)
            #expect(try await again.verify().isWhole)
            #expect(try await again.status().punches == Int(known))
            await again.close()
        }
        return isBitten
    }

    @Test func `sends what was confirmed before, and confirms nothing meanwhile`() async throws {
        var bitten = 0
        for step in 1...12 {
            for count in [1, 2, 3, 5, 9, 99, 9_999] {
                let isBitten = try await fail(
                    at: step, for: count, leaving: UInt64(step + count) % 3)
                bitten += isBitten ? 1 : 0
            }
        }
        #expect(bitten > 40, "few writes were refused: \(bitten)")
    }
}
