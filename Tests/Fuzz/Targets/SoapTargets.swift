import Attendance
import TerminalKit

@testable import ZKTeco

extension FuzzTarget {
    static let soap: [FuzzTarget] = [
        FuzzTarget(
            "soap-answers", decode: Soap.decode, check: Soap.check,
            seeds: { Seeds.soap })
    ]
}

/// What a terminal's small web server answers, as the session takes it.
enum Soap {
    static func decode(_ bytes: [UInt8]) -> Int {
        guard let answer = SoapAnswer(bytes) else { return bytes.count }
        let log = SoapLog(answer)
        for row in log.rows { use(SoapRows.record(row)) }
        return bytes.count
    }

    static func check(_ bytes: [UInt8]) throws {
        guard let answer = SoapAnswer(bytes) else { return }
        let log = SoapLog(answer)
        try hold(log.rows.reduce(0) { $0 + $1.count } <= answer.body.count, "rows grow")
        try hold(log.hashes.count == log.rows.count, "rows without a hash")
        for row in log.rows {
            if case .oddity(let oddity) = SoapRows.record(row) {
                try hold(oddity.raw == Array(row), "an oddity without all of its bytes")
            }
        }
        // A row that is not whole is none: what was cut has no more rows than what was not.
        let cut = Array(bytes.prefix(bytes.count / 2))
        if let part = SoapAnswer(cut).map(SoapLog.init) {
            try hold(part.rows.count <= log.rows.count, "a cut answer has more rows")
        }
    }
}

extension Seeds {
    static let soap: [[UInt8]] = [
        "HTTP/1.0 200 OK\r\nServer: ZK Web Server\r\n\r\n<GetAttLogResponse>\n<Row><PIN>17</PIN>"
            + "<DateTime>2026-11-20 07:31:02</DateTime><Verified>1</Verified><Status>0</Status>"
            + "<WorkCode>0</WorkCode></Row>\n<Row><PIN>18</PIN></Row></GetAttLogResponse>",
        "HTTP/1.0 200 OK\n\n<GetAttLogResponse></GetAttLogResponse>",
        "HTTP/1.1 404 Not Found\r\n\r\n<html>",
    ].map { Array($0.utf8) }
}
