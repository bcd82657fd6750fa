import Attendance
import Foundation
import Testing

@testable import Exchange

/// The quick way of reading a line must never say anything else than the general decoder.
@Suite struct `Reading a line` {
    private func general(_ line: [UInt8]) -> EntryFields? {
        try? JSONDecoder().decode(EntryFields.self, from: Data(line))
    }

    private func lines() throws -> [[UInt8]] {
        var box = try Box(seed: 3)
        box.write(try punch("17", 1))
        box.write(try punch("#4", 2, via: .live))
        let id = try terminal()
        box.write(.oddity(id, Oddity(reason: "impossible date", raw: [1, 2, 255]), via: .log))
        let reading = ClockReading(
            device: WallTime(seconds: 1_795_507_200), asked: moment(), answered: moment(1),
            zone: .wita)
        box.write(.clock(id, reading, hostSynced: true))
        box.write(.terminal(id, .lost, detail: "kabel \"biru\"\n"))
        box.write(.coverage(id, CoverageInterval(from: moment(), through: moment(9)), records: 7))
        box.write(.bridge(.start, detail: "mulai – ñ 🌉"))
        box.write(.fileImport(nil, file: "a.dat", sha256: "00", read: 1, new: 1, known: 0, odd: 0))
        return box.lines
    }

    @Test func `takes the quick way for every line we write, unless it needs an escape`() throws {
        for line in try lines() {
            let isPlain = !line.contains(UInt8(ascii: "\\"))
            #expect((EntryFields(plain: line) != nil) == isPlain)
            #expect(EntryFields(line: line) == general(line))
        }
    }

    @Test func `says the same as the general decoder of a line damaged anywhere`() throws {
        for line in try lines() {
            for index in line.indices {
                for byte: UInt8 in [0x22, 0x2C, 0x2E, 0x30, 0x31, 0x5C, 0x65, 0x7B, 0x7D, 0xC3] {
                    var damaged = line
                    damaged[index] = byte
                    guard let plain = EntryFields(plain: damaged) else { continue }
                    #expect(
                        plain == general(damaged), "\(String(decoding: damaged, as: UTF8.self))")
                }
            }
        }
    }

    @Test(arguments: [
        "", "{", "{}", "[]", "{\"seq\":1", "{\"seq\":1}}", "{\"seq\":1}{", "{\"seq\":01}",
        "{\"seq\":-0}", "{\"seq\":1.0}", "{\"seq\":1e3}", "{\"seq\":null}", "{\"seq\":\"1\"}",
        "{\"seq\":1,}", "{\"seq\":1,\"pin\":17}", "{\"seq\":1,\"work\":true}", " {\"seq\":1}",
        "{\"seq\":1,\"seq\":2}", "{\"seq\":9999999999999999999}", "{\"seq\":1,\"verify_no\":null}",
        "{\"seq\":1,\"host_synced\":nul}", "{\"seq\":123456789012345678901234567890}",
    ])
    func `leaves what is not plain to the general decoder`(text: String) {
        let line = Array(text.utf8)
        if let plain = EntryFields(plain: line) { #expect(plain == general(line)) }
        #expect(EntryFields(line: line) == general(line))
    }
}
