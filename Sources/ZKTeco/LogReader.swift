internal import Attendance
import TerminalKit

/// One read of the log: from its table in the terminal to pages of punches.
///
/// The order is: count, open the table, find where we stopped last time, hand out what follows
/// in pages, count again. Only the position's own records prove that we stopped there.
final class LogReader {
    private let dialogue: Dialogue
    private let options: DriverOptions
    private let counters: () async throws -> LogCounters
    /// What has been learned of this terminal in this talk.
    private(set) var habits: Habits
    /// The layout of the records, once a record has been seen.
    private(set) var layout: RecordLayout?

    struct Habits: Hashable, Sendable {
        /// The newer way to read a table was refused or ignored.
        var oldWayOnly = false
        /// The older way was asked once whether it has more than the newer one.
        var hasCompared = false
    }

    init(
        _ dialogue: Dialogue, _ options: DriverOptions, habits: Habits,
        counters: @escaping () async throws -> LogCounters
    ) {
        self.dialogue = dialogue
        self.options = options
        self.habits = habits
        self.counters = counters
    }

    func read(
        from position: LogPosition?, keep: (LogPage) async throws -> Void
    ) async throws -> LogRead {
        let before = try await counters()
        guard let table = try await LogTable.open(dialogue, oldWayOnly: &habits.oldWayOnly) else {
            return try await empty(position, before, keep)
        }
        do {
            let read = try await read(table, position, before, keep)
            guard !read.isComplete, mayCompare(table) else { return read }
            habits.hasCompared = true
            guard let whole = try? await LogTable.openOldWay(dialogue), whole.size > table.size
            else { return read }
            return try await self.read(whole, position, before, keep)
        } catch let error as DriverError {
            guard case .incomplete = error, mayCompare(table),
                let whole = try? await LogTable.openOldWay(dialogue)
            else { throw error }
            return try await read(whole, position, before, keep)
        }
    }

    /// Some firmware announces less by the newer way than it holds, or more than it delivers;
    /// the older way is then right. It sends everything, so it is asked once in a talk, and not
    /// over datagrams, where a long answer hardly ever comes whole.
    private func mayCompare(_ table: LogTable) -> Bool {
        table.isBuffered && !dialogue.isDatagram && !habits.hasCompared
    }

    // MARK: The ways through a table

    private func read(
        _ table: LogTable, _ position: LogPosition?, _ before: LogCounters,
        _ keep: (LogPage) async throws -> Void
    ) async throws -> LogRead {
        guard table.size > 4 else { return try await empty(position, before, keep) }
        let mayBeShort = ShortRecords.mayFill(table.size - 4, count: before.records)
        if !mayBeShort, let start = try await resume(table, position) {
            let sought = position?.sought ?? []
            let pass = try await stream(table, start, seeking: sought, keep)
            return try await finish(
                table, pass, before, lost: !sought.isEmpty && !pass.hasFound)
        }
        let known = position.flatMap { $0.count > 0 ? $0 : nil }
        let (whole, head) = try await honest(table)
        let total = whole.size - 4
        let sample = Array(head.dropFirst(4))
        if let size = options.recordSize {
            guard let layout = RecordLayout.chosen(size: size) else {
                throw DriverError.unsupported(what: "record_size", code: size)
            }
            return try await readAll(whole, layout, before, known, keep)
        }
        if let count = before.records, let records = try await shortRecords(whole, count) {
            return try await keepShort(records, whole, known, keep)
        }
        guard let layout = RecordSize.find(total: total, count: before.records, sample: sample)
        else {
            let size = total / max(1, before.records ?? total)
            throw DriverError.unsupported(what: "log records of an unknown length", code: size)
        }
        return try await readAll(whole, layout, before, known, keep)
    }

    /// Where the last read's proof comes by, in a ring that has moved on far, nothing is missing
    /// behind it.
    private func readAll(
        _ table: LogTable, _ layout: RecordLayout, _ before: LogCounters, _ known: LogPosition?,
        _ keep: (LogPage) async throws -> Void
    ) async throws -> LogRead {
        let start = Start(index: 0, layout: layout, proof: [], extent: .full)
        let earlier = known?.sought ?? []
        let sought = earlier.isEmpty ? known?.proof ?? [] : earlier
        let pass = try await stream(table, start, seeking: sought, keep)
        return try await finish(table, pass, before, lost: known != nil && !pass.hasFound)
    }

