import Attendance
import Testing

@Suite struct `A PIN` {
    @Test(arguments: [
        ("17", "17", "17"),
        ("0017", "0017", "17"),
        ("  17 ", "17", "17"),
        ("17\u{0}\u{0}\u{0}", "17", "17"),
        ("\u{0}17 \u{0}", "17", "17"),
        ("000", "000", "0"),
        ("0", "0", "0"),
        ("00A7", "00A7", "00A7"),
        ("-017", "-017", "-017"),
        ("199003172014031001", "199003172014031001", "199003172014031001"),
    ])
    func `keeps what was recorded and knows its canonical form`(
        recorded: String, text: String, canonical: String
    ) throws {
        let pin = try Pin(recorded)
        #expect(pin.text == text)
        #expect(pin.canonical == canonical)
    }

    @Test(arguments: ["", "   ", "\u{0}\u{0}", "1 7", "1\u{0}7", "17\n", "é", "\u{7F}"])
    func `is refused if no terminal lets anyone type it`(recorded: String) {
        #expect(throws: InvalidValue.self) { try Pin(recorded) }
    }

    @Test func `has 24 characters at most`() throws {
        _ = try Pin(String(repeating: "9", count: 24))
        let error = #expect(throws: InvalidValue.self) {
            try Pin(String(repeating: "9", count: 25))
        }
        #expect(error?.rule == "a PIN has 1 to 24 characters")
    }

    @Test func `that a terminal stores as a number has no leading zeros`() {
        #expect(Pin(0 as UInt64).canonical == "0")
        #expect(Pin(UInt64.max).text == "18446744073709551615")
    }

    @Test func `that is only a slot is not the person of that number`() throws {
        #expect(Pin(slot: 17).canonical == "#17")
        #expect(try Pin("17").canonical != Pin(slot: 17).canonical)
    }
}

@Suite struct `A terminal's identity` {
    @Test func `is its make and serial number`() throws {
        let id = try TerminalID("zkteco:BWXP20126001")
        #expect(id.make == "zkteco" && id.serial == "BWXP20126001")
        #expect(id.description == "zkteco:BWXP20126001")
    }

    @Test(arguments: [
        "", "zkteco", ":1", "zkteco:", "ZKTeco:1", "zk teco:1", "zkteco:a b", "zkteco:a/b",
        "zkteco:a:b", "zkteco:ä", "abcdefghijklmnopq:1",
        "zkteco:" + String(repeating: "9", count: 65),
    ])
    func `is refused where it could not stand in a file name and a URL`(text: String) {
        #expect(throws: InvalidValue.self) { try TerminalID(text) }
    }

    @Test(arguments: ["0000000000000", "1111111", "1234567890", "0123456789", "12345678", "0"])
    func `gets the MAC address beside a factory's dummy`(serial: String) throws {
        let id = try TerminalID(make: "zkteco", reportedSerial: serial, mac: "00:17:61:8A:2B:3C")
        #expect(id.serial == "\(serial)+0017618a2b3c")
    }

    @Test func `of a terminal without a serial number is its MAC address`() throws {
        let id = try TerminalID(make: "zkteco", reportedSerial: " \u{0}", mac: "00:17:61:8a:2b:3c")
        #expect(id.serial == "0+0017618a2b3c")
        #expect(throws: InvalidValue.self) {
            try TerminalID(make: "zkteco", reportedSerial: "", mac: nil)
        }
    }

    @Test func `needs no MAC address where the serial number tells terminals apart`() throws {
        let id = try TerminalID(
            make: "anviz", reportedSerial: "0000000000001234\u{0}", mac: "00:17:61:8a:2b:3c")
        #expect(id.serial == "0000000000001234")
    }
}

@Suite struct `An office's name` {
    @Test(arguments: ["upt-contoh-utara", "a", "7", String(repeating: "a", count: 64)])
    func `is lower-case words joined by hyphens`(text: String) throws {
        #expect(try OfficeID(text).description == text)
    }

    @Test(arguments: ["", "UPT", "upt utara", "-upt", "upt_utara", "é"])
    func `is refused otherwise`(text: String) {
        #expect(throws: InvalidValue.self) { try OfficeID(text) }
    }
}

@Suite struct `A zone` {
    @Test(arguments: [
        ("Asia/Jakarta", Zone.wib), ("Asia/Pontianak", .wib), ("WIB", .wib),
        ("Asia/Makassar", .wita), ("Asia/Ujung_Pandang", .wita), ("WITA", .wita),
        ("Asia/Jayapura", .wit), ("WIT", .wit),
    ])
    func `is found by each of its names`(name: String, zone: Zone) throws {
        #expect(try Zone(name) == zone)
        #expect(try Zone(zone.ianaName) == zone)
    }

    @Test func `outside Indonesia is refused with the zones there are`() {
        let error = #expect(throws: InvalidValue.self) { try Zone("Asia/Singapore") }
        #expect(error?.rule.contains("Asia/Makassar (WITA)") == true)
    }
}

@Suite struct `Hexadecimal digits` {
    @Test func `are the same bytes after writing and reading`() {
        let bytes = (0...255).map { UInt8($0) }
        #expect([UInt8](hex: bytes.hex) == bytes)
        #expect([UInt8](hex: bytes.hex.uppercased()) == bytes)
        #expect([UInt8](hex: "A5 00 ff") == [0xA5, 0, 0xFF])
        #expect([UInt8](hex: "") == [])
    }

    @Test(arguments: ["a", "abc", "0x10", "gg", "1\n2", "١٢"])
    func `are refused if one is missing or is none`(text: String) {
        #expect([UInt8](hex: text) == nil)
    }
}

@Suite struct `Sources of a punch` {
    @Test func `are ranked log, push, stick, live`() {
        #expect(PunchSource.allCases.sorted() == [.live, .stick, .push, .log])
    }
}
