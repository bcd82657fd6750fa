import Attendance
import Central
import Exchange
import Foundation
import SQLite
import Testing

@Suite struct `How far a backup goes` {
    private func filled() async throws -> (Centre, Box) {
        let centre = try await Centre()
        var box = try await centre.box()
        for second in 0..<30 { box.write(try punch("17", Int64(second))) }
        _ = try await centre.central.accept(try box.call(0..<10), at: moment())
        return (centre, box)
    }

    private func backup(_ centre: Centre, to path: String) async throws {
        _ = try await centre.central.backup(to: path, with: [], by: tester, at: moment())
    }

    @Test func `is told when it is complete, and never beyond what it holds`() async throws {
        var (centre, box) = try await filled()
        let place = try TemporaryFolder()
        try await backup(centre, to: place.path + "/a")
        let next = try await centre.central.accept(try box.call(10..<20), at: moment())
        #expect(next.ackedThrough == 20 && next.safeThrough == 10)
        let receipt = next.verifiedReceipt(by: centre.central.receiptKey.verifying)
        #expect(receipt?.safeThrough == 10)
        try await backup(centre, to: place.path + "/a")
        let later = try await centre.central.accept(try box.call(20..<30), at: moment())
        #expect(later.ackedThrough == 30 && later.safeThrough == 20)
    }

    @Test func `stays where it was when a backup fails, and leaves no draft`() async throws {
        var (centre, box) = try await filled()
        let place = try TemporaryFolder()
        // Its name is taken by a folder: all goes well until the very end.
        try FileManager.default.createDirectory(
            atPath: place.path + "/a/b", withIntermediateDirectories: true)
        await #expect(throws: BackupError.self) {
            try await backup(centre, to: place.path + "/a")
        }
        let next = try await centre.central.accept(try box.call(10..<20), at: moment())
        #expect(next.safeThrough == 0)
        let names = try FileManager.default.contentsOfDirectory(atPath: place.path)
        #expect(names == ["a"])
        #expect(try await centre.central.auditRows(limit: 1)[0].action != "make-backup")
    }

    @Test func `is not told of books that are not whole`() async throws {
        var (centre, box) = try await filled()
        let raw = try Database(path: centre.folder.path + "/centre.db", sharing: .shared)
        try raw.execute("UPDATE entry SET line = zeroblob(4) WHERE seq = 3")
        let place = try TemporaryFolder()
        await #expect(throws: BackupError.self) {
            try await backup(centre, to: place.path + "/a")
        }
        let next = try await centre.central.accept(try box.call(10..<20), at: moment())
        #expect(next.safeThrough == 0)
        #expect(!FileManager.default.fileExists(atPath: place.path + "/a"))
    }
}
