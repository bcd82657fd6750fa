internal import Attendance
internal import TerminalKit

/// One read of the log: the least that proves what is new.
///
/// The protocol gives the whole log or the rows whose "new" flag is set, nothing else. So:
///
/// 1. The count and the beginning of the log are as they were: nothing has changed. A log that
///    only grows, and a ring that drops its oldest row for each new one, cannot change otherwise.
/// 2. The "new" rows begin inside what was read last, or directly behind it: only they are read.
/// 3. Otherwise everything is read, and only what follows the last position's proof is handed on.
///
/// The beginning is always read before the rows, so that a punch in between shows as a change
/// next time. Why so: docs/decisions/0010-reading-anviz-logs.md.
struct LogReader {
    private let dialogue: Dialogue
    private let confirms: Bool
    private let capacity: Int?
    private let counters: () async throws -> Counters

    /// - Parameters:
    ///   - confirms: Clear the flags of what is on disk.
    ///   - capacity: Rows the terminal can hold; nil if it does not say, then any log may be a
    ///     ring that is full.
    init(
        _ dialogue: Dialogue, confirms: Bool, capacity: Int?,
        counters: @escaping () async throws -> Counters
    ) {
        self.dialogue = dialogue
        self.confirms = confirms
        self.capacity = capacity
        self.counters = counters
    }

    func read(
        from position: LogPosition?, keep: (LogPage) async throws -> Void
    ) async throws -> LogRead {
        let before = try await counters()
        guard before.records > 0 else { return try await uncounted(position, keep) }
        guard let proven = position, proven.recordSize == Records.rowLength, proven.count > 0,
            let known = proven.head, !known.isEmpty, before.records >= proven.count
        else { return try await whole(position, before, keep) }
        let head = try await beginning(of: before)
        let new = before.newRecords <= before.records ? before.newRecords : 0
        let isAsBefore = before.records == proven.count && head.starts(with: known)
        if isAsBefore, !confirms || new == 0 {
            return LogRead(
                extent: .unchanged, received: 0, total: before.records, isComplete: true,
                lostPosition: false)
        }
        guard new > 0, new < before.records else {
            return try await whole(position, before, keep)
        }
        return try await newest(proven, before, head, keep)
    }

    // MARK: The new rows

    private func newest(
        _ position: LogPosition, _ before: Counters, _ head: [UInt64],
        _ keep: (LogPage) async throws -> Void
    ) async throws -> LogRead {
        var reader = BlockReader(dialogue, ofNew: true)
        let rows = try await reader.all(announced: before.newRecords)
        let place = NewRows(
            hashes: rows.hashes, counters: before, head: head, mayBeFull: mayBeFull(before))
        guard rows.count >= before.newRecords, let first = place.firstUnread(after: position)
        else { return try await whole(position, before, keep) }
        let after = try await counters()
        // In a full ring a new row moves all others, so a row may have slipped past.
        let isSteady = !mayBeFull(before) || rows.count == after.newRecords
        let isComplete =
            isSteady && after.records >= before.records
            && rows.count <= max(before.newRecords, after.newRecords)
        let unread = rows.hashes(first..<rows.count)
        let reached = LogPosition(
            count: min(before.records + rows.count - before.newRecords, after.records),
            recordSize: Records.rowLength, proof: position.proof + unread, head: head)
        try await hand(
            rows, from: confirms ? 0 : first, until: isComplete ? reached : position,
            meanwhile: position, keep)
        if isComplete { try await confirm(rows.count) }
        return LogRead(
            extent: unread.isEmpty ? .unchanged : .tail, received: rows.count,
            total: after.records, isComplete: isComplete, lostPosition: false)
    }

    // MARK: Everything

