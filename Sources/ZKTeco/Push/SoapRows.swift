internal import Attendance
import TerminalKit

/// The rows of a `GetAttLogResponse` of the terminals' small web server (`/iWsService`).
///
/// The body is a fragment and not a SOAP envelope, and some firmware leaves elements out, so rows
/// are found by their tags and nothing else is asked of the text.
///
/// Source: docs/reference/protocols/zkteco-push.md; fixture `soap-getattlog-exchange`.
enum SoapRows {
    static func punches(in body: [UInt8]) -> [LogRecord] {
        let text = String(decoding: body, as: UTF8.self)
        return text.split(separator: "<Row>").dropFirst().map { piece in
            let row = String(piece.prefix(upTo: end(of: piece, tag: "</Row>")))
            guard let punch = punch(row) else {
                return .oddity(Oddity(reason: "not a row", raw: Array(row.utf8)))
            }
            return .punch(punch)
        }
    }

    private static func punch(_ row: String) -> Punch? {
        guard let pin = value(of: "PIN", in: row).flatMap({ try? Pin($0) }),
            let time = value(of: "DateTime", in: row).flatMap(WallTime.init),
            let verify = value(of: "Verified", in: row).flatMap(UInt8.init),
            let state = value(of: "Status", in: row).flatMap(UInt8.init)
        else { return nil }
        let work = value(of: "WorkCode", in: row).flatMap(Int64.init) ?? 0
        return Codes.punch(pin: pin, time: time, verify: verify, state: state, workCode: work)
    }

    private static func value(of tag: String, in row: String) -> String? {
        guard let open = row.firstRange(of: "<\(tag)>"),
            let close = row[open.upperBound...].firstRange(of: "</\(tag)>")
        else { return nil }
        return String(row[open.upperBound..<close.lowerBound])
    }

    private static func end(of piece: Substring, tag: String) -> String.Index {
        piece.firstRange(of: tag)?.lowerBound ?? piece.endIndex
    }
}
