import Attendance
import Exchange
import Foundation
import Journal
import SQLite
import TestSupport
import Testing

/// What the journal has confirmed, as its caller knows it.
private struct Ledger {
    var punches: Int64 = 0
    var head: ChainHash?
    var acked: Int64 = 0
}

/// 1,000 punches come in, are sent and are receipted, and the disk fails at one step of it.
@Suite struct `A journal on a failing disk` {
    private static let isSoak = SoakRow.isSoak
    private static let total: Int64 = 1_000
    private static let page: Int64 = 50

    private func ingest(
        _ office: Office, into journal: Journal, from start: Int64 = 0, ledger: inout Ledger
    ) async throws {
        for first in stride(from: start, to: Self.total, by: Int(Self.page)) {
            let end = first + Self.page
            try await journal.record(
                office.punches(first..<end), positions: [office.terminal: "\(end)"],
                at: office.moment())
            ledger.punches = end
            ledger.head = try await journal.hash(before: end + 1)
            // Every second page the line is up.
            guard end % (2 * Self.page) == 0 else { continue }
            let (receipt, text) = try await office.receipt(for: journal, through: end)
            try await journal.keep(receipt, text: text)
            // One that the disk has refused holds in memory alone.
            try await journal.probe()
            ledger.acked = await journal.ackedThrough
        }
    }

    /// How many steps the whole takes when nothing fails.
    private func steps() async throws -> Int {
        var steps = 0
        try await withOffice { office in
            let disk = try FaultDisk()
            disk.heal()
            let journal = try disk.run { try office.open() }
            var ledger = Ledger()
            try await ingest(office, into: journal, ledger: &ledger)
            try await journal.checkpoint()
            steps = disk.steps
            await journal.close()
        }
        return steps
    }

    /// What was confirmed is there as it was, once, and the journal works on.
    private func examine(_ office: Office, _ ledger: Ledger) async throws -> [String] {
        var faults: [String] = []
        let journal: Journal
        do {
            journal = try office.open()
        } catch JournalError.behind {
            return ["lost"]  // and it says so by itself
        } catch {
            let sizes = try office.files().map { "\($0.key) \($0.value.count)" }
            return ["not opened: \(error) \(sizes)"]
        }
        if let wrong = try await journal.quickCheck() { faults.append("the file: \(wrong)") }
        if let bad = try await journal.verify().firstBad { faults.append("the chain at \(bad)") }
        let found = try await journal.status()
        if found.headSeq < ledger.punches { faults.append("lost") }
        if found.ackedThrough < ledger.acked { faults.append("a receipt lost") }
        if let head = ledger.head, found.headSeq >= ledger.punches,
            try await journal.hash(before: ledger.punches + 1) != head
        {
            faults.append("changed")
        }
        let position = try await journal.position(of: office.terminal) ?? "0"
        if position != "\(found.punches)" { faults.append("position \(position)") }
        var again = Ledger()
        // The terminal is read once more from its beginning.
        try await ingest(office, into: journal, ledger: &again)
        let after = try await journal.status()
        if after.punches != Self.total || after.headSeq != Self.total { faults.append("doubled") }
        if after.queue != 0 { faults.append("unsent") }
        await journal.close()
        return faults
    }

    /// Cuts the power at one step.
    private func cut(
        at step: Int, leaving seed: UInt64, weakened: Bool = false
    ) async throws -> (confirmed: Int, faults: [String]) {
        var faults: [String] = []
        var confirmed: Int64 = 0
        try await withOffice { office in
            let disk = try FaultDisk()
            var ledger = Ledger()
            disk.arm(.power, at: step)
            do {
                let journal = try disk.run { try office.open() }
                do {
                    if weakened { try await journal.syncLess() }
                    try await ingest(office, into: journal, ledger: &ledger)
                    try await journal.checkpoint()
                } catch {}
                await journal.close()
            } catch {}
            #expect(disk.isStruck, "nothing happened at step \(step)")
            try disk.settle(seed)
            confirmed = ledger.punches
            faults = try await examine(office, ledger)
        }
        return (Int(confirmed), faults)
    }

    @Test func `loses and doubles nothing when the power goes, at any step`() async throws {
        let steps = try await steps()
        #expect(steps > 200)
        var row = SoakRow(
            rig: "PowerCutTests", fault: "power cut at every write and sync of the journal",
            at: "bridge")
        for step in stride(from: 1, through: steps, by: Self.isSoak ? 1 : 23) {
            let seeds = [0, 1, UInt64(step) + 2]
            for seed in Self.isSoak ? seeds : [seeds[step % 3]] {
                let (confirmed, faults) = try await cut(at: step, leaving: seed)
                #expect(faults.isEmpty, "power cut at step \(step), left by \(seed): \(faults)")
                row.round(acknowledged: confirmed, faults: faults)
            }
        }
        row.controlLost = Self.isSoak ? try await lossesWithoutSync() : nil
        try row.write()
    }

