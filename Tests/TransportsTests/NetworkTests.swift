import Attendance
import Glibc
import TerminalKit
import TestSupport
import Testing
import Transports

@Suite struct `A TCP line` {
    private let server: LoopbackSocket

    init() throws {
        server = try #require(LoopbackSocket(SOCK_STREAM))
    }

    @Test func `carries every byte value both ways`() async throws {
        let link = try await open()
        let terminal = server.accept()
        try await link.send(everyByte)
        #expect(terminal.read(256) == everyByte)
        #expect(terminal.write(everyByte))
        #expect(try await receive(256, from: link) == everyByte)
        #expect(!link.isDatagram)
        await link.close()
        #expect(terminal.read(1).isEmpty)
    }

    @Test func `asks for small segments where the link says so`() async throws {
        let link = try await Address("tcp://127.0.0.1:\(server.port)?mss=1200").open(
            within: .seconds(5))
        let terminal = server.accept()
        var segment: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(terminal.number, Int32(IPPROTO_TCP), TCP_MAXSEG, &segment, &length)
        #expect((1...1_200).contains(segment))
        await link.close()
    }

    @Test func `takes more than the kernel does at once`() async throws {
        let link = try await open()
        let terminal = server.accept()
        let many = [UInt8](repeating: 0xA5, count: 8_000_000)
        async let sent: Void = link.send(many)
        #expect(try await readAll(terminal, many.count) == many)
        try await sent
        await link.close()
    }

    @Test func `is unreachable where nobody listens, with the reason`() async throws {
        var free = LoopbackSocket(SOCK_STREAM)
        let port = try #require(free?.port)
        free = nil
        let place = "127.0.0.1:\(port)"
        await #expect(
            throws: LinkError.unreachable(address: place, reason: "Connection refused")
        ) {
            _ = try await Address("tcp://\(place)").open(within: .seconds(5))
        }
    }

    @Test func `is unreachable when the name is not known`() async throws {
        let address = try Address("tcp://mesin.invalid:5010")
        let error = await #expect(throws: LinkError.self) {
            _ = try await address.open(within: .seconds(5))
        }
        #expect(error?.problem.code == "line.unreachable")
    }

    @Test func `is silent when nothing comes in time`() async throws {
        let link = try await open()
        await #expect(throws: LinkError.silent(after: .milliseconds(5))) {
            _ = try await link.receive(within: .milliseconds(5))
        }
        await link.close()
    }

    @Test func `is closed when the terminal closes it`() async throws {
        let link = try await open()
        var terminal: OtherEnd? = server.accept()
        #expect(terminal?.write([9]) == true)
        terminal = nil
        #expect(try await link.receive(within: .seconds(5)) == [9])
        await #expect(throws: LinkError.closed(reason: "end of stream")) {
            _ = try await link.receive(within: .seconds(5))
        }
    }

    @Test func `does not end the process when it writes to nobody`() async throws {
        let link = try await open()
        var terminal: OtherEnd? = server.accept()
        #expect(terminal != nil)
        terminal = nil
        await #expect(throws: LinkError.self) {
            for _ in 1...1_000 { try await link.send([UInt8](repeating: 0, count: 10_000)) }
        }
    }

    @Test func `stops waiting at once when its task is cancelled`() async throws {
        let link = try await open()
        let task = Task {
            _ = await #expect(throws: LinkError.cancelled) {
                _ = try await link.receive(within: .seconds(3_600))
            }
        }
        task.cancel()
        await task.value
        await link.close()
    }

    @Test func `is closed twice without harm`() async throws {
        let link = try await open()
        await link.close()
        await link.close()
        await #expect(throws: LinkError.closed(reason: "closed already")) {
            try await link.send([1])
        }
    }

    private func open() async throws -> any Link {
        try await Address("tcp://127.0.0.1:\(server.port)").open(within: .seconds(5))
    }

    @concurrent
    private func readAll(_ terminal: OtherEnd, _ count: Int) async throws -> [UInt8] {
        terminal.read(count)
    }
}

@Suite struct `A UDP line` {
    private let server: LoopbackSocket

    init() throws {
        server = try #require(LoopbackSocket(SOCK_DGRAM))
    }

    @Test func `carries datagrams whole`() async throws {
        let link = try await open()
        #expect(link.isDatagram)
        try await link.send(everyByte)
        let answers = [[1], everyByte, [UInt8](repeating: 3, count: 1_472)]
        #expect(server.answer(with: answers) == everyByte)
        for answer in answers {
            #expect(try await link.receive(within: .seconds(5)) == answer)
        }
        await link.close()
    }

    @Test func `does not take an empty datagram for an end`() async throws {
        let link = try await open()
        try await link.send([1])
        _ = server.answer(with: [[], [2]])
        #expect(try await link.receive(within: .seconds(5)) == [2])
        await link.close()
    }

    @Test func `is silent when nothing comes in time`() async throws {
        let link = try await open()
        await #expect(throws: LinkError.silent(after: .milliseconds(5))) {
            _ = try await link.receive(within: .milliseconds(5))
        }
        await link.close()
    }

    @Test func `tells that nobody listens`() async throws {
        var free = LoopbackSocket(SOCK_DGRAM)
        let port = try #require(free?.port)
        free = nil
        let link = try await Address("udp://127.0.0.1:\(port)").open(within: .seconds(5))
        let error = await #expect(throws: LinkError.self) {
            try await link.send([1])
            _ = try await link.receive(within: .seconds(5))
        }
        #expect(error == .closed(reason: "Connection refused"))
        await link.close()
    }

    private func open() async throws -> any Link {
        try await Address("udp://127.0.0.1:\(server.port)").open(within: .seconds(5))
    }
}

@Suite struct `The name of a host` {
    @Test(arguments: [
        ("localhost", "127.0.0.1"), ("127.3.2.1", "127.3.2.1"), ("nobody.invalid", nil),
    ])
    func `is looked up as the box does`(name: String, address: String?) async {
        let found = await HostNames.addresses(of: name, within: .seconds(60))
        if let address { #expect(found.contains(address)) } else { #expect(found == []) }
    }
}
