import Attendance
import Exchange
import Testing

@Suite struct `A journal's chain` {
    @Test func `begins with the journal and its key`() throws {
        let key = try Samples.bridgeKey().verifying.bytes
        let other = try JournalID("000102030405060708090a0b0c0d0e0e")
        let first = Chain(journal: try Samples.journal(), publicKey: key)
        #expect(first != Chain(journal: other, publicKey: key))
        #expect(
            first
                != Chain(
                    journal: try Samples.journal(),
                    publicKey: try Samples.centreKey().verifying.bytes))
    }

    @Test func `is the same whether a line or only its digest is left`() throws {
        let lines = try Samples.lines()
        var whole = Chain(after: try Samples.head())
        var purged = whole
        for line in lines {
            whole.append(line: line)
            purged.append(digest: Chain.digest(ofLine: line))
        }
        #expect(whole == purged)
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func `tells any two different journals apart`(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        let lines = (0..<8).map { _ in dice.bytes(0...40) }
        var changed = lines
        let place = Int.random(in: 0..<lines.count, using: &dice)
        switch Int.random(in: 0..<3, using: &dice) {
        case 0: changed[place].append(0)
        case 1: changed.remove(at: place)
        default: changed.insert(dice.bytes(1...3), at: place)
        }
        func head(_ lines: [[UInt8]]) throws -> ChainHash {
            var chain = Chain(after: try Samples.head())
            for line in lines { chain.append(line: line) }
            return chain.head
        }
        #expect(try head(lines) != head(changed))
    }

    @Test func `goes on where it was stopped`() throws {
        let lines = try Samples.lines()
        var whole = Chain(after: try Samples.head())
        for line in lines { whole.append(line: line) }
        var part = Chain(after: try Samples.head())
        for line in lines.prefix(4) { part.append(line: line) }
        var rest = Chain(after: part.head)
        for line in lines.dropFirst(4) { rest.append(line: line) }
        #expect(rest.head == whole.head)
    }

    @Test(arguments: ["", "00", "zz", String(repeating: "0", count: 63), "0001 0203"])
    func `has hashes and names of one length only`(text: String) {
        #expect(throws: InvalidValue.self) { try ChainHash(text) }
        #expect(throws: InvalidValue.self) { try JournalID(text) }
    }

    @Test func `of a new journal has a name from the given random numbers`() throws {
        var dice = Dice(seed: 1)
        let first = JournalID(using: &dice)
        #expect(first != JournalID(using: &dice))
        #expect(try JournalID(first.description) == first)
    }
}

@Suite struct `A punch's identity` {
    private func identity(_ pin: Pin, _ time: String, _ terminal: String = "zkteco:1") throws
        -> PunchIdentity
    {
        PunchIdentity(
            terminal: try TerminalID(terminal), pin: pin, time: try Samples.wall(time))
    }

    @Test func `is one for a number with and without leading zeros`() throws {
        let time = "2026-11-21T08:02:09"
        #expect(try identity(Pin("0017"), time) == identity(Pin("17"), time))
        #expect(try identity(Pin("0017"), time) == identity(Pin(17 as UInt64), time))
    }

    @Test func `differs by person, second, terminal, slot, and nothing runs together`() throws {
        let time = "2026-11-21T08:02:09"
        let all = try [
            identity(Pin("17"), time), identity(Pin("18"), time),
            identity(Pin("17"), "2026-11-21T08:02:10"), identity(Pin(slot: 17), time),
            identity(Pin("17"), time, "zkteco:11"), identity(Pin("17"), time, "anviz:1"),
            identity(Pin("0A"), time), identity(Pin("A"), time),
            PunchIdentity(terminal: TerminalID("zkteco:1"), oddity: Array("17".utf8)),
            PunchIdentity(terminal: TerminalID("zkteco:1"), oddity: Array("18".utf8)),
        ]
        #expect(Set(all).count == all.count)
    }
}
