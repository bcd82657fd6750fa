import Attendance
import Glibc
import Synchronization
import TerminalKit
import Testing

@testable import Transports

@Suite struct `A range of addresses` {
    @Test(arguments: [
        ("192.168.1.0/24", 254, "192.168.1.1", "192.168.1.254"),
        ("192.168.1.77/24", 254, "192.168.1.1", "192.168.1.254"),
        ("10.20.0.0/22", 1_022, "10.20.0.1", "10.20.3.254"),
        ("192.168.1.201", 1, "192.168.1.201", "192.168.1.201"),
        ("172.16.0.4/31", 2, "172.16.0.4", "172.16.0.5"),
        ("127.0.0.0/24", 254, "127.0.0.1", "127.0.0.254"),
        ("169.254.0.0/16", 65_534, "169.254.0.1", "169.254.255.254"),
    ])
    func `has every address a terminal may have`(
        text: String, count: Int, first: String, last: String
    ) throws {
        let subnet = try Subnet(text)
        #expect(subnet.count == count)
        #expect(subnet.hosts.count == count)
        #expect(subnet.hosts.first == first)
        #expect(subnet.hosts.last == last)
        #expect(subnet.contains(first) && subnet.contains(last))
        #expect(!subnet.contains("192.168.7.1"))
    }

    @Test(arguments: [
        "8.8.8.0/24", "172.32.0.0/24", "192.169.0.0/24", "0.0.0.0/0", "11.0.0.0/24", "192.0.0.0/8",
        "", "/24", "192.168.1/24", "192.168.1.0/33", "192.168.1.256", "192.168.1.0/24/1",
        "fd00::/64", "192.168.1.0/-1", "192.168.1.0/ 24",
    ])
    func `is none of ours if it is public, or no range at all`(text: String) {
        #expect(throws: InvalidValue.self) { _ = try Subnet(text) }
    }

    @Test func `may be too large to be looked through`() throws {
        #expect(try Subnet("10.0.0.0/21").isTooLarge)
        #expect(try !Subnet("10.0.0.0/22").isTooLarge)
    }

    @Test func `of this machine is private and never loopback`() {
        #expect(Subnet.ofThisMachine().allSatisfy { $0.subnet.isPrivate && !$0.subnet.isLoopback })
    }
}

@Suite struct `A sweep` {
    @Test func `connects once to each address and hands the connection on`() async throws {
        let first = try #require(LoopbackSocket(SOCK_STREAM))
        let counted = Mutex(0)
        let found = Mutex<[String]>([])
        let sweep = Sweep(try Subnet("127.0.0.0/28").hosts, port: Int(first.port))
        try await sweep.run(done: { count in counted.withLock { $0 += count } }) { host, link in
            found.withLock { $0.append(host) }
            let other = first.accept()
            #expect(other.write([1, 2, 3]))
            #expect((try? await link.receive(within: .seconds(60))) == [1, 2, 3])
            await link.close()
        }
        #expect(found.withLock { $0 } == ["127.0.0.1"])
        #expect(counted.withLock { $0 } == 14)
    }

    @Test func `ends at once when it is cancelled`() async throws {
        let hosts = try Subnet("127.0.0.0/24").hosts
        let task = Task { try await Sweep(hosts, port: 1).run { _, _ in } }
        task.cancel()
        await #expect(throws: (any Error).self) { try await task.value }
    }
}
