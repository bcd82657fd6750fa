internal import Attendance
public import TerminalKit

/// The rows of attendance in the body of a push, one after the other: punches, and what is none
/// as oddities at its place or, where there is too much of it, in pieces at the end.
///
/// Nothing that came is left out but templates and photos, which are never kept. A body of rows
/// without end takes no memory beside its own.
public struct PushRecords: Sequence, IteratorProtocol, Sendable {
    private var lines: BodyLines
    private var oddities = 0
    /// The beginning of what is no row, and how long all of it is.
    private var rest: [UInt8] = []
    private var restLength = 0
    private var pieces: [LogRecord]?

    init(_ body: [UInt8]) {
        lines = BodyLines(body)
    }

    public mutating func next() -> LogRecord? {
        while pieces == nil, let line = lines.next() {
            if PushRows.isTemplate(line) { continue }
            if let punch = PushRows.punch(line) { return .punch(punch) }
            if line.count <= PushRows.longestRow, oddities < PushRows.mostOddities {
                oddities += 1
                return .oddity(Oddity(reason: PushRows.notARow, raw: Array(line)))
            }
            restLength += line.count + 1
            let room = Swift.max(0, PushRows.longestJunk - rest.count)
            rest += (line + [0x0A]).prefix(room)
        }
        if pieces == nil {
            pieces = PushRows.junk(rest, of: restLength).reversed()
            rest = []
        }
        return pieces?.popLast()
    }
}
