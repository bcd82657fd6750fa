import Attendance
import Foundation
import TerminalKit
import Testing

@Suite struct `A position in a log` {
    let hashes: [UInt64] = (1...200).map { UInt64($0) }

    func position(_ proof: [UInt64]) -> LogPosition {
        LogPosition(count: 200, recordSize: 40, proof: proof)
    }

    @Test func `remembers the last records and no more`() {
        #expect(position(hashes).proof == Array(hashes.suffix(64)))
        #expect(position([1, 2]).proof == [1, 2])
    }

    @Test func `is found just after its last record`() {
        #expect(position([10, 11, 12]).end(in: hashes) == 12)
        #expect(position([198, 199, 200]).end(in: hashes) == 200)
        #expect(position([1]).end(in: hashes) == 1)
    }

    @Test func `is found at the newest of several places`() {
        #expect(position([1, 2]).end(in: [1, 2, 3, 1, 2, 3]) == 5)
    }

    @Test(arguments: [[], [12, 11], [200, 201], [0]] as [[UInt64]])
    func `is not found where its records are not`(proof: [UInt64]) {
        #expect(position(proof).end(in: hashes) == nil)
        #expect(position([1, 2, 3]).end(in: [1, 2]) == nil)
    }

    @Test func `tells records apart by every bit`() {
        let record = [UInt8](0..<40)
        let hash = LogPosition.hash(of: record)
        for bit in 0..<320 {
            var other = record
            other[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(LogPosition.hash(of: other) != hash)
        }
    }

    @Test func `hashes as it always has: stored positions must stay good`() {
        #expect(LogPosition.hash(of: [UInt8]()) == 0xCBF2_9CE4_8422_2325)
        #expect(LogPosition.hash(of: Array("a".utf8)) == 0xAF63_DC4C_8601_EC8C)
        #expect(LogPosition.hash(of: Array("foobar".utf8)) == 0x8594_4171_F739_67E8)
        let slice = [UInt8](repeating: 0, count: 3) + Array("foobar".utf8)
        #expect(LogPosition.hash(of: slice[3...]) == 0x8594_4171_F739_67E8)
    }

    @Test func `is stored under the names of the journal`() throws {
        let coder = JSONEncoder()
        coder.outputFormatting = .sortedKeys
        let text = String(decoding: try coder.encode(position([7])), as: UTF8.self)
        #expect(text == #"{"count":200,"proof":[7],"record_size":40}"#)
        #expect(try JSONDecoder().decode(LogPosition.self, from: Data(text.utf8)) == position([7]))
    }
}

@Suite struct `A problem with a terminal` {
    static let all: [any Explained] = [
        LinkError.silent(after: .seconds(3)), LinkError.closed(reason: "reset"),
        LinkError.unreachable(address: "192.0.2.1:4370", reason: "no route"),
        LinkError.missing(path: "/dev/ttyUSB9"), LinkError.busy(path: "/dev/ttyUSB0"),
        LinkError.forbidden(path: "/dev/ttyUSB0"),
        LinkError.unsettable(path: "/dev/ttyUSB0", setting: "12345 baud"), LinkError.cancelled,
        DriverError.wrongKey, DriverError.locked,
        DriverError.otherMake(expected: "ZKTeco", seen: "Anviz", bytes: [0xA5]),
        DriverError.unsupported(what: "a handshake", code: 6001),
        DriverError.garbled(what: "wrong checksum", bytes: [1]),
        DriverError.refused(question: "time", code: 2001),
        DriverError.incomplete(received: 5, expected: 6),
    ]

    @Test func `has a code of its own`() {
        let codes = Self.all.map(\.problem.code)
        #expect(Set(codes).count == codes.count)
    }

    @Test func `says in both languages what happened and what to do`() {
        for error in Self.all {
            let problem = error.problem
            for text in [problem.summary, problem.remedy] {
                #expect(text.indonesian.hasSuffix("."))
                #expect(text.english.hasSuffix("."))
                #expect(text.indonesian != text.english)
            }
        }
    }

    @Test func `names the terminal it is about`() {
        let problem = DriverError.wrongKey.problem.about("lobi")
        #expect(problem.summary.english.hasPrefix("lobi: "))
        #expect(problem.code == "terminal.wrong-key")
    }
}
