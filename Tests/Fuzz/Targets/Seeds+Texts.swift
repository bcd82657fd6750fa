import Attendance
import Exchange
import FoundationEssentials
import TerminalKit

extension Seeds {
    static let sticks: [[UInt8]] = {
        let rows = """
                   17\t2026-11-20 07:31:02\t1\t0\t1\t0\r
                 0018\t2026-11-20 16:02:44\t1\t1\t15\t-53\r
            \0\u{1}\u{2}garbage\t2100-13-40 99:00:00\t1\t77\t9\t0\r

            """
        let five = "17\t2026-11-20 07:31:02\t1\t0\t1\n18\t2026-11-20 07:31:09\t1\t1\t1\n"
        let glog = """
            No\tTMNo\tEnNo\tName\tGMNo\tMode\tINOUT\tDateTime\r
            000001\t1\t000000017\tA\t1\t1\t0\t2026/11/20 07:31:02\r
            000002\t1\t000000018\tB\t1\t1\t1\t20-11-2026  04:02:44PM\r

            """
        let wide: [UInt8] = [0xFF, 0xFE] + glog.utf8.flatMap { [$0, 0] }
        let backup: [UInt8] =
            [1, 0, 0, 2] + [0, 0, 0, 0, 17, 0x32, 0x8C, 0x12, 0x34, 1, 0, 0, 0, 0]
            + [0, 0, 0, 0, 18, 0x32, 0x8C, 0x12, 0x99, 1, 0x81, 0, 0, 0, 7]
        return [
            [0] + Array(rows.utf8), [0] + Array(five.utf8), [2] + Array(glog.utf8), [2] + wide,
            backup,
        ]
    }()

    static let pushes: [[UInt8]] = [
        """
        POST /iclock/cdata?SN=BWXP20126001&table=ATTLOG&Stamp=9999 HTTP/1.1\r
        Content-Length: 62\r
        \r
        17\t2026-11-20 07:31:02\t0\t1\t0\t0\t0
        18\t2026-11-20 07:31:09\t0\t15\t53

        """,
        """
        POST /iclock/cdata?SN=BWXP%2020126001&table=OPERLOG HTTP/1.1
        Host: a b

        OPLOG 4\t0\t2026-11-20 07:00:00\t0\t0\t0\t0
        USER PIN=17\tName=A
        """,
        "GET /iclock/getrequest?SN=BWXP20126001&INFO=Ver+6.60,3,1 HTTP/1.0\r\n\r\n",
        """
        <GetAttLogResponse><Row><PIN>17</PIN><DateTime>2026-11-20 07:31:02</DateTime>\
        <Verified>1</Verified><Status>0</Status><WorkCode>0</WorkCode></Row>\
        <Row><PIN></PIN></Row></GetAttLogResponse>
        """,
    ].map { Array($0.utf8) }

    static let talks: [[UInt8]] =
        [
            "# Terminal: none\n> A5 00 00 00 01 3C 00 00 49 A9\n~\n< A5 00\n0102 03 # rest\n"
        ].map { Array($0.utf8) } + files("talks").map { Array($0.prefix(1_500)) }

    static let addresses: [[UInt8]] = [
        "tcp://192.168.1.201:4370", "tcp://[fd00::17]:5010?station=3", "udp://mesin.local",
        "serial:///dev/serial/by-id/usb-1?baud=115200&format=7E2&station=4294967295",
        "usb://1b55:b400", "listen://0.0.0.0:5010", "file:///media/stick", "TCP://a/",
    ].map { Array($0.utf8) }

    static let envelopes: [[UInt8]] = files("vectors").filter { $0.starts(with: Array("{\"".utf8)) }

    /// Calls whose header has half a megabyte of as many values as fit.
    static let crowdedEnvelopes: [[UInt8]] = {
        guard let call = envelopes.first(where: { $0.starts(with: Array("{\"boot\":".utf8)) }),
            let end = call.firstIndex(of: 0x0A)
        else { return [] }
        // At the end, because the last of a name counts.
        return ["junk", "live", "status"].flatMap { name -> [[UInt8]] in
            let head = call[..<(end - 1)] + Array(",\"\(name)\":".utf8)
            return crowds.map { head + $0 + [UInt8(ascii: "}")] + call[end...] }
        }
    }()

