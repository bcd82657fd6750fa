import Attendance
import Testing
import ZKTeco

@testable import Simulator

@Suite struct `A simulated ZKTeco terminal` {
    /// A client that has already said CONNECT.
    private func connected(
        isDatagram: Bool = true, _ change: (inout SimulatorSettings) -> Void = { _ in }
    ) -> Client {
        var client = Client(terminal("zkteco", change), isDatagram: isDatagram)
        #expect(client.ask(Command.connect).commands == [Command.ackOK])
        return client
    }

    // MARK: Sessions and keys

    @Test func `gives every client a session of its own`() {
        let terminal = terminal("zkteco")
        var one = Client(terminal)
        var other = Client(terminal)
        _ = one.ask(Command.connect)
        _ = other.ask(Command.connect)
        #expect(one.session != 0)
        #expect(one.session != other.session)
    }

    @Test func `gives the session again to a second CONNECT`() {
        var client = connected()
        let session = client.session
        _ = client.ask(Command.connect)
        #expect(client.session == session)
    }

    @Test func `is silent to who has not said CONNECT`() {
        var client = Client(terminal("zkteco"))
        #expect(client.ask(Command.version).isEmpty)
    }

    @Test func `is silent after the good-bye`() {
        var client = connected()
        #expect(client.ask(Command.exit).commands == [Command.ackOK])
        #expect(client.ask(Command.version).isEmpty)
    }

    @Test(arguments: [UInt8(0x32), 0x00, 0xA7])
    func `takes the right key with whatever T it was covered`(ticks: UInt8) {
        var client = Client(terminal("zkteco") { $0.commKey = 4_711 })
        #expect(client.ask(Command.connect).commands == [Command.ackUnauthorised])
        #expect(client.ask(Command.version).commands == [Command.ackUnauthorised])
        let key = CommKey.scramble(key: 4_711, session: client.session, ticks: ticks)
        #expect(client.ask(Command.auth, key).commands == [Command.ackOK])
        #expect(client.ask(Command.version).commands == [Command.ackOK])
    }