    /// The terminal says that there is nothing.
    private func empty(
        _ position: LogPosition?, _ before: LogCounters, _ keep: (LogPage) async throws -> Void
    ) async throws -> LogRead {
        let known = position?.count ?? 0
        if let count = before.records, count > 0 {
            throw DriverError.incomplete(received: 0, expected: count)
        }
        var isComplete = before.records == 0
        if !isComplete {
            let again = try await LogTable.open(dialogue, oldWayOnly: &habits.oldWayOnly)
            try await again?.free()
            isComplete = (again?.size ?? 0) <= 4
        }
        // Only what is sure may make us forget how far we had read.
        let lost = known > 0 && isComplete
        if lost {
            let start = LogPosition(count: 0, recordSize: position?.recordSize ?? 0, proof: [])
            try await keep(LogPage(records: [], position: start))
        }
        return LogRead(
            extent: known == 0 && position != nil ? .unchanged : .full, received: 0, total: 0,
            isComplete: isComplete, lostPosition: lost)
    }

    // MARK: Where to begin

    /// Finds the place where the last read ended: at its index, or, in a ring that has moved on
    /// or a log whose oldest records were deleted, among the newest records.
    ///
    /// - Returns: nil if everything has to be read.
    private func resume(_ table: LogTable, _ position: LogPosition?) async throws -> Start? {
        guard let position, position.count > 0, !position.proof.isEmpty,
            options.recordSize.map({ $0 == position.recordSize }) ?? true,
            let layout = RecordLayout.chosen(size: position.recordSize),
            (table.size - 4) % layout.size == 0
        else { return nil }
        let count = (table.size - 4) / layout.size
        let first = position.count - position.proof.count
        if first >= 0, position.count <= count,
            try await table.hashes(layout, first..<position.count) == position.proof
        {
            return start(position.count, layout, position.proof, of: count)
        }
        let searched = max(0, count - LogPosition.searchLength)
        let newest = try await table.hashes(layout, searched..<count)
        guard let end = position.end(in: newest) else { return nil }
        return start(searched + end, layout, position.proof, of: count)
    }

    private func start(
        _ index: Int, _ layout: RecordLayout, _ proof: [UInt64], of count: Int
    ) -> Start {
        Start(
            index: index, layout: layout, proof: proof,
            extent: index == count ? .unchanged : .tail)
    }

    /// The table's first piece, and the table itself: another one if this one contradicts
    /// itself and the older way gives one that does not.
    private func honest(_ table: LogTable) async throws -> (LogTable, head: [UInt8]) {
        let head = try await table.readHead()
        guard LogTable.declared(head) != table.size - 4, table.isBuffered else {
            return (table, head)
        }
        try await table.free()
        if let other = try? await LogTable.openOldWay(dialogue) {
            let otherHead = try await other.readHead()
            if LogTable.declared(otherHead) == other.size - 4 { return (other, otherHead) }
        }
        let again = try await LogTable.open(dialogue, oldWayOnly: &habits.oldWayOnly)
        guard let again else { return (table, head) }
        return (again, try await again.readHead())
    }

    // MARK: Records

