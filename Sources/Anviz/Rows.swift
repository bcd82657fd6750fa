internal import Attendance
internal import TerminalKit

/// Rows of a log in one stretch of bytes: a whole log of 50,000 rows takes 700 kB.
struct Rows {
    private(set) var bytes: [UInt8] = []

    var count: Int { bytes.count / Records.rowLength }

    mutating func append(_ rows: [[UInt8]]) {
        for row in rows { bytes += row }
    }

    subscript(index: Int) -> ArraySlice<UInt8> {
        bytes[(index * Records.rowLength)..<((index + 1) * Records.rowLength)]
    }

    func records(_ range: Range<Int>) -> [LogRecord] {
        range.map { Records.decode(self[$0]) }
    }

    func hashes(_ range: Range<Int>) -> [UInt64] {
        range.map { LogPosition.hash(of: self[$0]) }
    }

    var hashes: [UInt64] { hashes(0..<count) }

    /// As ``LogPosition/head`` remembers them.
    var head: [UInt64] { hashes(0..<min(count, LogPosition.headLength)) }
}