    @Test func `refuses a wrong key, and is locked after several`() {
        var client = Client(terminal("zkteco") { $0.commKey = 4_711 })
        _ = client.ask(Command.connect)
        let answers = (0..<6).flatMap { _ in client.ask(Command.auth, [1, 2, 0x32, 4]).commands }
        #expect(
            answers == [UInt16](repeating: Command.ackUnauthorised, count: 5) + [Command.authLocked]
        )
    }

    // MARK: What it says of itself

    @Test func `answers an option with its name and value`() {
        var client = connected()
        let answer = client.ask(Command.optionRead, Array("~SerialNumber\0".utf8))
        #expect(answer.first?.data == Array("~SerialNumber=BWXP20126001\0".utf8))
    }

    @Test(arguments: [(40, Command.ackError), (22, Command.ackUnknown)])
    func `does not know an option that its board does not have`(size: Int, code: UInt16) {
        var client = connected { $0.recordSize = size }
        #expect(client.ask(Command.optionRead, Array("NoSuch\0".utf8)).commands == [code])
    }

    @Test func `counts in 23 words`() {
        var client = connected()
        let data = client.ask(Command.freeSizes).first?.data ?? []
        #expect(data.count == 92)
        #expect(Array(data[16..<20]) == words(5))
        #expect(Array(data[32..<36]) == words(20))
        #expect(Array(data[64..<68]) == words(100_000))
        #expect(Array(data[76..<80]) == words(99_980))
    }

    @Test func `has no counters where records have 22 bytes`() {
        var client = connected { $0.recordSize = 22 }
        #expect(client.ask(Command.freeSizes).first?.data == [0, 0, 0, 0])
    }

    @Test func `shows the time of its zone`() {
        var client = connected()
        let time = WallTime(secondsSince1970: someTime, in: .wita)
        #expect(client.ask(Command.timeRead).first?.data == words(Int(PackedTime.encode(time))))
    }

    // MARK: Tables

    @Test func `answers a small table at once`() {
        var client = connected()
        let answer = client.ask(Command.prepareBuffer, Table.log)
        #expect(answer.commands == [Command.data])
        #expect(answer.first?.session == client.session)
        #expect(answer.table.count == 4 + 20 * 40)
        #expect(Array(answer.table.prefix(4)) == words(20 * 40))
    }

    @Test func `announces a large table, gives pieces of it and frees it`() {
        var client = connected { $0.records = 100 }
        let answer = client.ask(Command.prepareBuffer, Table.log)
        #expect(answer.commands == [Command.ackOK])
        #expect(Array(answer.first?.data.prefix(9) ?? []) == [0] + words(4_004, 4_004))
        let first = client.ask(Command.readBuffer, words(0, 3_000)).table
        let rest = client.ask(Command.readBuffer, words(3_000, 1_004)).table
        #expect(first + rest == client.ask(Command.logRead).table)
        #expect(client.ask(Command.readBuffer, words(3_000, 1_005)).commands == [Command.ackError])
        _ = client.ask(Command.freeData)
        #expect(client.ask(Command.readBuffer, words(0, 4)).commands == [Command.ackError])
    }

    @Test func `refuses a piece whose end no number holds`() {
        var client = connected { $0.records = 100 }
        _ = client.ask(Command.prepareBuffer, Table.log)
        let far = client.ask(Command.readBuffer, words(0xFFFF_FFFF, 0xFFFF_FFFF))
        #expect(far.commands == [Command.ackError])
    }

    @Test func `numbers datagrams of 1,024 bytes from 0`() {
        var client = connected { $0.records = 100 }
        let answer = client.ask(Command.logRead)
        #expect(answer.first?.command == Command.prepareData)
        #expect(answer.last?.command == Command.ackOK)
        let data = answer.filter { $0.command == Command.data }
        #expect(data.map(\.session) == [0, 1, 2, 3])
        #expect(data.map(\.data.count) == [1_024, 1_024, 1_024, 932])
    }

    @Test func `gives a piece as one packet over a stream`() {
        var client = connected(isDatagram: false) { $0.records = 100 }
        _ = client.ask(Command.prepareBuffer, Table.log)
        let answer = client.ask(Command.readBuffer, words(0, 4_004))
        #expect(answer.commands == [Command.prepareData, Command.data, Command.ackOK])
    }

    @Test func `answers an empty log as an error on the old way, as nothing on the new`() {
        var client = connected { $0.records = 0 }
        #expect(client.ask(Command.logRead).commands == [Command.ackError])
        #expect(client.ask(Command.prepareBuffer, Table.log).table == words(0))
    }

    @Test(arguments: [(8, 28), (16, 28), (22, 72), (40, 72), (49, 72)])
    func `has users that go with its records`(record: Int, user: Int) {
        var client = connected { $0.recordSize = record }
        #expect(client.ask(Command.logRead).table.count == 4 + 20 * record)
        let users = client.ask(Command.tableRead, [Command.userTable])
        #expect(users.table.count == 4 + 5 * user)
    }

    @Test func `has only the old way where records have 8 bytes`() {
        var client = connected { $0.recordSize = 8 }
        #expect(client.ask(Command.prepareBuffer, Table.log).commands == [Command.ackError])
    }

    @Test func `gives the newest that its log has room for`() {
        let terminal = terminal("zkteco") {
            $0.records = 20
            $0.logSize = 25
        }
        var client = Client(terminal, isDatagram: false)
        _ = client.ask(Command.connect)
        let all = client.ask(Command.logRead).table.dropFirst(4)
        terminal.add(8)
        let newest = client.ask(Command.logRead).table.dropFirst(4)
        #expect(newest.count == 25 * 40)
        #expect(newest.prefix(17 * 40).elementsEqual(all.suffix(17 * 40)))
        terminal.add(25)
        let others = client.ask(Command.logRead).table.dropFirst(4)
        #expect(others.count == 25 * 40 && !others.elementsEqual(newest))
    }

    @Test func `has new punches in the next read, also after its log was erased`() {
        var client = connected()
        _ = client.ask(Command.logRead)
        client.terminal.with { $0.clearLog() }
        client.terminal.add(25)
        let table = client.ask(Command.logRead).table
        #expect(table.count == 4 + 25 * 40)
        let truth = client.terminal.with { $0.book.log[0].time }
        #expect(Array(table[31..<35]) == words(Int(PackedTime.encode(truth))))
    }

    // MARK: Events

    @Test(arguments: [(8, 10), (16, 12), (22, 36), (40, 32), (49, 52)])
    func `tells of punches in the form that goes with its records`(record: Int, event: Int) {
        var client = connected { $0.recordSize = record }
        let punch = client.terminal.with { $0.book.log[0] }
        #expect(client.hear(punch) == nil)
        _ = client.ask(Command.event, words(1))
        let heard = client.hear(punch)
        #expect(heard?.session == Command.attendanceEvent)
        #expect(heard?.reply == 0)
        #expect(heard?.data.count == event)
    }

    @Test func `takes the answer to an event without a word`() {
        var client = connected()
        #expect(client.ask(Command.ackOK).isEmpty)
    }

    // MARK: What a reader must not do

    @Test func `counts that it was disabled, set and erased`() {
        var client = connected()
        let time = WallTime(seconds: 1_767_323_045)
        #expect(client.ask(Command.disableDevice).commands == [Command.ackOK])
        #expect(
            client.ask(Command.timeWrite, words(Int(PackedTime.encode(time)))).commands == [
                Command.ackOK
            ])
        #expect(client.ask(15).commands == [Command.ackOK])
        client.terminal.with { state in
            #expect((state.disabled, state.clockSet, state.cleared) == (1, 1, 1))
            #expect(client.terminal.clock(state) == time)
            #expect(state.book.log.isEmpty)
        }
    }

    @Test(arguments: [UInt16(7), 9, 10, 19, 87, 88, 110, 134, 1_009, 1_012])
    func `refuses and counts what is about fingerprints`(command: UInt16) {
        var client = connected()
        #expect(client.ask(command, [2, 0, 0]).commands == [Command.ackError])
        #expect(client.ask(Command.prepareBuffer, Table.templates).commands == [Command.ackError])
        #expect(client.terminal.with { $0.templateRequests } == 2)
    }

    // MARK: Streams

    @Test func `answers the same however a question is cut`() {
        let question = Packet(command: Command.connect, session: 0, reply: 0).frame
        for cut in 1..<question.count {
            var client = Client(terminal("zkteco"), isDatagram: false)
            #expect(client.say(Array(question[..<cut])).isEmpty)
            #expect(client.say(Array(question[cut...])).count == 1)
        }
    }

    @Test func `is silent to another make and answers what comes after`() {
        var client = Client(terminal("zkteco"), isDatagram: false)
        #expect(client.say([0xA5, 0, 0, 0, 0, 0x30, 0, 0, 0x51, 0x10]).isEmpty)
        #expect(client.ask(Command.connect).commands == [Command.ackOK])
    }
}