    private func whole(
        _ position: LogPosition?, _ before: Counters, _ keep: (LogPage) async throws -> Void
    ) async throws -> LogRead {
        // Where every row is new, the new rows are the whole log, and can be confirmed.
        let ofNew = confirms && before.newRecords == before.records
        let known = position?.count ?? 0
        var reader = BlockReader(dialogue, ofNew: ofNew)
        var given = 0
        let rows = try await reader.all(announced: before.records) { rows in
            if rows.count < given { given = 0 }
            guard known == 0, rows.count - given >= LogPage.length else { return }
            try await keep(LogPage(records: rows.records(given..<rows.count), position: nil))
            given = rows.count
        }
        let isSteady = rows.head.starts(with: try await beginning(of: before))
        let after = try await counters()
        let isComplete =
            isSteady && rows.count >= before.records && after.records >= before.records
            && rows.count <= max(before.records, after.records)
        let end = known > 0 ? position?.end(in: rows.hashes) : nil
        let remnant = end == nil ? remnantSeconds(of: position, in: rows) : nil
        let flags = ofNew ? rows.count : before.newRecords
        var first = end ?? min(given, rows.count)
        // Whatever is confirmed is on disk by this very read.
        if confirms, end != nil { first = min(first, max(0, rows.count - flags)) }
        try await hand(
            rows, from: first, until: isComplete ? reached(rows) : nil,
            meanwhile: end == nil ? nil : position, keep)
        // Counters that contradict the log confirm nothing: more flags than rows would be cleared.
        if isComplete, flags <= rows.count { try await confirm(flags) }
        return LogRead(
            extent: end.map { $0 == rows.count ? .unchanged : .tail } ?? .full,
            received: rows.count, total: after.records, isComplete: isComplete,
            lostPosition: known > 0 && end == nil, remnantSeconds: remnant)
    }

    /// What is left of the position's proof where a full ring has moved on nearly all the way round.
    private func remnantSeconds(of position: LogPosition?, in rows: Rows) -> Int64? {
        guard let proof = position?.proof, let capacity, capacity > 0, rows.count >= capacity
        else { return nil }
        var remnant = LogRemnant(of: proof)
        for index in 0..<min(proof.count, rows.count) {
            remnant.see(Records.decode(rows[index]), hash: LogPosition.hash(of: rows[index]))
        }
        return remnant.seconds
    }

    /// The terminal counts nothing: then the log itself must say so, twice if it holds something.
    private func uncounted(
        _ position: LogPosition?, _ keep: (LogPage) async throws -> Void
    ) async throws -> LogRead {
        let known = position?.count ?? 0
        var reader = BlockReader(dialogue, ofNew: false)
        let rows = try await reader.all(announced: nil)
        var isComplete = rows.count == 0
        if !isComplete { isComplete = try await reader.all(announced: nil).bytes == rows.bytes }
        let end = known > 0 ? position?.end(in: rows.hashes) : nil
        let reached = reached(rows)
        if reached != position {
            try await hand(
                rows, from: end ?? 0, until: isComplete ? reached : nil,
                meanwhile: end == nil ? nil : position, keep)
        }
        return LogRead(
            extent: reached == position ? .unchanged : .full, received: rows.count,
            total: rows.count, isComplete: isComplete,
            lostPosition: known > 0 && end == nil)
    }

    // MARK: Parts

    /// The first rows of the log, as a position remembers them.
    private func beginning(of counters: Counters) async throws -> [UInt64] {
        var reader = BlockReader(dialogue, ofNew: false)
        return try await reader.first(min(counters.records, LogPosition.headLength)).head
    }

    private func mayBeFull(_ counters: Counters) -> Bool {
        capacity.map { counters.records >= $0 } ?? true
    }

    private func reached(_ rows: Rows) -> LogPosition {
        let start = max(0, rows.count - LogPosition.proofLength)
        return LogPosition(
            count: rows.count, recordSize: Records.rowLength,
            proof: rows.hashes(start..<rows.count), head: rows.head)
    }

    /// Hands rows on in pages.
    ///
    /// - Parameters:
    ///   - last: The position of the last page.
    ///   - meanwhile: That of the pages before: still the old one.
    private func hand(
        _ rows: Rows, from start: Int, until last: LogPosition?, meanwhile: LogPosition?,
        _ keep: (LogPage) async throws -> Void
    ) async throws {
        var index = start
        while rows.count - index > LogPage.length {
            let end = index + LogPage.length
            try await keep(LogPage(records: rows.records(index..<end), position: meanwhile))
            index = end
        }
        guard index < rows.count || last != meanwhile else { return }
        try await keep(
            LogPage(records: rows.records(index..<rows.count), position: last ?? meanwhile))
    }

    /// Clears the flags of the oldest `count` new rows, all of which are on disk. Said once; if
    /// the answer is lost, the next read sees by the counter what has become of it.
    private func confirm(_ count: Int) async throws {
        guard confirms, count > 0, try await counters().newRecords >= count else { return }
        CrashPoint.confirming.reached()
        let answer = try await dialogue.tell(.clearOldestFlags(rows: count))
        CrashPoint.confirmed.reached()
        guard answer.result == AnswerCode.success else {
            throw DriverError.refused(question: "clear", code: Int(answer.result ?? 0))
        }
    }
}