    private func lossesWithoutSync() async throws -> Int {
        let steps = try await steps() / 2
        var losses = 0
        for step in stride(from: steps / 2, through: steps, by: max(1, steps / 12)) {
            let faults = try await cut(at: step, leaving: 0, weakened: true).faults
            if faults.contains("lost") { losses += 1 }
        }
        return losses
    }

    @Test func `that does not sync its commits loses what it confirmed`() async throws {
        let losses = try await lossesWithoutSync()
        #expect(losses > 0, "the control lost nothing: these tests do not bite")
    }

    /// The step fails, the caller tries again on the same journal, and then the power goes.
    ///
    /// - Parameter careless: The control: the caller takes what was refused for kept.
    private func fail(
        _ fault: FaultDisk.Fault, at step: Int, seed: UInt64, careless: Bool = false
    ) async throws -> (confirmed: Int, faults: [String]) {
        var faults: [String] = []
        var confirmed: Int64 = 0
        try await withOffice { office in
            let disk = try FaultDisk()
            var ledger = Ledger()
            let journal = try disk.run { try office.open() }
            disk.arm(fault, at: step)
            do {
                try await ingest(office, into: journal, ledger: &ledger)
            } catch  where careless {
                ledger.punches += Self.page
                ledger.head = nil
            } catch {
                try await ingest(office, into: journal, from: ledger.punches, ledger: &ledger)
            }
            #expect(disk.isStruck, "nothing happened at step \(step)")
            disk.arm(.power, at: 1)
            await journal.close()
            try disk.settle(seed)
            confirmed = ledger.punches
            faults = try await examine(office, ledger)
        }
        return (Int(confirmed), faults)
    }

    @Test(arguments: [FaultDisk.Fault.inputOutput, .full, .shortWrite])
    func `goes on after a failed step and keeps what it confirmed`(fault: FaultDisk.Fault)
        async throws
    {
        // The steps of opening come before the disk is armed.
        let last = try await steps() * 3 / 4
        // Among the last ones is the sync of a commit: SQLite finds it whole in the log afterwards,
        // the disk does not have it, and no checkpoint mends that before the power goes.
        let some = Array(stride(from: 1, through: last, by: 41)) + Array(last - 30...last)
        var row = SoakRow(
            rig: "PowerCutTests",
            fault: "\(fault) at every write and sync of the journal, then a cut",
            at: "bridge")
        for step in Self.isSoak ? Array(1...last) : some {
            let (confirmed, faults) = try await fail(fault, at: step, seed: UInt64(step % 3))
            #expect(faults.isEmpty, "\(fault) at step \(step): \(faults)")
            row.round(acknowledged: confirmed, faults: faults)
        }
        var losses = 0
        for step in stride(from: last / 8, through: last, by: last / 8) {
            let faults = try await fail(fault, at: step, seed: 0, careless: true).faults
            if faults.contains("lost") { losses += 1 }
        }
        #expect(losses > 0, "the control lost nothing: these tests do not bite")
        row.controlLost = losses
        try row.write()
    }

    @Test func `confirms nothing on a disk that fails, and works on once it does not`() async throws
    {
        for fault in [FaultDisk.Fault.inputOutput, .full] {
            try await withOffice { office in
                let disk = try FaultDisk()
                disk.heal()
                let journal = try disk.run { try office.open() }
                try await journal.record(office.punches(0..<50), at: office.moment())
                disk.arm(fault, at: 1, lasting: true)
                for _ in 0..<3 {
                    await #expect(throws: SQLiteError.self) {
                        try await journal.record(office.punches(50..<100), at: office.moment())
                    }
                    await #expect(throws: SQLiteError.self) { try await journal.probe() }
                    #expect(await journal.headSeq == 50)
                }
                disk.heal()
                try await journal.probe()
                try await journal.record(office.punches(0..<100), at: office.moment())
                #expect(try await journal.status().punches == 100)
                #expect(try await journal.verify().isWhole)
                await journal.close()
            }
        }
    }

    @Test func `that is full sends on: a receipt holds as long as it is open`() async throws {
        try await withOffice { office in
            let disk = try FaultDisk()
            disk.heal()
            let journal = try disk.run { try office.open() }
            try await journal.record(office.punches(0..<100), at: office.moment())
            disk.arm(.full, at: 1, lasting: true)
            let (receipt, text) = try await office.receipt(for: journal, through: 60)
            #expect(try await journal.keep(receipt, text: text))
            let waiting = try await journal.outbox(maxEntries: 9, maxBytes: 9_999)
            #expect(waiting?.first == 61)
            disk.heal()
            try await journal.record(office.punches(100..<101), at: office.moment())
            await journal.close()
            let again = try office.open()
            #expect(try await again.status().ackedThrough == 60)
            #expect(try await again.status().receiptedPunches == 60)
            let whole = try await again.verify(centre: office.key.verifying)
            #expect(whole.isWhole, "the receipt went to the disk with the next entry")
        }
    }
}