    /// Hands out the records from `start` on, in pages.
    private func stream(
        _ table: LogTable, _ start: Start, seeking sought: [UInt64] = [],
        _ keep: (LogPage) async throws -> Void
    ) async throws -> Pass {
        layout = start.layout
        let size = start.layout.size
        let count = (table.size - 4) / size
        let remainder = (table.size - 4) % size
        var decoder = RecordDecoder(start.layout)
        var pages = PageBuilder(
            index: start.index, expecting: count - start.index, recordSize: size,
            proof: start.proof, seeking: sought)
        try await table.walk(table.range(size, start.index..<count), stride: size) { bytes in
            for offset in stride(from: 0, to: bytes.count, by: size) {
                pages.add(
                    decoder.decode(bytes, at: offset),
                    hash: LogPosition.hash(of: bytes[offset..<(offset + size)]))
                if pages.length >= LogPage.length { try await keep(pages.take()) }
            }
        }
        if remainder > 0 {
            var rest: [UInt8] = []
            try await table.walk((table.size - remainder)..<table.size, stride: 1) { rest += $0 }
            pages.addLoose(.oddity(Oddity(reason: Reason.cut, raw: rest)))
        }
        if !pages.isEmpty { try await keep(pages.take()) }
        return Pass(
            start: start, count: count, digest: pages.digest, remainder: remainder,
            hasFound: pages.hasFound, remnantSeconds: pages.remnant.seconds)
    }

    // MARK: The end of a read

    /// Counts again and says whether the read is complete.
    private func finish(
        _ table: LogTable, _ pass: Pass, _ before: LogCounters, lost: Bool
    ) async throws -> LogRead {
        try await table.free()
        let after = try await counters()
        var isComplete = pass.remainder == 0
        if let first = before.records, let last = after.records, max(first, last) > 0 {
            // Punches may be made while we read: any number between the two counts is right.
            isComplete = isComplete && first <= pass.count && pass.count <= last
        } else {
            if isComplete { isComplete = try await agrees(pass) }
        }
        // Only a log that is full loses records of itself.
        let isRing = lost && before.areFull(at: pass.count)
        return LogRead(
            extent: pass.start.extent, received: pass.count - pass.start.index,
            total: max(after.records ?? 0, pass.count), isComplete: isComplete,
            lostPosition: lost, remnantSeconds: isRing ? pass.remnantSeconds : nil)
    }

    /// The terminal counts nothing, so a second read has to give the same records.
    private func agrees(_ pass: Pass) async throws -> Bool {
        guard let table = try await LogTable.open(dialogue, oldWayOnly: &habits.oldWayOnly) else {
            return pass.count == 0
        }
        let size = pass.start.layout.size
        guard table.size >= 4 + pass.count * size else { return false }
        var again = PageBuilder(
            index: pass.start.index, expecting: 0, recordSize: size, proof: pass.start.proof)
        for hash in try await table.hashes(pass.start.layout, pass.start.index..<pass.count) {
            again.note(hash)
        }
        try await table.free()
        return again.digest == pass.digest
    }

    // MARK: The short form

    private func shortRecords(
        _ table: LogTable, _ count: Int
    ) async throws -> ShortRecords? {
        guard ShortRecords.mayFill(table.size - 4, count: count) else { return nil }
        var bytes: [UInt8] = []
        try await table.walk(4..<table.size, stride: 1) { bytes += $0 }
        return ShortRecords(bytes, count: count)
    }

    /// Records of two lengths have no place that can be reckoned, so the whole table comes each
    /// time; handed out is what follows the position.
    private func keepShort(
        _ records: ShortRecords, _ table: LogTable, _ known: LogPosition?,
        _ keep: (LogPage) async throws -> Void
    ) async throws -> LogRead {
        layout = RecordLayout.known(size: 8)
        let hashes = records.map(\.hash)
        let end = known.flatMap { $0.end(in: hashes) }
        let start = end ?? 0
        var pages = PageBuilder(
            index: start, expecting: hashes.count - start, recordSize: 8,
            proof: Array(hashes[..<start].suffix(LogPosition.proofLength)))
        for entry in records.dropFirst(start) {
            pages.add(entry.record, hash: entry.hash)
            if pages.length >= LogPage.length { try await keep(pages.take()) }
        }
        if !pages.isEmpty { try await keep(pages.take()) }
        try await table.free()
        let after = try await counters()
        return LogRead(
            extent: end.map { $0 == hashes.count ? .unchanged : .tail } ?? .full,
            received: hashes.count - start, total: max(after.records ?? 0, hashes.count),
            isComplete: hashes.count <= after.records ?? 0,
            lostPosition: known != nil && (end == nil || known?.sought?.isEmpty == false))
    }
}
