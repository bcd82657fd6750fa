import Attendance
import Central
import Exchange
import Foundation
import TestSupport
import Testing

/// 1,000 punches arrive in calls of 50, and the power goes at one step of it.
@Suite struct `A centre on a failing disk` {
    private static let isSoak = SoakRow.isSoak
    private static let total = 1_000
    private static let page = 50

    private static func filled(_ box: Box) throws -> Box {
        var box = box
        for second in 0..<total { box.write(try punch("17", Int64(second))) }
        return box
    }

    /// Sends everything; `through` tells what receipts have proved so far.
    private func send(_ box: inout Box, to central: Central, through: inout Int) async throws {
        for first in stride(from: 0, to: Self.total, by: Self.page) {
            let call = try box.call(first..<first + Self.page)
            let answer = try await central.accept(call, at: moment())
            #expect(answer.verifiedReceipt(by: central.receiptKey.verifying) != nil)
            through = max(through, Int(answer.ackedThrough))
        }
    }

    /// Arms the disk once the centre knows its offices and the box.
    private func run(
        cutAt step: Int?, leaving seed: UInt64, weakened: Bool = false
    ) async throws -> (steps: Int, receipted: Int, faults: [String]) {
        let centre = try await Centre()
        var box = try Self.filled(try await centre.box())
        await centre.central.close()
        let disk = try FaultDisk()
        var through = 0
        var steps = 0
        do {
            let central = try disk.run { try centre.reopened() }
            if weakened { try await central.syncLess() }
            if let step { disk.arm(.power, at: step) } else { disk.heal() }
            do {
                try await send(&box, to: central, through: &through)
                try await central.checkpoint()
            } catch {}
            steps = disk.steps
            await central.close()
        }
        guard step != nil else { return (steps, through, []) }
        #expect(disk.isStruck, "nothing happened at step \(step ?? 0)")
        try disk.settle(seed)
        return (steps, through, try await examine(centre, &box, through))
    }

    /// The step fails, the box calls again, after the centre was started anew or not, and then the
    /// power goes.
    ///
    /// - Parameter careless: The control: the box takes what was refused for receipted.
    private func fail(
        _ fault: FaultDisk.Fault, at step: Int, restarts: Bool, careless: Bool = false
    ) async throws -> (receipted: Int, faults: [String]) {
        let centre = try await Centre()
        var box = try Self.filled(try await centre.box())
        await centre.central.close()
        let disk = try FaultDisk()
        var through = 0
        var central = try disk.run { try centre.reopened() }
        disk.arm(fault, at: step)
        do {
            try await send(&box, to: central, through: &through)
        } catch  where careless {
            through += Self.page
        } catch {
            if restarts {
                await central.close(untouched: true)
                central = try disk.run { try centre.reopened() }
            }
            try await send(&box, to: central, through: &through)
        }
        #expect(disk.isStruck, "nothing happened at step \(step)")
        disk.arm(.power, at: 1)
        await central.close()
        try disk.settle(UInt64(step % 3))
        return (through, try await examine(centre, &box, through))
    }

    @Test(arguments: [FaultDisk.Fault.inputOutput, .full, .shortWrite])
    func `receipts nothing that a failed step has kept from the disk`(fault: FaultDisk.Fault)
        async throws
    {
        let last = try await run(cutAt: nil, leaving: 0).steps * 3 / 4
        var row = SoakRow(
            rig: "PowerCutTests",
            fault: "\(fault) at every write and sync of the centre, then a cut",
            at: "centre")
        for step in Self.isSoak
            ? Array(1...last) : Array(stride(from: 1, through: last, by: last / 5))
        {
            for restarts in Self.isSoak ? [false, true] : [step % 2 == 0] {
                let (receipted, faults) = try await fail(fault, at: step, restarts: restarts)
                #expect(faults.isEmpty, "\(fault) at step \(step), \(restarts): \(faults)")
                row.round(acknowledged: receipted, faults: faults)
            }
        }
        var losses = 0
        for step in stride(from: last / 4, through: last, by: last / 4) {
            let faults = try await fail(fault, at: step, restarts: false, careless: true).faults
            if faults.contains("lost") { losses += 1 }
        }
        #expect(losses > 0, "the control lost nothing: these tests do not bite")
        row.controlLost = losses
        try row.write()
    }

    /// What was receipted is counted, once, and the office's next calls are taken.
    private func examine(
        _ centre: Centre, _ box: inout Box, _ through: Int
    ) async throws -> [String] {
        var faults: [String] = []
        let central = try centre.reopened()
        if let wrong = try await central.quickCheck() { faults.append("the file: \(wrong)") }
        let before = try await counted(by: central)
        if before.count < through { faults.append("lost") }
        var again = 0
        do {
            try await send(&box, to: central, through: &again)
        } catch {
            faults.append("refused: \(error)")
        }
        let after = try await counted(by: central)
        if again < Self.total { faults.append("unreceipted") }
        if after.count != Self.total { faults.append("counts \(after.count)") }
        if Set(after.map(\.time)).count != Self.total { faults.append("doubled") }
        await central.close()
        return faults
    }

    private func counted(by central: Central) async throws -> [CountedPunch] {
        var all: [CountedPunch] = []
        try await central.forEachPunch(office: OfficeID(Centre.north)) { all += $0 }
        return all
    }

    @Test func `loses and doubles nothing when the power goes, at any step`() async throws {
        let steps = try await run(cutAt: nil, leaving: 0).steps
        #expect(steps > 100)
        var row = SoakRow(
            rig: "PowerCutTests", fault: "power cut at every write and sync of the centre",
            at: "centre")
        for step in stride(from: 1, through: steps, by: Self.isSoak ? 1 : max(1, steps / 9)) {
            let seeds = [0, 1, UInt64(step) + 2]
            for seed in Self.isSoak ? seeds : [seeds[step % 3]] {
                let (_, receipted, faults) = try await run(cutAt: step, leaving: seed)
                #expect(faults.isEmpty, "power cut at step \(step), left by \(seed): \(faults)")
                row.round(acknowledged: receipted, faults: faults)
            }
        }
        row.controlLost = Self.isSoak ? try await lossesWithoutSync() : nil
        try row.write()
    }

    private func lossesWithoutSync() async throws -> Int {
        let steps = try await run(cutAt: nil, leaving: 0, weakened: true).steps
        var losses = 0
        for step in stride(from: steps / 8, through: steps, by: max(1, steps / 6)) {
            let faults = try await run(cutAt: step, leaving: 0, weakened: true).faults
            if !faults.isEmpty { losses += 1 }
        }
        return losses
    }

    @Test func `that does not sync its commits loses what it receipted`() async throws {
        let losses = try await lossesWithoutSync()
        #expect(losses > 0, "the control lost nothing: these tests do not bite")
    }
}