    /// JSON of half a megabyte, of as many values as fit, as long a text, and as deep.
    static let crowds: [[UInt8]] = {
        let count = 1 << 17
        let texts = Array(repeating: "\"\"", count: count).joined(separator: ",")
        let numbers = Array(repeating: "0", count: count).joined(separator: ",")
        let names = (0..<(count / 4)).map { "\"\($0)\":0" }.joined(separator: ",")
        let escapes = String(repeating: "\\u0041", count: count / 2)
        return [
            "[\(texts)]", "[\(numbers)]", "{\(names)}", "\"\(escapes)\"",
            "{\"seq\":1,\"pin\":\"\(escapes)\"}", "{\"seq\":1,\"x\":[\(numbers)]}",
            "{\"text\":\"\(escapes)\",\"signature\":\"\(escapes)\"}",
            String(repeating: "[", count: count) + String(repeating: "]", count: count),
        ].map { Array($0.utf8) }
    }()

    static let couriers: [[UInt8]] = {
        guard let key = try? SigningKey(seed: [UInt8](repeating: 3, count: 32)),
            let request = try? SignedText("{\"secret\":\"\"}", key: key, purpose: .enrolment),
            let line = try? WireJSON.encode(request)
        else { return [] }
        let calls = envelopes.flatMap(\.self)
        return [line + [0x0A] + calls, calls, line + [0x0A]]
    }()

    /// What `titian journal evidence` writes, and a file of receipts.
    static let evidence: [[UInt8]] = {
        let (key, hash) = (
            "Agee8SCvB1mxyRkEFkbWKJKT2ha0QYxkfi1yOGfFYAo=", String(repeating: "ab", count: 32)
        )
        let receipt = #"{"receipt":{"text":"{}","key":"0011223344556677","signature":"AAAA"}}"#
        let journal =
            #"{"evidence":"bridge","journal":"00112233445566778899aabbccddeeff","public_key":"\#(key)","centre_keys":["\#(key)"],"#
            + #""count":2,"last":2,"head":"\#(hash)","confirmed":2,"acked":1,"safe":1,"punches":1}"#
        let entries = [
            #"{"seq":1,"digest":"\#(hash)","hash":"\#(hash)"}"#,
            #"{"seq":2,"line":"{\"seq\":2,\"pin\":\"\udc80\"}","digest":"abababababababab"}"#,
        ]
        let known = [
            #"{"evidence":"known","journal":"00112233445566778899aabbccddeeff","count":1}"#,
            #"{"seq":2,"identity":"\#(hash.prefix(32))","time":"2026-11-27T07:30:00","told":["1/0/0"]}"#,
        ]
        let whole = [receipt, journal] + entries + known
        return [whole, [ReceiptFile.mark, receipt], [journal] + entries.prefix(1)].map {
            Array($0.map { $0 + "\n" }.joined().utf8)
        }
    }()

    static let lines: [[UInt8]] = files("vectors").flatMap { file in
        file.split(separator: 0x0A).map(Array.init)
    }

    static let answers: [[UInt8]] = {
        let vectors = files("vectors")
        let key = try? SigningKey(seed: [UInt8](repeating: 3, count: 32))
        let zone = try? Zone("Asia/Makassar")
        let office = try? OfficeID("upt-contoh-utara")
        var seeds = vectors.map { [0] + $0 }
        if let key, let zone, let office {
            let code = EnrolmentCode(
                secret: [1, 2, 3, 4], office: office, zone: zone, pins: ["sha256//a="],
                expires: UTCTime(milliseconds: 1_795_195_800_000))
            if let text = try? code.text { seeds.append([5] + Array(text.utf8)) }
            if let text = try? SignedText("x", key: key, purpose: .receipt) {
                seeds.append([4] + ((try? WireJSON.encode(text)) ?? []))
            }
        }
        for problem in [SyncProblem.gap, .busy] {
            let document = ProblemDocument(problem, sendFrom: 17)
            seeds.append([1] + ((try? WireJSON.encode(document)) ?? []))
        }
        return seeds
    }()

    static let gzip: [[UInt8]] = [
        // "titian\n", stored; then a run of zeros, deflated.
        [
            0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1, 7, 0, 0xF8, 0xFF, 0x74, 0x69, 0x74, 0x69, 0x61,
            0x6E, 0x0A, 0x2A, 0x89, 0xD3, 0x7A, 7, 0, 0, 0,
        ],
        [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 0x63, 0x60, 0x40, 0x05, 0],
    ]

    /// The project's own files in `Tests/Fixtures`.
    private static func files(_ folder: String) -> [[UInt8]] {
        let path = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let names = try? FileManager.default.contentsOfDirectory(
            atPath: "/\(path)/Fixtures/\(folder)")
        return (names ?? []).sorted().compactMap { name in
            FileManager.default.contents(atPath: "/\(path)/Fixtures/\(folder)/\(name)")
                .map { [UInt8]($0) }
        }
    }
}
