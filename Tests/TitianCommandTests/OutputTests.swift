import Attendance
import Exchange
import Speech
import StickFiles
import TerminalKit
import Testing

@testable import titian

private func punch(raw: [UInt8]? = nil) throws -> Punch {
    Punch(
        pin: try Pin("0017"), time: try #require(WallTime("2026-11-21T08:02:09")), verify: .finger,
        verifyNumber: 1, state: .checkIn, stateNumber: 0, workCode: 3, raw: raw)
}

@Suite struct `A record as a line` {
    @Test func `has the fields of a punch in a fixed order`() throws {
        #expect(
            String(decoding: RecordLine.json(.punch(try punch())), as: UTF8.self)
                == #"{"pin":"0017","time":"2026-11-21T08:02:09","verify":"finger","verify_no":1,"#
                + #""state":"in","state_no":0,"work":3,"raw":null}"#)
    }

    @Test func `has the bytes where the fields cannot rebuild them`() throws {
        let line = RecordLine.json(.punch(try punch(raw: [0xAB, 0x01])))
        #expect(String(decoding: line, as: UTF8.self).hasSuffix(#""raw":"ab01"}"#))
    }

    @Test func `is told from an oddity by its first key`() {
        let line = RecordLine.json(.oddity(Oddity(reason: "impossible date", raw: [1, 2])))
        #expect(
            String(decoding: line, as: UTF8.self) == #"{"oddity":"impossible date","raw":"0102"}"#)
    }

    @Test func `for people names the way of recognition in their language`() throws {
        let record = LogRecord.punch(try punch())
        Speech.$language.withValue(.indonesian) {
            #expect(
                RecordLine.text(record)
                    == "2026-11-21 08:02:09  0017        sidik jari   masuk  work 3")
        }
        Speech.$language.withValue(.english) {
            #expect(
                RecordLine.text(record)
                    == "2026-11-21 08:02:09  0017        finger       in  work 3")
        }
    }
}

@Suite struct `A decoded item as a line` {
    @Test func `of a packet has its fields in the order of the wire`() {
        let item = DecodedItem.packet(
            name: "ack-ok", toTerminal: false,
            fields: [
                DecodedField("session", 17), DecodedField("text", "a\"b"),
                DecodedField("data", .bytes([0xFF])), DecodedField("ok", .flag(true)),
            ])
        #expect(
            String(decoding: DecodedLine.json(item), as: UTF8.self)
                == #"{"type":"packet","name":"ack-ok","direction":"from-terminal","#
                + #""fields":{"session":17,"text":"a\"b","data":"ff","ok":true}}"#)
    }

    @Test func `of a live punch says so`() throws {
        let line = DecodedLine.json(.record(.punch(try punch()), via: .live))
        #expect(
            String(decoding: line, as: UTF8.self).hasPrefix(
                #"{"type":"punch","via":"live","pin":"0017""#))
    }

    @Test func `of noise has its bytes`() {
        let line = DecodedLine.json(.noise(reason: "wrong checksum", bytes: [0xA5]))
        #expect(
            String(decoding: line, as: UTF8.self)
                == #"{"type":"noise","reason":"wrong checksum","raw":"a5"}"#)
    }

    @Test func `of a stick file comes after the file itself`() throws {
        let row = StickFile.Row(
            number: 4, record: .punch(try punch()), device: 1, doubts: ["out of order"])
        let lines = DecodedLine.lines(
            of: StickFile(format: .attLog, rows: [row], doubts: ["cut short"]), asJSON: true
        ).map { String(decoding: $0, as: UTF8.self) }
        #expect(
            lines[0] == #"{"type":"file","format":"attlog","rows":1,"doubts":["cut short"]}"#)
        #expect(lines[1].hasPrefix(#"{"type":"punch","row":4,"device":1,"pin":"0017""#))
        #expect(lines[1].hasSuffix(#""doubts":["out of order"]}"#))
    }
}

@Suite struct `Lines in an answer of the daemon` {
    @Test func `are cut out byte for byte`() {
        let first = #"{"seq":1,"at":"x","detail":"a \"}\" in quotes, \\"}"#
        let second = #"{ "seq":2, "from":{"seq":9} }"#
        let answer = Array(#"{"lines":[\#(first),\#(second)],"last":2}"#.utf8)
        #expect(
            JSONText.lines(in: answer).map { String(decoding: $0, as: UTF8.self) }
                == [first, second])
    }

    @Test(arguments: [#"{"lines":[],"last":0}"#, "{}", "", #"{"lines":["#])
    func `are none where there are none`(answer: String) {
        #expect(JSONText.lines(in: Array(answer.utf8)).isEmpty)
    }
}

@Suite struct `An entry for people` {
    @Test(arguments: [
        (
            #"{"seq":1042,"at":"2026-11-21T00:02:11.120Z","kind":"punch","terminal":"zkteco:B1","#
                + #""pin":"17","time":"2026-11-21T08:02:09","verify":"finger","state":"in","via":"log"}"#,
            "#1042    2026-11-21 00:02:11Z  punch     "
                + "zkteco:B1  17  2026-11-21 08:02:09  finger  in  log"
        ),
        (
            #"{"seq":2,"at":"2026-11-21T00:02:11.120Z","kind":"bridge","event":"start"}"#,
            "#2       2026-11-21 00:02:11Z  bridge    start"
        ),
        ("no json", "no json"),
    ])
    func `says what happened, and shows what it cannot read as it stands`(
        line: String, expected: String
    ) {
        Speech.$language.withValue(.english) {
            #expect(EntryText.text(line.utf8) == expected)
        }
    }
}
