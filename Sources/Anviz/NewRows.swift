internal import TerminalKit

/// The rows whose "new" flag is set, and how they lie to what was read before.
///
/// They are the newest rows of the log, without a gap: flags are only ever cleared from the
/// oldest on, or all at once.
struct NewRows {
    let hashes: [UInt64]
    /// What the terminal said before the rows were read.
    let counters: Counters
    /// The beginning of the log, read before the rows.
    let head: [UInt64]
    /// The log may be a ring that drops a row for each new one.
    let mayBeFull: Bool

    /// The index of the first row behind `position`; nil if nothing proves where that is.
    func firstUnread(after position: LogPosition) -> Int? {
        if let end = overlap(with: position), fits(end, position) { return end }
        return follow(position) ? 0 : nil
    }

    /// Where the last rows read before end in these; equal rows are one punch, so it does not
    /// matter which of them are taken for each other.
    private func overlap(with position: LogPosition) -> Int? {
        if let end = position.end(in: hashes) { return end }
        let longest = min(position.proof.count, hashes.count)
        return stride(from: longest, to: 0, by: -1).first {
            hashes.prefix($0).elementsEqual(position.proof.suffix($0))
        }
    }

    /// Whether the counters agree: rows before, plus what is unread, less what a ring dropped.
    private func fits(_ end: Int, _ position: LogPosition) -> Bool {
        let dropped = position.count + counters.newRecords - end - counters.records
        return mayBeFull ? dropped >= 0 : dropped == 0
    }

    /// Whether these rows begin directly behind the position: the counters say how many rows a
    /// ring has dropped, and the beginning of the log has moved by exactly as many.
    private func follow(_ position: LogPosition) -> Bool {
        let dropped = position.count + counters.newRecords - counters.records
        guard let known = position.head, dropped >= 0, dropped == 0 || mayBeFull else {
            return false
        }
        let kept = known.dropFirst(dropped)
        return !kept.isEmpty && head.starts(with: kept)
    }
}
