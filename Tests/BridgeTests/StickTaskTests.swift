import Attendance
import Exchange
import Foundation
import Glibc
import Journal
import StickFiles
import Synchronization
import TestSupport
import Testing

@testable import Bridge

@Suite struct `The table of mounts` {
    static let text = """
        22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
        40 22 8:17 / /media/UPT\\040CONTOH ro,nosuid shared:9 - vfat /dev/sdb1 ro
        41 22 0:45 / /mnt/server rw - nfs4 server:/x rw
        42 22 8:33 / /run/media/petugas/STIK rw shared:3 master:1 - exfat /dev/sdc1 rw
        43 22 8:34 / /mediaplayer rw - ext4 /dev/sdd1 rw
        44 22 8:49 / /mnt rw - ext4 /dev/sde1 rw
        nonsense
        45 22
        """

    @Test func `has sticks below the folders that are watched, and no network shares`() {
        let sticks = MountTable(Self.text).sticks(below: ["/media", "/run/media", "/mnt"])
        #expect(
            sticks.map(\.point) == ["/media/UPT CONTOH", "/run/media/petugas/STIK", "/mnt"])
        #expect(sticks.first?.device == "8:17" && sticks.first?.type == "vfat")
    }
}

/// A folder that stands for a stick, and a table of mounts that is written by hand.
private struct Stick {
    let office: ImportOffice
    let task: StickTask
    let root: URL
    private let table: URL

    init(_ folder: URL) throws {
        office = try ImportOffice(folder)
        root = folder.appendingPathComponent("media/STIK")
        table = folder.appendingPathComponent("mountinfo")
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        task = StickTask(
            Configuration.Stick(watch: [folder.appendingPathComponent("media").path]),
            desk: office.desk, logger: office.office.log.logger, table: table.path)
    }

    func write(_ bytes: [UInt8], _ path: String) throws {
        let file = root.appendingPathComponent(path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
    }

    func mount(device: String = "8:17") throws {
        try Data("40 22 \(device) / \(root.path) ro - vfat /dev/sdb1 ro\n".utf8).write(to: table)
    }

    func unmount() throws { try Data().write(to: table) }

    var said: [String] { office.office.log.lines }
}

private func withStick(_ body: (Stick) async throws -> Void) async throws {
    try await withTemporaryFolder { try await body(try Stick($0)) }
}

@Suite struct `A stick that is plugged in` {
    @Test func `is read by itself, once, with a line for each file`() async throws {
        try await withStick { stick in
            let punches = try ImportOffice.punches(0..<60)
            let id = try TerminalID(ImportOffice.lobi)
            try await stick.office.readOverTheLine(Array(punches[..<30]), as: id)
            try stick.write(ImportOffice.attLog(punches), "1_attlog.dat")
            try stick.write(Array("secret".utf8), "user.dat")
            try stick.write(Array("secret".utf8), "template.fp10.1")
            try stick.write([0, 0, 1] + [UInt8](repeating: 7, count: 14), "000001/BAK.KQ")
            await stick.task.look()
            #expect(stick.said.isEmpty, "nothing is mounted")
            try stick.mount()
            await stick.task.look()
            #expect(try await stick.office.office.punches() == 60)
            #expect(
                stick.said.sorted() == [
                    "stick file taken in",
                    "stick file waits: say whose it is with 'titian import --held'",
                ])
            #expect(await stick.office.desk.waiting().map(\.file) == ["BAK.KQ"])
            await stick.task.look()
            #expect(try await stick.office.desk.begin("1_attlog.dat") == "3", "not copied again")
            try stick.unmount()
            await stick.task.look()
            try stick.mount()
            await stick.task.look()
            #expect(stick.said.count == 2, "the same stick again is nothing new")
        }
    }

    @Test func `is not written to`() async throws {
        try await withStick { stick in
            try stick.write(ImportOffice.attLog(try ImportOffice.punches(0..<3)), "1_attlog.dat")
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o555], ofItemAtPath: stick.root.path)
            let before = try FileManager.default.subpathsOfDirectory(atPath: stick.root.path)
            try stick.mount()
            await stick.task.look()
            let after = try FileManager.default.subpathsOfDirectory(atPath: stick.root.path)
            #expect(before == after && stick.said.count == 1)
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755], ofItemAtPath: stick.root.path)
        }
    }

    @Test func `with another content of the same name is read again`() async throws {
        try await withStick { stick in
            let punches = try ImportOffice.punches(0..<60)
            let id = try TerminalID(ImportOffice.lobi)
            try await stick.office.readOverTheLine(Array(punches[..<30]), as: id)
            try stick.write(ImportOffice.attLog(Array(punches[..<40])), "1_attlog.dat")
            try stick.mount()
            await stick.task.look()
            try stick.write(ImportOffice.attLog(punches), "1_attlog.dat")
            await stick.task.look()
            #expect(try await stick.office.office.punches() == 60)
            #expect(stick.said.count == 2)
        }
    }

    @Test func `while the disk is full is tried again, and told of once`() async throws {
        try await withStick { stick in
            let punches = try ImportOffice.punches(0..<5_000)
            let id = try TerminalID(ImportOffice.lobi)
            let journal = stick.office.office.journal
            try await stick.office.readOverTheLine(Array(punches[..<1_000]), as: id)
            try stick.write(ImportOffice.attLog(punches), "1_attlog.dat")
            try stick.mount()
            try await journal.fillDisk()
            await stick.task.look()
            await stick.task.look()
            #expect(stick.said == ["stick file not taken in"])
            try await journal.freeDisk()
            await stick.task.look()
            #expect(try await stick.office.office.punches() == 5_000)
        }
    }

    @Test func `with what is no log says so once`() async throws {
        try await withStick { stick in
            try stick.write(Array("hello\n".utf8), "1_attlog.dat")
            try stick.mount()
            await stick.task.look()
            await stick.task.look()
            #expect(stick.said == ["stick file not taken in"])
        }
    }

    @Test func `is looked into three folders deep and not beyond, nor along links`() async throws {
        try await withStick { stick in
            for path in [
                "1_attlog.dat", "a/2_attlog.dat", "a/b/3_attlog.dat", "a/b/c/4_attlog.dat",
            ] {
                try stick.write([1], path)
            }
            try FileManager.default.createSymbolicLink(
                atPath: stick.root.appendingPathComponent("5_attlog.dat").path,
                withDestinationPath: "1_attlog.dat")
            let found = StickScan.logs(in: stick.root.path).map { StickName.last(of: $0.path) }
            #expect(found.sorted() == ["1_attlog.dat", "2_attlog.dat", "3_attlog.dat"])
        }
    }

    @Test func `and pulled out while it is read leaves nothing half`() async throws {
        try await withStick { stick in
            try stick.write([UInt8](repeating: 0x20, count: 600_000), "1_attlog.dat")
            let path = stick.root.appendingPathComponent("1_attlog.dat").path
            let reader = try StickReader(path)
            _ = try reader.next()
            truncate(path, 300_000)
            let refusal = await code { while try reader.next() != nil {} }
            #expect(refusal == "import.broken")
        }
    }
}

@Suite struct `News of mounts` {
    @Test func `come at once, then with time, and end with whoever listens`() async throws {
        var count = 0
        for await _ in MountChanges.stream(of: "/proc/self/mountinfo", rescan: .milliseconds(1)) {
            count += 1
            if count == 3 { break }
        }
        #expect(count == 3)
        var none = 0
        for await _ in MountChanges.stream(of: "/nonexistent") { none += 1 }
        #expect(none == 0)
    }
}
