import Attendance
import Glibc
import TerminalKit
import TestSupport
import Testing
import Transports

@Suite struct `A serial line` {
    private let pty: PseudoTerminal

    init() throws {
        pty = try #require(PseudoTerminal())
    }

    @Test func `carries every byte value both ways`() async throws {
        let link = try await open()
        try await link.send(everyByte)
        #expect(pty.master.read(256) == everyByte)
        #expect(pty.master.write(everyByte))
        #expect(try await receive(256, from: link) == everyByte)
        await link.close()
    }

    @Test func `is raw, with the speed it was asked for`() async throws {
        let link = try await open("?baud=19200")
        #expect(pty.master.speed == speed_t(B19200))
        var settings = termios()
        #expect(tcgetattr(pty.master.number, &settings) == 0)
        #expect(settings.c_lflag & tcflag_t(ICANON | ECHO | ISIG | IEXTEN) == 0)
        #expect(settings.c_iflag & tcflag_t(IXON | ICRNL) == 0)
        #expect(settings.c_oflag & tcflag_t(OPOST) == 0)
        await link.close()
    }

    @Test(arguments: [50, 9_600, 12_345, 128_000, 921_600, 4_000_000])
    func `takes any speed, and reads it back`(baud: Int) async throws {
        let link = try await open("?baud=\(baud)")
        await link.close()
    }

    @Test func `says so when the port does not take its format`() async throws {
        await #expect(throws: LinkError.unsettable(path: pty.path, setting: "format=7E1")) {
            _ = try await open("?format=7E1")
        }
    }

    @Test func `belongs to one program at a time`() async throws {
        let link = try await open()
        await #expect(throws: LinkError.busy(path: pty.path)) { _ = try await open() }
        await link.close()
        let again = try await open()
        await again.close()
    }

    @Test func `is busy without being touched`() async throws {
        let link = try await open("?baud=19200")
        await #expect(throws: LinkError.self) { _ = try await open("?baud=9600") }
        #expect(pty.master.speed == speed_t(B19200))
        await link.close()
    }

    @Test func `is missing when there is no such port`() async throws {
        let address = try Address("serial:///dev/ttyNONE0")
        await #expect(throws: LinkError.missing(path: "/dev/ttyNONE0")) {
            _ = try await address.open(within: .seconds(1))
        }
    }

    @Test func `is no ordinary file`() async throws {
        let address = try Address("serial:///dev/null")
        await #expect(throws: LinkError.unsettable(path: "/dev/null", setting: "tty")) {
            _ = try await address.open(within: .seconds(1))
        }
    }

    @Test func `is silent when nothing comes in time`() async throws {
        let link = try await open()
        await #expect(throws: LinkError.silent(after: .milliseconds(5))) {
            _ = try await link.receive(within: .milliseconds(5))
        }
        await link.close()
    }

    @Test func `gives what lies there even without waiting`() async throws {
        let link = try await open()
        #expect(pty.master.write([1, 2, 3]))
        #expect(try await link.receive(within: .zero) == [1, 2, 3])
        await #expect(throws: LinkError.silent(after: .zero)) {
            _ = try await link.receive(within: .zero)
        }
        await link.close()
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
        #expect(pty.master.write([7]))
        #expect(try await link.receive(within: .seconds(5)) == [7])
        await link.close()
    }

    @Test func `is closed at once when it hangs up`() async throws {
        var gone = PseudoTerminal()
        let path = try #require(gone?.path)
        let link = try await Address("serial://\(path)").open(within: .seconds(1))
        gone = nil
        let error = await #expect(throws: LinkError.self) {
            _ = try await link.receive(within: .seconds(5))
        }
        #expect(error?.problem.code == "line.closed")
        let later = await #expect(throws: LinkError.self) { try await link.send([1]) }
        #expect(later?.problem.code == "line.closed")
    }

    @Test func `notices a hang-up while it waits`() async throws {
        let gone = try #require(PseudoTerminal())
        let link = try await Address("serial://\(gone.path)").open(within: .seconds(1))
        let waiting = Task { try await link.receive(within: .seconds(3_600)) }
        // Puts something else in the master's place: the pty's last descriptor is gone.
        let other = Glibc.open("/dev/null", O_RDWR | O_CLOEXEC)
        #expect(dup2(other, gone.master.number) >= 0)
        Glibc.close(other)
        await #expect(throws: LinkError.self) { _ = try await waiting.value }
    }

    private func open(_ settings: String = "") async throws -> any Link {
        try await Address("serial://\(pty.path)\(settings)").open(within: .seconds(1))
    }
}
