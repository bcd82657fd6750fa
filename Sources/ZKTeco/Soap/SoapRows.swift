internal import Attendance
import TerminalKit

/// The rows of a `GetAttLogResponse` of the terminals' small web server (`/iWsService`).
///
/// The body is a fragment and not a SOAP envelope, and some firmware leaves elements out, so rows
/// are found by their tags and nothing else is asked of the text.
///
/// Source: docs/reference/protocols/zkteco-push.md; fixture `soap-getattlog-exchange`.
enum SoapRows {
    /// Every row there is the beginning of; one without its end is an oddity.
    static func forEachBegun(in body: [UInt8], _ found: (LogRecord) -> Void) {
        var rest = body[...]
        while let begin = rest.range(of: Self.open) {
            rest = rest[begin.upperBound...]
            let end = rest.range(of: Self.open)?.lowerBound ?? rest.endIndex
            let row = rest[..<end]
            found(record(row.range(of: Self.close).map { row[..<$0.lowerBound] } ?? row))
            rest = rest[end...]
        }
    }

    /// The bytes between the tags of every row that is whole.
    static func forEachWhole(in body: ArraySlice<UInt8>, _ found: (ArraySlice<UInt8>) -> Void) {
        var rest = body
        while let open = rest.range(of: Self.open) {
            rest = rest[open.upperBound...]
            guard let close = rest.range(of: Self.close) else { break }
            found(rest[..<close.lowerBound])
            rest = rest[close.upperBound...]
        }
    }

    static func record(_ row: ArraySlice<UInt8>) -> LogRecord {
        record(String(decoding: row, as: UTF8.self), raw: Array(row))
    }

    private static let open = Array("<Row>".utf8)
    private static let close = Array("</Row>".utf8)

    private static func record(_ row: String, raw: [UInt8]) -> LogRecord {
        guard let punch = punch(row) else {
            return .oddity(Oddity(reason: "not a row", raw: raw))
        }
        return .punch(punch)
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

    /// What stands between the first pair of such tags, however they are capitalised.
    static func value(of tag: String, in row: String) -> String? {
        for name in [tag, tag.lowercased()] {
            if let open = row.firstRange(of: "<\(name)>"),
                let close = row[open.upperBound...].firstRange(of: "</\(name)>")
            {
                return String(row[open.upperBound..<close.lowerBound])
            }
        }
        return nil
    }
}

extension ArraySlice<UInt8> {
    /// The first place where these bytes stand; logs have many megabytes, so no text is made.
    func range(of word: [UInt8]) -> Range<Int>? {
        guard let first = word.first else { return nil }
        var start = startIndex
        while let found = self[start...].firstIndex(of: first) {
            guard endIndex - found >= word.count else { return nil }
            if self[found..<(found + word.count)].elementsEqual(word) {
                return found..<(found + word.count)
            }
            start = found + 1
        }
        return nil
    }
}
