import Foundation
import TestSupport
import Testing

@testable import Transports

/// Messages as the kernel and udev 252 send them.
private enum Messages {
    static func fields(_ pairs: [String]) -> [UInt8] {
        pairs.flatMap { Array($0.utf8) + [0] }
    }

    static func kernel(_ action: String, _ subsystem: String) -> [UInt8] {
        fields([
            "\(action)@/devices/pci0000:00/usb1/1-1/1-1:1.0/ttyUSB0/tty/ttyUSB0",
            "ACTION=\(action)", "DEVPATH=/devices/…", "SUBSYSTEM=\(subsystem)", "SEQNUM=4711",
        ])
    }

    /// Magic in network order; header size, offset and length of the properties in our own.
    static func udev(_ action: String, _ subsystem: String, offset: UInt8 = 40) -> [UInt8] {
        let properties = fields(["ACTION=\(action)", "SUBSYSTEM=\(subsystem)", "NAME=a=b"])
        return Array("libudev\0".utf8) + [0xFE, 0xED, 0xCA, 0xFE] + [40, 0, 0, 0]
            + [offset, 0, 0, 0] + [UInt8(properties.count), 0, 0, 0]
            + [UInt8](repeating: 0x5A, count: 16) + properties
    }
}

@Suite struct `A message about a device` {
    @Test func `of the kernel and of udev says the same`() throws {
        let kernel = try #require(UEvent(Messages.kernel("add", "tty")))
        let udev = try #require(UEvent(Messages.udev("add", "tty")))
        #expect(kernel == udev)
        #expect(kernel.action == "add")
        #expect(kernel.isAboutLines)
    }

    @Test(arguments: [
        ("add", "usb", true), ("remove", "tty", true), ("bind", "usb-serial", true),
        ("add", "block", false), ("change", "power_supply", false), ("offline", "usb", false),
    ])
    func `matters where a line may have come or gone`(
        action: String, subsystem: String, matters: Bool
    ) {
        #expect(UEvent(Messages.kernel(action, subsystem))?.isAboutLines == matters)
    }

    @Test func `that is none is nothing, and never a trap`() {
        #expect(UEvent([]) == nil)
        #expect(UEvent(Array("libudev\0".utf8)) == nil)
        #expect(UEvent(Messages.udev("add", "tty", offset: 255)) == nil)
        #expect(UEvent(Messages.udev("add", "tty", offset: 3)) == nil)
        #expect(UEvent(Messages.fields(["no mark", "ACTION=add"])) == nil)
        for whole in [Messages.kernel("add", "tty"), Messages.udev("add", "tty")] {
            for end in 0..<whole.count { _ = UEvent(Array(whole[..<end])) }
        }
    }
}

@Suite struct `The plug bell` {
    @Test func `wakes everybody who waits`() async {
        let bell = PlugBell()
        let seen = bell.rings
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<3 { group.addTask { await bell.wait(after: seen) } }
            while !bell.isAwaited { await Task.yield() }
            bell.ring()
            await group.waitForAll()
        }
        #expect(!bell.isAwaited)
    }

    @Test func `does not forget a ring that nobody waited for`() async {
        let bell = PlugBell()
        let seen = bell.rings
        bell.ring()
        await bell.wait(after: seen)  // returns at once
        #expect(bell.rings == seen + 1)
    }

    @Test func `lets go of a task that is cancelled`() async {
        let bell = PlugBell()
        let task = Task { await bell.wait(after: 0) }
        while !bell.isAwaited { await Task.yield() }
        task.cancel()
        await task.value
        #expect(!bell.isAwaited)
    }
}

@Suite struct `The watch for plugs` {
    /// Whether a file that appears below `/dev` rings, with a netlink socket or without.
    @Test(arguments: ["dev/ttyUSB0", "dev/bus/usb/001/007", "dev/serial/by-id/usb-1a86-if00"])
    func `rings when a name appears while somebody waits`(name: String) async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appendingPathComponent(name)
            let bell = PlugBell()
            let watch = PlugWatch(ringing: bell, root: folder.path, rescan: .milliseconds(10))
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await watch.run() }
                group.addTask { await bell.wait(after: bell.rings) }
                while !bell.isAwaited { await Task.yield() }
                try? FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                _ = FileManager.default.createFile(atPath: file.path, contents: nil)
                await group.next()
                group.cancelAll()
            }
            #expect(bell.rings > 0)
        }
    }
}
