package import Attendance
import TerminalKit

/// The rows in the body of a push: punches and what happened at the terminal.
enum PushRows {
    /// `PIN  time  state  verify  workcode …`, with tabs: state before verify, no device number.
    ///
    /// - Returns: One record a line that is not empty; a line that is no punch is an oddity.
    static func punches(in body: [UInt8]) -> [LogRecord] {
        lines(of: body).map { line in
            let cells = cells(of: line)
            guard let punch = punch(cells) else {
                return .oddity(Oddity(reason: "not a row", raw: Array(line)))
            }
            return .punch(punch)
        }
    }

    /// One row of the operation log: `OPLOG number <tab> admin <tab> time <tab> four parameters`.
    struct Operation: Hashable, Sendable {
        let number: Int
        let administrator: String
        let time: WallTime
        let parameters: [String]
    }

    /// The rows that begin with `OPLOG`; others (users, fingerprints) are left alone.
    static func operations(in body: [UInt8]) -> [Operation] {
        lines(of: body).compactMap { line in
            let cells = cells(of: line)
            guard let first = cells.first, first.hasPrefix("OPLOG "), cells.count >= 3,
                let number = Int(first.dropFirst(6)), let time = WallTime(cells[2])
            else { return nil }
            return Operation(
                number: number, administrator: cells[1], time: time,
                parameters: Array(cells.dropFirst(3).prefix(4)))
        }
    }

    private static func punch(_ cells: [String]) -> Punch? {
        guard cells.count >= 4, let pin = try? Pin(cells[0]), let time = WallTime(cells[1]),
            let state = UInt8(cells[2]), let verify = UInt8(cells[3])
        else { return nil }
        let work = cells.count > 4 ? Int64(cells[4]) ?? 0 : 0
        return Codes.punch(
            pin: pin, time: time, verify: verify, state: state, workCode: work)
    }

    private static func lines(of body: [UInt8]) -> [ArraySlice<UInt8>] {
        body.split(separator: 0x0A).compactMap { line in
            let content = line.last == 0x0D ? line.dropLast() : line
            return content.isEmpty ? nil : content
        }
    }

    private static func cells(of line: ArraySlice<UInt8>) -> [String] {
        line.split(separator: 0x09, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
    }
}

extension Codes {
    /// A punch from a text row, where the numbers stand as they are.
    package static func punch(
        pin: Pin, time: WallTime, verify: UInt8, state: UInt8, workCode: Int64
    ) -> Punch {
        Punch(
            pin: pin, time: time, verify: Codes.verify(verify), verifyNumber: Int(verify),
            state: Codes.state(state), stateNumber: Int(state), workCode: workCode)
    }
}
