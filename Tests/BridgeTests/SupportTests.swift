import Attendance
import Exchange
import Foundation
import TestSupport
import Testing

@testable import Bridge

@Suite struct `A blanked configuration` {
    @Test func `keeps what is known to be harmless and nothing else`() {
        let text = """
            # RAHASIA-1 in a comment
            office = "upt-contoh-utara"   # RAHASIA-2
            timezone = "Asia/Makassar"
            comm_key = 48151623
            passwrod = "RAHASIA-3"
            RAHASIA-4
            [server]
            url = "https://user:RAHASIA-5@bkd.example.go.id"
            pin = ["sha256//AAAA", "sha256//BBBB"]
            [rahasia-6]
            [page]
            contact = "Pak RAHASIA-7 0812"
            [[terminal]]
            name = "lobi" # RAHASIA-8
            link = "tcp://192.168.1.201:4370"
            poll_s = 30
            live = true # RAHASIA-9
            comm_key_file = \"\"\"
            RAHASIA-10
            \"\"\"
            serial_number = "a\\"RAHASIA-11"
            record_size = RAHASIA-12
            [[terminal]]
            comm_key_file = "RAHASIA-13"
            """
        let shown = BlankedConfiguration.text(of: text)
        #expect(!shown.lowercased().contains("rahasia"))
        #expect(!shown.contains("48151623"))
        #expect(
            shown == """
                # …
                office = "upt-contoh-utara"
                timezone = "Asia/Makassar"
                # (a key that is not known)
                # (a key that is not known)
                # (not shown)
                [server]
                url = "(blanked)"
                pin = ["sha256//AAAA", "sha256//BBBB"]
                # (not shown)
                [page]
                contact = "(blanked)"
                [[terminal]]
                name = "lobi"
                link = "tcp://192.168.1.201:4370"
                poll_s = 30
                live = true
                comm_key_file = "(blanked)"
                # (not shown)
                # (not shown)
                serial_number = "(blanked)"
                record_size = "(blanked)"
                [[terminal]]
                comm_key_file = "(blanked)"

                """)
    }
}

@Suite struct `Blanked entries` {
    private func entry(_ body: EntryBody, seq: Int64 = 7) throws -> [UInt8] {
        let at = try #require(UTCTime("2026-11-25T00:00:00.000Z"))
        return Entry(seq: seq, at: at, boot: 1, up: 5_000, body: body).line
    }

    private func punch(_ pin: String, raw: [UInt8]? = nil) throws -> EntryBody {
        let time = try #require(WallTime("2026-11-25T08:00:00"))
        return .punch(
            try TerminalID("zkteco:BWXP20126001"),
            Punch(
                pin: try Pin(pin), time: time, verify: .finger, verifyNumber: 1, state: .checkIn,
                stateNumber: 0, raw: raw), via: .log)
    }

