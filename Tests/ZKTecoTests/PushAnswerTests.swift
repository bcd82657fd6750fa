import Attendance
import TerminalKit
import TestSupport
import Testing

@testable import ZKTeco

private func head(_ line: String) throws -> PushHead {
    try #require(PushHead(Array("\(line) HTTP/1.1\r\n".utf8)))
}

private let now = UTCTime(milliseconds: 1_795_219_200_000)  // 2026-11-21 08:00 WITA

@Suite struct `An answer to a push` {
    private func answers() throws -> [PushAnswer] {
        let starts = [
            try head("GET /iclock/cdata?SN=A1&options=all"),
            try head("GET /iclock/cdata?SN=A1%0AC:1:REBOOT&options=all&pushver=2.4.0"),
        ]
        let refusals: [PushRequestReader.Refusal] = [.malformed, .bodyTooLong, .headTooLong]
        return starts.map { .options(for: $0, settingClockTo: nil) } + refusals.map { .refused($0) }
            + [.ok, .stored(3), .notStored, .notAllowed, .notFound, .tooSlow]
    }

    @Test func `never holds a command, and nothing that moves the clock`() throws {
        for answer in try answers() {
            let text = String(decoding: answer.bytes(isLast: false), as: UTF8.self)
            for line in text.split(whereSeparator: \.isNewline) {
                #expect(!line.hasPrefix("C:"), "\(text)")
                for word in ["Date:", "TimeZone", "Time=", "DateTime", "ServerTZ"] {
                    #expect(!line.hasPrefix(word), "\(text)")
                }
                if line.hasPrefix("SyncTime") { #expect(line == "SyncTime=0") }
            }
        }
    }

    @Test func `to a start asks for attendance, all of it, and for nothing else`() throws {
        let new = try head("GET /iclock/cdata?SN=A1&options=all&pushver=2.4.0")
        let lines = PushAnswer.options(for: new, settingClockTo: nil).text.split(separator: "\n")
        #expect(lines.first == "GET OPTION FROM: A1")
        #expect(lines.contains("TransFlag=TransData AttLog") && lines.contains("Realtime=1"))
        #expect(lines.contains("ATTLOGStamp=None"))
        let old = try head("GET /iclock/cdata?SN=A1&options=all")
        let oldLines = PushAnswer.options(for: old, settingClockTo: nil).text.split(separator: "\n")
        #expect(oldLines.contains("TransFlag=1000000000") && oldLines.contains("Stamp=0"))
    }

    @Test func `sets the clock only where that is wanted`() throws {
        let start = try head("GET /iclock/cdata?SN=A1&options=all&pushver=2.4.0")
        let text = PushAnswer.options(for: start, settingClockTo: .wita).text
        #expect(text.contains("\nTimeZone=8\n") && text.contains("\nSyncTime=3600\n"))
        #expect(PushAnswer.time(now, in: .wita).text == "Time=2026-11-21T08:00:00+08:00")
    }

    @Test func `says how long it is and whether the line stays open`() {
        let text = String(decoding: PushAnswer.stored(12).bytes(isLast: false), as: UTF8.self)
        #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n") && text.hasSuffix("\r\n\r\nOK: 12"))
        #expect(text.contains("Content-Length: 6\r\n") && text.contains("Connection: keep-alive"))
        let last = String(decoding: PushAnswer.notStored.bytes(isLast: false), as: UTF8.self)
        #expect(last.hasPrefix("HTTP/1.1 503 ") && last.contains("Connection: close"))
    }
}

@Suite struct `A question of a terminal that pushes` {
    @Test(arguments: [
        ("GET /iclock/cdata?SN=A1&options=all", PushQuestion.options),
        ("GET /iclock/cdata?SN=A1&type=time", .time), ("GET /iclock/rttime?SN=A1", .time),
        ("POST /iclock/cdata?SN=A1&table=attlog", .punches), ("POST /iclock/cdata?SN=A1", .punches),
        ("POST /iclock/cdata?SN=A1&table=OPERLOG", .unwanted(table: "OPERLOG")),
        ("POST /iclock/cdata?SN=A1&table=BIODATA", .unwanted(table: "BIODATA")),
        ("GET /ICLOCK/getrequest.aspx?SN=A1", .heartbeat),
        ("POST /iclock/devicecmd?SN=A1", .courtesy),
        ("POST /iclock/registry?SN=A1", .courtesy), ("GET /", .unknown),
        ("GET /iclock/../etc/passwd", .unknown), ("DELETE /iclock/cdata", .unknown),
    ])
    func `is known by its method, path and table`(line: String, what: PushQuestion) throws {
        #expect(PushQuestion(try head(line)) == what)
    }
}

@Suite struct `The rows of a push` {
    private func only(_ row: String) throws -> Punch {
        let records = Array(PushRecords(Array(row.utf8)))
        guard records.count == 1, case .punch(let punch) = records[0] else {
            throw InvalidValue(row, rule: "one punch, not \(records)")
        }
        return punch
    }

    @Test(arguments: [
        "17\t2026-11-02 07:29:58\t0\t15\t5", "17\t2026-11-02 07:29:58\t0\t15\t5\t0\t0\t\r\n",
        "17 2026-11-02 07:29:58 0 15 5",
        "PIN=17\tDateTime=2026-11-02 07:29:58\tStatus=0\tVerify=15\tWorkCode=5\n",
    ])
    func `are read in each of their forms`(row: String) throws {
        let punch = try only(row)
        #expect(punch.pin.text == "17" && punch.time.description == "2026-11-02T07:29:58")
        #expect(punch.verify == .face && punch.state == .checkIn && punch.workCode == 5)
        #expect(punch.raw == nil)
    }

    @Test func `keep what their fields cannot say`() throws {
        let row = "17\t2026-11-02 07:29:58\t0\t15\t0\t0\t0\t1\t36.5"
        #expect(try only(row).raw == Array(row.utf8))
    }

    @Test func `that are damaged are kept beside the good ones`() {
        let good = "17\t2026-11-02 07:29:58\t0\t1\n"
        let bad = [
            "17\t2026-02-30 07:29:58\t0\t1", "\u{1}\u{2}", "17\t2026-11-02 07:29:58\t0\t999",
        ]
        let records = Array(PushRecords(Array((bad.map { $0 + "\n" }.joined() + good).utf8)))
        let raws = records.compactMap { if case .oddity(let odd) = $0 { odd.raw } else { nil } }
        #expect(raws == bad.map { Array($0.utf8) } && records.count == 4)
    }

    @Test func `that make no sense at all are kept in pieces, and not without end`() {
        let junk = [UInt8](repeating: 0xA5, count: 10_000)
        let records = Array(PushRecords(junk))
        let raws = records.compactMap { if case .oddity(let odd) = $0 { odd.raw } else { nil } }
        #expect(raws.count == records.count && raws.allSatisfy { $0.count <= 4_096 })
        #expect(raws.flatMap(\.self).starts(with: junk))
        let much = [UInt8](repeating: 0xA5, count: 2_000_000)
        #expect(Array(PushRecords(much)).count == 16)
    }

    @Test(arguments: [
        "FP PIN=17\tFID=1\tSize=8\tValid=1\tTMP=AAAA", "17\tTmp=AAAA", "BIODATA Pin=1\tNo=0",
        "PIN=1.jpg\tSN=A1\tCMD=uploadphoto",
    ])
    func `are never templates or photos`(row: String) {
        #expect(Array(PushRecords(Array((row + "\nrubbish\n").utf8))).count == 1)
        #expect(Array(PushRows.punches(in: Array(row.utf8))).isEmpty)
    }
}
