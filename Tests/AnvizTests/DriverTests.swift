import Attendance
import TerminalKit
import TestSupport
import Testing

@testable import Anviz

@Suite struct `The Anviz driver` {
    @Test func `learns the terminal's number from its answer`() async throws {
        let terminal = ModelTerminal(rows: 3)
        await terminal.change { $0.device = 16_140_011 }
        let session = try await AnvizDriver().open(terminal)
        _ = try await session.readClock()
        #expect(await terminal.requests.map(\.device) == [0, 16_140_011])
    }

    @Test func `asks for the number it is given`() async throws {
        let terminal = ModelTerminal(rows: 3)
        await terminal.change { $0.device = 7 }
        var options = DriverOptions()
        options.station = 7
        _ = try await AnvizDriver(options: options).open(terminal)
        #expect(await terminal.requests.map(\.device) == [7])
    }

    @Test func `does not listen to another terminal on the line`() async throws {
        let ask = Talk.Step.toTerminal(Packet(request: Command.counters, device: 7).bytes)
        let data = Counters(
            users: 0, fingerprints: 0, passwords: 0, cards: 0, records: 0, newRecords: 0
        ).data
        let other = Packet(answer: Command.counters, device: 8, data: data).bytes
        let link = ScriptedLink(Talk(steps: [ask, .fromTerminal(other), ask, ask]))
        var options = DriverOptions()
        options.station = 7
        await #expect(throws: LinkError.self) {
            _ = try await AnvizDriver(options: options).open(link)
        }
    }

    @Test func `tells who the terminal is`() async throws {
        let session = try await AnvizDriver().open(ModelTerminal())
        let identity = try await session.identify()
        #expect(identity.id.description == "anviz:3005000012345678")
        #expect(identity.serial == "3005000012345678")
        #expect(identity.mac == "00:22:ca:11:22:33")
        #expect(identity.model == "TC400")
        #expect(identity.firmware == "05.18.A1")
    }

    @Test func `falls back on the hardware address where there is no serial number`() async throws {
        let terminal = ModelTerminal()
        await terminal.change { $0.tellsSerial = false }
        let session = try await AnvizDriver().open(terminal)
        #expect(try await session.identify().id.description == "anviz:0+0022ca112233")
    }

    @Test func `does not give another identity because answers were lost`() async throws {
        let terminal = ModelTerminal()
        await terminal.change { for number in 1...3 { $0.faults[number] = .loseAnswer } }
        let session = try await AnvizDriver().open(terminal)
        #expect(try await session.identify().id.serial == "3005000012345678")
    }

    @Test func `reads the clock as shown`() async throws {
        let session = try await AnvizDriver().open(ModelTerminal())
        #expect(try await session.readClock() == WallTime("2026-11-21T08:02:09"))
    }

    @Test func `tells what the terminal holds`() async throws {
        let terminal = ModelTerminal(rows: 9)
        await terminal.change { $0.confirmed = 4 }
        let session = try await AnvizDriver().open(terminal)
        #expect(
            try await session.counters()
                == LogCounters(
                    records: 9, recordCapacity: 50_000, newRecords: 5, users: 40,
                    userCapacity: 3_000))
    }

    @Test func `keeps a punch that comes before the awaited answer`() async throws {
        let terminal = ModelTerminal()
        await terminal.change {
            $0.faultOfCommand[Command.clock] = .pushBefore(ModelTerminal.row(5))
        }
        let session = try await AnvizDriver().open(terminal)
        _ = try await session.readClock()
        let live = try await session.nextLive(within: .seconds(1))
        #expect(live.map { LogRecord.punch($0) }.compactMap(rowBytes) == [ModelTerminal.row(5)])
        #expect(try await session.nextLive(within: .seconds(1)).isEmpty)
    }

    @Test func `answers heartbeats and goes on waiting`() async throws {
        let counters = Counters(
            users: 0, fingerprints: 0, passwords: 0, cards: 0, records: 0, newRecords: 0)
        let talk = Talk(steps: [
            .toTerminal(Packet(request: Command.counters, device: 0).bytes),
            .fromTerminal(Packet(request: Command.heartbeat, device: 1).bytes),
            .toTerminal(Packet(answer: Command.heartbeat, device: 1).bytes),
            .fromTerminal(Packet(answer: Command.counters, device: 1, data: counters.data).bytes),
        ])
        let link = ScriptedLink(talk)
        _ = try await AnvizDriver().open(link)
        #expect(await link.isFinished)
    }

    @Test func `takes no punch from a person added at the terminal`() async throws {
        let terminal = ModelTerminal()
        await terminal.change {
            $0.faultOfCommand[Command.clock] = .pushBefore(ModelTerminal.row(5, work: 0xFF_0000))
        }
        let session = try await AnvizDriver().open(terminal)
        _ = try await session.readClock()
        #expect(try await session.nextLive(within: .seconds(1)).isEmpty)
    }

    @Test func `says what bare rows mean`() throws {
        let rows = [ModelTerminal.row(1), ModelTerminal.row(2)]
        let items = AnvizDriver().decode(Talk(steps: [.fromTerminal(rows[0] + rows[1])]))
        #expect(items == rows.map { .record(Records.decode($0[...]), via: .log) })
    }

    @Test func `says what a talk means, rows included`() throws {
        let row = ModelTerminal.row(1)
        let order = Order.clearOldestFlags(rows: 1)
        let talk = Talk(steps: [
            .toTerminal(Packet(request: Command.download, device: 1, data: [2, 25]).bytes),
            .fromTerminal(
                Packet(answer: Command.download, device: 1, data: Records.block([row])).bytes),
            .toTerminal(Packet(request: order.command, device: 1, data: order.data).bytes),
            .fromTerminal(Array(Packet(answer: Command.clear, device: 1).bytes.prefix(6))),
        ])
        let items = AnvizDriver().decode(talk)
        #expect(items.count == 5)
        #expect(items[2] == .record(Records.decode(row[...]), via: .log))
        guard case .packet("download", true, let fields) = items[0],
            case .packet("clear", true, _) = items[3], case .noise("cut short", _) = items[4]
        else {
            Issue.record("\(items)")
            return
        }
        #expect(fields.contains(DecodedField("from", "new")))
    }
}
