import Attendance
import Testing
import ZKTeco

@testable import Simulator

@Suite struct `A fault` {
    private let packets = (0..<40).map { Reply(bytes: [UInt8](repeating: UInt8($0), count: 10)) }

    private func sent(
        _ name: Fault.Name, isDatagram: Bool, seed: UInt64 = 1,
        _ change: (inout Fault) -> Void = { _ in }
    ) -> [Reply] {
        var injector = FaultInjector(seed: seed)
        var fault = Fault(name)
        change(&fault)
        injector.apply(fault)
        return injector.send(packets, isDatagram: isDatagram) { _ in 2 }
    }

    @Test func `of none is none`() {
        var injector = FaultInjector(seed: 1)
        injector.apply(Fault(.silence))
        injector.apply(Fault(.none))
        #expect(injector.send(packets, isDatagram: true) { _ in 2 }.count == 40)
    }

    @Test func `happens at the same places for the same seed`() {
        let runs = [1, 1, 2].map { seed in
            sent(.loseDatagram, isDatagram: true, seed: seed) { $0.every = 4 }.map(\.bytes)
        }
        #expect(runs[0] == runs[1])
        #expect(runs[0] != runs[2])
        #expect((1..<40).contains(runs[0].count))
    }

    @Test func `ends when it has happened as often as asked`() {
        let lost = sent(.loseDatagram, isDatagram: true) { $0.count = 3 }
        #expect(lost.count == 37)
    }

    @Test func `of silence lets nothing out`() {
        #expect(sent(.silence, isDatagram: false).isEmpty)
    }

    @Test func `of doubling sends the same datagram again`() {
        let doubled = sent(.duplicateDatagram, isDatagram: true)
        #expect(doubled.map(\.bytes) == packets.flatMap { [$0.bytes, $0.bytes] })
    }

    @Test func `of swapping loses and doubles nothing`() {
        let swapped = sent(.swapDatagrams, isDatagram: true) { $0.every = 3 }.map(\.bytes)
        #expect(swapped != packets.map(\.bytes))
        #expect(Set(swapped) == Set(packets.map(\.bytes)) && swapped.count == 40)
    }

    @Test func `of a checksum changes that byte and no other`() {
        let wrong = sent(.wrongChecksum, isDatagram: false)
        for (packet, good) in zip(wrong, packets) {
            #expect(
                zip(packet.bytes, good.bytes).enumerated().filter { $1.0 != $1.1 }.map(\.offset)
                    == [2])
        }
    }

    @Test func `of splitting and glueing keeps every byte`() {
        let all = packets.flatMap(\.bytes)
        let split = sent(.split, isDatagram: false) { $0.bytes = 7 }
        #expect(split.flatMap(\.bytes) == all)
        #expect(split.dropLast().allSatisfy { $0.bytes.count == 7 })
        #expect(sent(.glue, isDatagram: false).map(\.bytes) == [all])
    }

    @Test func `of dropping closes after exactly so many bytes`() {
        let dropped = sent(.dropInRead, isDatagram: false) { $0.after = 123 }
        #expect(dropped.flatMap(\.bytes).count == 123)
        #expect(dropped.map(\.closes) == [Bool](repeating: false, count: 12) + [true])
    }

    @Test func `of half a packet says no more until the next connection`() {
        var injector = FaultInjector(seed: 1)
        var fault = Fault(.halfPacket)
        fault.after = 15
        injector.apply(fault)
        let half = injector.send(packets, isDatagram: false) { _ in 2 }
        #expect(half.flatMap(\.bytes).count == 15)
        #expect(half.allSatisfy { !$0.closes })
        #expect(injector.send(packets, isDatagram: false) { _ in 2 }.isEmpty)
        injector.connected()
        #expect(!injector.send(packets, isDatagram: false) { _ in 2 }.isEmpty)
    }
}

@Suite struct `A fault in what a ZKTeco terminal answers` {
    private func client(
        _ name: Fault.Name, isDatagram: Bool = false, _ change: (inout Fault) -> Void = { _ in }
    ) -> Client {
        var client = Client(terminal("zkteco") { $0.records = 100 }, isDatagram: isDatagram)
        _ = client.ask(Command.connect)
        var fault = Fault(name)
        change(&fault)
        client.terminal.with { $0.injector.apply(fault) }
        return client
    }

    @Test func `refuses the buffered read with the code that is asked for`() {
        var refusing = client(.refuse1503) { $0.code = 4_989 }
        #expect(refusing.ask(Command.prepareBuffer, Table.log).commands == [Command.noSuchTable])
        #expect(refusing.ask(Command.logRead).table.count == 4_004)
    }

    @Test func `makes a chain of 1,008 bytes each`() {
        var chained = client(.chain)
        _ = chained.ask(Command.prepareBuffer, Table.log)
        let data = chained.ask(Command.readBuffer, words(0, 4_004)).filter {
            $0.command == Command.data
        }
        #expect(data.map(\.data.count) == [1_008, 1_008, 1_008, 980])
        #expect(data.map(\.session) == [0, 1, 2, 3])
    }

    @Test func `gives the whole log as one packet that nothing announces`() {
        var single = client(.singleData)
        let answer = single.ask(Command.logRead)
        #expect(answer.commands == [Command.data])
        #expect(answer.table.count == 4_004)
    }

    @Test func `has no counters`() {
        var counting = client(.countersZero)
        #expect(counting.ask(Command.freeSizes).first?.data.allSatisfy { $0 == 0 } == true)
    }

    @Test func `brings a late answer to the question before`() {
        var late = client(.staleReply)
        let answer = late.ask(Command.version)
        #expect(answer.count == 2)
        #expect(answer[0].reply &+ 1 == answer[1].reply)
    }

    @Test func `asks for a handshake nobody knows`() {
        var strange = Client(terminal("zkteco"))
        strange.terminal.with { $0.injector.apply(Fault(.vendorHandshake)) }
        #expect(strange.ask(Command.connect).commands == [Command.vendorHandshake])
    }
}
