import Attendance
import Exchange
import Testing

@testable import Central

@Suite struct `Coverage` {
    private func stretch(_ from: Int64, _ through: Int64) -> CoverageInterval {
        CoverageInterval(from: moment(from), through: moment(through))
    }

    @Test func `joins stretches that touch or overlap`() {
        let set = CoverageSet([stretch(0, 10), stretch(10, 20), stretch(15, 30)])
        #expect(set.intervals == [stretch(0, 30)])
        #expect(set.holes == [])
        #expect(set.completeThrough == moment(30))
    }

    @Test func `keeps a hole and lets it decide how far data is complete`() {
        let set = CoverageSet([stretch(40, 50), stretch(0, 10), stretch(60, 70)])
        #expect(set.completeThrough == moment(10))
        #expect(set.holes == [stretch(10, 40), stretch(50, 60)])
    }

    @Test func `closes a hole with what covers it`() {
        var set = CoverageSet([stretch(0, 10), stretch(40, 50)])
        set.insert(stretch(5, 45))
        #expect(set.intervals == [stretch(0, 50)])
    }

    @Test(arguments: 1...20)
    func `is the same in whatever order its stretches come`(seed: UInt64) {
        var dice = Dice(seed: seed)
        let stretches = (0..<12).map { _ in
            let from = Int64.random(in: 0..<100, using: &dice)
            return stretch(from, from + Int64.random(in: 0..<15, using: &dice))
        }
        let covered = Set(stretches.flatMap { $0.from.seconds...$0.through.seconds })
        let set = CoverageSet(stretches)
        #expect(set == CoverageSet(stretches.shuffled(using: &dice)))
        #expect(set == CoverageSet(stretches + stretches))
        #expect(Set(set.intervals.flatMap { $0.from.seconds...$0.through.seconds }) == covered)
    }
}

@Suite struct `The order of calls` {
    private func call(_ boot: Int64, _ n: Int64, journal: Int64 = 1) -> CallOrder.Call {
        CallOrder.Call(journal: journal, boot: boot, n: n)
    }

    private func verdicts(_ calls: [CallOrder.Call]) -> [CallOrder.Verdict] {
        var order = CallOrder()
        return calls.map { order.take($0) }
    }

    @Test func `goes by boot before number`() {
        #expect(
            verdicts([call(1, 5), call(1, 6), call(2, 1), call(1, 7)])
                == [.newest, .newest, .newest, .older])
    }

    @Test func `takes the calls of a later journal for newer`() {
        #expect(verdicts([call(9, 5), call(7, 1, journal: 2)]) == [.newest, .newest])
    }

    @Test func `takes a few late calls for what they are`() {
        #expect(
            verdicts([call(1, 5), call(1, 3), call(1, 4), call(1, 6), call(1, 3), call(1, 7)])
                == [.newest, .older, .older, .newest, .older, .newest])
    }

    @Test func `finds two boxes with one identity by their taking turns`() {
        let calls = (0..<4).flatMap { [call(9, 100 + $0), call(9, 50 + $0)] }
        #expect(
            verdicts(calls)
                == [.newest, .older, .newest, .older, .newest, .clone, .newest, .clone])
    }

    @Test func `takes no stick for a clone, however many come between the calls`() {
        var order = CallOrder()
        for step in 0..<6 {
            #expect(order.take(call(9, 100 + Int64(step))) == .newest)
            #expect(order.takeCarried(call(9, 50 + Int64(step))) == .older)
        }
        #expect(order.take(call(9, 60)) == .older)
    }

    @Test func `lets a stick that is ahead of all be the newest`() {
        var order = CallOrder()
        #expect(order.takeCarried(call(1, 5)) == .newest)
        #expect(order.take(call(1, 4)) == .older)
        #expect(order.takeCarried(call(1, 6)) == .newest)
        #expect(order.turns == 0)
    }

    @Test func `finds a clone whose boots alternate`() {
        let calls = (0..<4).flatMap { [call(9, 100 + $0), call(7, 900 + $0)] }
        #expect(verdicts(calls).contains(.clone))
    }
}

@Suite struct `A list of offices` {
    private func read(_ text: String) throws -> [OfficeList.Row] {
        try OfficeList.read(Array(text.utf8))
    }

    @Test func `may be written by a spreadsheet`() throws {
        let text =
            "\u{FEFF}name,id,stage,zone,contact\r\n"
            + "\"SMAN 2, \"\"Contoh\"\"\",sman-2,Uji Coba,WITA,\"Bu Rini\n0812\"\r\n"
            + "\r\n"
            + "SMAN 3, sman-3 ,planned,Asia/Jakarta,\r\n"
        let rows = try read(text)
        #expect(rows.map(\.id.description) == ["sman-2", "sman-3"])
        #expect(rows.map(\.name) == ["SMAN 2, \"Contoh\"", "SMAN 3"])
        #expect(rows.map(\.stage) == [.pilot, .planned])
        #expect(rows.map(\.zone) == [.wita, .wib])
        #expect(rows.map(\.contact) == ["Bu Rini\n0812", nil])
    }

    @Test func `may be separated by semicolons and have no contacts`() throws {
        let rows = try read("id;name;zone;stage\na;Kantor A;WIT;aktif")
        #expect(rows.map(\.name) == ["Kantor A"])
    }

    @Test(arguments: [
        ("", 1, "id"),
        ("id,name,zone\n", 1, "stage"),
        ("id,name,zone,stage,telepon\n", 1, "telepon"),
        ("id,name,zone,stage\na,A,WITA,aktif\nB,B,WITA,aktif\n", 3, "id"),
        (
            "id,name,zone,stage\na,A,WITA,aktif\n\"b\",\"B\n2\",WITA,aktif\nc,C,UTC,aktif\n", 5,
            "zone"
        ),
        ("id,name,zone,stage\na,A,WITA,sibuk\n", 2, "stage"),
        ("id,name,zone,stage\na,,WITA,aktif\n", 2, "name"),
        ("id,name,zone,stage\na,A,WITA\n", 2, "id"),
        ("id,name,zone,stage\na,A,WITA,aktif\na,A,WITA,aktif\n", 3, "id"),
        ("id,name,zone,stage\na,\"A,WITA,aktif\n", 2, "2"),
        ("id,name,zone,stage\na,\"A\"x,WITA,aktif\n", 2, "2"),
    ])
    func `is refused with the line and the column of the first mistake`(
        text: String, line: Int, column: String
    ) throws {
        let error = #expect(throws: CentralError.self) { try read(text) }
        guard case .badOffices(let foundLine, let foundColumn, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(foundLine == line)
        #expect(foundColumn == column)
    }
}

@Suite struct `A clock` {
    @Test(
        arguments: [
            (60_000, 500, false), (60_501, 500, true), (-61_000, 500, true), (-60_000, 0, false),
            (Int64.max, Int64.max, false), (Int64.min, 0, true),
        ] as [(Int64, Int64, Bool)])
    func `is off beyond a minute and what the measurement may be off`(
        offset: Int64, error: Int64, isOff: Bool
    ) {
        #expect(ClockRule.isOff(offset: offset, error: error) == isOff)
    }

    @Test func `has jumped when two readings cannot both be right`() {
        #expect(!ClockRule.isJump(from: (1_000, 500), to: (3_900, 500)))
        #expect(ClockRule.isJump(from: (1_000, 500), to: (4_001, 500)))
        #expect(ClockRule.isJump(from: (Int64.min, 0), to: (Int64.max, 0)))
    }
}
