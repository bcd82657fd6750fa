package import Attendance
import TerminalKit

/// The rows in the body of a push: punches and what happened at the terminal.
enum PushRows {
    /// A row is never longer; what is longer is no row.
    static let longestRow = 512
    /// Damaged rows of one body that become entries of their own; the rest is kept in pieces.
    static let mostOddities = 64
    /// Bytes of such a rest that are kept; no terminal is known to send more.
    static let longestJunk = 64 << 10
    /// What an entry of the journal holds of an oddity.
    private static let pieceLength = 4_096

    /// `PIN  time  state  verify  workcode …`, with tabs: state before verify, no device number.
    ///
    /// - Returns: One record a line that is not empty; a line that is no punch is an oddity.
    static func punches(in body: [UInt8]) -> some Sequence<LogRecord> {
        lines(of: body).lazy.filter { !isTemplate($0) }.map { line in
            punch(line).map(LogRecord.punch)
                ?? .oddity(Oddity(reason: notARow, raw: Array(line)))
        }
    }

    static func punch(_ line: ArraySlice<UInt8>) -> Punch? {
        line.count <= longestRow ? PushRow(line)?.punch : nil
    }

    static let notARow = "not a row"

    /// One row of the operation log: `OPLOG number <tab> admin <tab> time <tab> four parameters`.
    struct Operation: Hashable, Sendable {
        let number: Int
        let administrator: String
        let time: WallTime
        let parameters: [String]
    }

    /// The rows that begin with `OPLOG`; others (users, fingerprints) are left alone.
    static func operations(in body: [UInt8]) -> some Sequence<Operation> {
        lines(of: body).lazy.compactMap { line -> Operation? in
            let cells = PushRow.cells(of: line)
            guard let first = cells.first, first.hasPrefix("OPLOG "), cells.count >= 3,
                let number = Int(first.dropFirst(6)), let time = WallTime(cells[2])
            else { return nil }
            return Operation(
                number: number, administrator: cells[1], time: time,
                parameters: Array(cells.dropFirst(3).prefix(4)))
        }
    }

    // MARK: What is no row

    /// - Parameters:
    ///   - kept: The first ``longestJunk`` bytes of what is no row.
    ///   - length: Bytes of all of it.
    static func junk(_ kept: [UInt8], of length: Int) -> [LogRecord] {
        let cut = kept.count < length ? ", first \(kept.count) of \(length) bytes" : ""
        let starts = Array(stride(from: 0, to: kept.count, by: pieceLength))
        return starts.enumerated().map { number, start in
            let part = starts.count > 1 ? ", part \(number + 1) of \(starts.count)" : ""
            return .oddity(
                Oddity(
                    reason: "unreadable push\(part)\(cut)",
                    raw: Array(kept[start..<min(start + pieceLength, kept.count)])))
        }
    }

    /// Biometric data in the wrong table: it is never kept, not even as an oddity.
    static func isTemplate(_ line: ArraySlice<UInt8>) -> Bool {
        let text = String(decoding: line.prefix(longestJunk), as: UTF8.self).uppercased()
        return templateWords.contains { text.hasPrefix($0) }
            || templateKeys.contains { text.contains($0) }
    }

    private static let templateWords = [
        "FP ", "FP\t", "FACE ", "FACE\t", "BIODATA", "BIOPHOTO", "USERPIC", "FVEIN", "USER ",
    ]
    private static let templateKeys = ["TMP=", "TEMPLATE=", "CONTENT=", "UPLOADPHOTO"]

    private static func lines(of body: [UInt8]) -> BodyLines { BodyLines(body) }
}

extension Codes {
    /// A punch from a text row, where the numbers stand as they are.
    package static func punch(
        pin: Pin, time: WallTime, verify: UInt8, state: UInt8, workCode: Int64, raw: [UInt8]? = nil
    ) -> Punch {
        Punch(
            pin: pin, time: time, verify: Codes.verify(verify), verifyNumber: Int(verify),
            state: Codes.state(state), stateNumber: Int(state), workCode: workCode, raw: raw)
    }
}