    private func shown(_ blanked: BlankedEntries, _ body: EntryBody) throws -> String {
        String(decoding: try #require(blanked.line(try entry(body))), as: UTF8.self)
    }

    @Test func `have a word for each person, and another one in the next bundle`() throws {
        var random = SystemRandomNumberGenerator()
        let blanked = BlankedEntries(using: &random)
        let line = try shown(blanked, try punch("0048151", raw: Array("0048151".utf8)))
        #expect(!line.contains("48151"))
        #expect(!line.contains("raw"))
        #expect(line.contains(#""time":"2026-11-25T08:00:00""#))
        let same = try shown(blanked, try punch("48151"))
        let other = try shown(blanked, try punch("48152"))
        let next = try shown(BlankedEntries(using: &random), try punch("48151"))
        #expect(line == same && line != other && line != next)
        let open = BlankedEntries(showsPins: true, using: &random)
        #expect(try shown(open, try punch("48151")).contains(#""pin":"48151""#))
    }

    @Test func `say nothing in people's own words`() throws {
        var random = SystemRandomNumberGenerator()
        let blanked = BlankedEntries(using: &random)
        let stick = EntryBody.fileImport(
            nil, file: "budi.dat", sha256: "ab", read: 1, new: 1, known: 0, odd: 0)
        #expect(try !shown(blanked, stick).contains("budi"))
        let witness = EntryBody.bridge(
            .timeWitnessed, detail: "2026-11-25T00:03:00.000Z: box showed x, read off: ponsel Budi")
        #expect(try shown(blanked, witness).contains("2026-11-25T00:03:00.000Z: box showed x"))
        #expect(try !shown(blanked, witness).contains("Budi"))
        let odd = EntryBody.oddity(
            try TerminalID("anviz:1"), Oddity(reason: "Budi", raw: Array("Budi".utf8)), via: .log)
        #expect(try !shown(blanked, odd).contains("Budi"))
        let strange =
            #"{"seq":1,"at":"Budi","kind":"Budi","terminal":"Budi","time":"Budi","x":"Budi"}"#
        let line = try #require(blanked.line(Array(strange.utf8)))
        #expect(String(decoding: line, as: UTF8.self) == #"{"seq":1}"#)
    }

    @Test func `are found in the bytes of a file that nobody can open`() throws {
        var random = SystemRandomNumberGenerator()
        let blanked = BlankedEntries(using: &random)
        var bytes: [UInt8] = [1, 2, 3]
        for seq in [12, 3, 12, 9] as [Int64] {
            bytes += try entry(try punch("48151"), seq: seq) + [0, 255, 0x7B]
        }
        bytes += Array(#"{"seq":99,"kind":"pun"#.utf8)
        let found = blanked.salvaged(from: bytes, limit: 2).map { EntryFields(line: $0)?.seq }
        #expect(found == [9, 12])
    }
}

@Suite struct `A support archive` {
    @Test func `can be read by tar`() throws {
        let time = try #require(UTCTime("2026-11-25T00:00:00.000Z"))
        var archive = SupportArchive(at: time)
        archive.add("titian-bundle/a.json", Array("{}\n".utf8))
        archive.add("titian-bundle/b.txt", [UInt8](repeating: 0x61, count: 1_024))
        let bytes = try #require(archive.compressed)
        let file = FileManager.default.temporaryDirectory
            .appendingPathComponent("titian-\(UUID().uuidString).tar.gz")
        try Data(bytes).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let tar = Process()
        tar.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        tar.arguments = ["tar", "-tvzf", file.path]
        tar.environment = ["TZ": "UTC", "LANG": "C", "PATH": "/usr/bin:/bin"]
        let pipe = Pipe()
        tar.standardOutput = pipe
        try tar.run()
        let said = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        tar.waitUntilExit()
        #expect(tar.terminationStatus == 0)
        let lines = said.split(separator: "\n").map { $0.split(separator: " ") }
        #expect(lines.map(\.last) == ["titian-bundle/a.json", "titian-bundle/b.txt"])
        #expect(lines.map { $0[2] } == ["3", "1024"])
        #expect(lines.allSatisfy { $0[3] == "2026-11-25" })
    }
}

@Suite struct `The service's log` {
    @Test func `is what the program said, as far as it goes`() {
        let log = ServiceLog.newest(lines: 5, command: ["echo", "one"])
        #expect(
            log.map { String(decoding: $0, as: UTF8.self) }?.hasPrefix("one --unit titiand") == true
        )
        #expect(ServiceLog.newest(lines: 5, command: ["echo"], limit: 4)?.count == 4)
    }

    @Test(arguments: [["false"], ["/nonexistent/journalctl"]])
    func `is none where there is no such program or it fails`(command: [String]) {
        #expect(ServiceLog.newest(lines: 5, command: command) == nil)
    }
}

@Suite struct `The facts of a box` {
    @Test func `are its versions and what is plugged in, without anything that names it`()
        async throws
    {
        try await withTemporaryFolder { folder in
            func put(_ text: String, _ path: String) throws {
                let file = folder.appendingPathComponent(path)
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(text.utf8).write(to: file)
            }
            try put("6.12.1-amd64\n", "proc/sys/kernel/osrelease")
            try put("ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 13\"\n", "etc/os-release")
            try put("1a86\n", "sys/bus/usb/devices/1-2/idVendor")
            try put("7523\n", "sys/bus/usb/devices/1-2/idProduct")
            try put("RAHASIA\n", "sys/bus/usb/devices/1-2/serial")
            try put("up\n", "sys/class/net/eth0/operstate")
            try put("00:11:22:33:44:55\n", "sys/class/net/eth0/address")
            let json = String(decoding: BoxFacts(root: folder.path).json, as: UTF8.self)
            #expect(json.contains(#""system":"Debian GNU/Linux 13""#))
            #expect(json.contains(#""place":"1-2","id":"1a86:7523""#))
            #expect(json.contains(#""name":"eth0","state":"up""#))
            #expect(!json.contains("RAHASIA") && !json.contains("00:11:22"))
            _ = try JSONSerialization.jsonObject(with: Data(json.utf8))
        }
    }
}
