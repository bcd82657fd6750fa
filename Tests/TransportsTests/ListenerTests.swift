import Attendance
import Glibc
import TerminalKit
import Testing
import Transports

@Suite struct `A listener` {
    @Test func `takes a terminal that dials in as a line, and knows its address`() async throws {
        let listener = try await Listener.open(host: "127.0.0.1", port: 0)
        let terminal = try await dial(listener)
        let caller = try await listener.accept()
        #expect(caller.peer == "127.0.0.1")
        #expect(!caller.link.isDatagram)
        try await terminal.send(everyByte)
        #expect(try await receive(256, from: caller.link) == everyByte)
        try await caller.link.send(everyByte)
        #expect(try await receive(256, from: terminal) == everyByte)
        await terminal.close()
        await #expect(throws: LinkError.closed(reason: "end of stream")) {
            _ = try await caller.link.receive(within: .seconds(5))
        }
    }

    @Test func `listens for both families of addresses at once`() async throws {
        let listener = try await Listener.open(host: "::", port: 0)
        let terminal = try await dial(listener)
        #expect(try await listener.accept().peer == "127.0.0.1")
        await terminal.close()
        let other = try await Address("tcp://[::1]:\(listener.port)").open(within: .seconds(5))
        #expect(try await listener.accept().peer == "::1")
        await other.close()
    }

    @Test func `says what is in the way of a port`() async throws {
        let listener = try await Listener.open(host: "127.0.0.1", port: 0)
        let place = "127.0.0.1:\(listener.port)"
        await #expect(
            throws: LinkError.cannotListen(address: place, reason: "Address already in use")
        ) {
            _ = try await Listener.open(host: "127.0.0.1", port: listener.port)
        }
        let error = await #expect(throws: LinkError.self) {
            _ = try await Listener.open(host: "203.0.113.1", port: 0)
        }
        #expect(error?.problem.code == "line.cannot-listen")
    }

    @Test func `stops waiting at once when its task is cancelled`() async throws {
        let listener = try await Listener.open(host: "127.0.0.1", port: 0)
        let task = Task {
            _ = await #expect(throws: LinkError.cancelled) { _ = try await listener.accept() }
        }
        task.cancel()
        await task.value
    }

    @Test func `takes nobody after it is closed, and its port is free again`() async throws {
        let listener = try await Listener.open(host: "127.0.0.1", port: 0)
        listener.close()
        await #expect(throws: LinkError.closed(reason: "closed already")) {
            _ = try await listener.accept()
        }
        let next = try await Listener.open(host: "127.0.0.1", port: listener.port)
        #expect(next.port == listener.port)
    }

    @Test func `closes whom it has no seat for, and gives a seat that is free again`() async throws
    {
        let listener = try await Listener.open(host: "127.0.0.1", port: 0, most: 2)
        let first = try await dial(listener)
        let firstLine = try await listener.accept()
        let second = try await dial(listener)
        let secondLine = try await listener.accept()
        let third = try await dial(listener)
        async let next = listener.accept()
        await #expect(throws: LinkError.self) { try await third.receive(within: .seconds(5)) }
        await firstLine.link.close()
        await firstLine.link.close()
        let fourth = try await dial(listener)
        try await fourth.send([4])
        #expect(try await next.link.receive(within: .seconds(5)) == [4])
        for link in [first, second, fourth, secondLine.link] { await link.close() }
    }

    private func dial(_ listener: Listener) async throws -> any Link {
        try await Address("tcp://127.0.0.1:\(listener.port)").open(within: .seconds(5))
    }
}
