import Attendance
import Central
import Exchange
import Foundation
import Glibc
import TestSupport
import Testing

@testable import Console

@Suite struct `A backup` {
    private func withCentre(
        _ body: (Centre, URL) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { place in
            var configuration = ServerConfiguration()
            configuration.data = place.appendingPathComponent("centre").path
            let centre = try Centre(configuration)
            try await centre.addUser("sari", role: .operator, password: "jembatan-contoh-7")
            try await body(centre, place)
        }
    }

    private func emptyPlace(_ place: URL) -> ServerConfiguration {
        var configuration = ServerConfiguration()
        configuration.data = place.appendingPathComponent("other").path
        return configuration
    }

    private func problem(_ work: () async throws -> Void) async -> String? {
        do {
            try await work()
            return nil
        } catch {
            return Problem(explaining: error).code
        }
    }

    @Test func `holds the books and the keys, and nobody else can read it`() async throws {
        try await withCentre { centre, place in
            let file = place.appendingPathComponent("a.backup").path
            let made = try await centre.backup(to: file)
            #expect(
                made.report.files == [
                    "receipt.key", "tls-certificate.pem", "tls-key.pem", "tls-spare-key.pem",
                ])
            let facts = try FileManager.default.attributesOfItem(atPath: file)
            #expect(facts[.posixPermissions] as? Int == 0o600)
            let report = try await Restoration(emptyPlace(place)).run(from: file)
            #expect(report.file.sha256 == made.report.file.sha256)
            let restored = try Centre(emptyPlace(place))
            #expect(restored.keys.pins == centre.keys.pins)
            let key = restored.central.receiptKey.verifying
            #expect(key == centre.central.receiptKey.verifying)
            #expect(try await restored.central.verify().findings == [])
            let actions = try await restored.central.auditRows(limit: 9).map(\.action)
            #expect(actions.first == "restore-backup" && actions.contains("add-user"))
            let names = try FileManager.default.contentsOfDirectory(
                atPath: restored.folder.path)
            #expect(!names.contains(".restoring"))
        }
    }

    @Test func `is noted in the trail when it is done, and leaves nothing else behind`()
        async throws
    {
        try await withCentre { centre, place in
            let folder = place.appendingPathComponent("backups")
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true)
            try await Task.sleep(for: .milliseconds(1))
            let made = try await centre.backup(to: folder.path)
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(names.count == 1 && names[0].hasPrefix("titian-server-2"))
            #expect(made.report.file.path.hasSuffix(names[0]))
            let row = try await centre.central.auditRows(limit: 1)[0]
            #expect(row.action == "make-backup" && row.object == made.report.file.path)
        }
    }

    @Test func `takes the place of older ones where that is wished`() async throws {
        try await withCentre { centre, place in
            let folder = place.appendingPathComponent("backups")
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true)
            for day in 1...4 {
                let name = "titian-server-2026010\(day)T000000Z.backup"
                try Data([1]).write(to: folder.appendingPathComponent(name))
            }
            try Data([1]).write(to: folder.appendingPathComponent("notes.txt"))
            let made = try await centre.backup(to: folder.path, keep: 2)
            #expect(made.deleted.count == 3)
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(names.count == 3 && names.contains("notes.txt"))
        }
    }

    @Test func `is not made where it would be lost with the data, or cannot be`() async throws {
        try await withCentre { centre, _ in
            let inside = centre.folder.file("b.backup")
            #expect(
                await problem { _ = try await centre.backup(to: inside) } == "backup.inside-data")
            #expect(
                await problem { _ = try await centre.backup(to: "/no/such/folder/b") }
                    == "backup.unwritable")
            #expect(!FileManager.default.fileExists(atPath: inside))
        }
    }

    @Test(arguments: [0.0, 0.3, 0.7, 0.999])
    func `in which one bit has changed is refused, and nothing is touched`(at share: Double)
        async throws
    {
        try await withCentre { centre, place in
            let file = place.appendingPathComponent("a.backup")
            _ = try await centre.backup(to: file.path)
            var bytes = try Data(contentsOf: file)
            bytes[Int(Double(bytes.count - 1) * share)] ^= 4
            try bytes.write(to: file)
            let refused = await problem {
                _ = try await Restoration(emptyPlace(place)).run(from: file.path)
            }
            #expect(refused == "backup.damaged" || refused == "backup.not-a-backup")
            #expect(!FileManager.default.fileExists(atPath: emptyPlace(place).data))
        }
    }

    @Test(arguments: [1, 300, 513, 9_000])
    func `that was cut is refused`(by count: Int) async throws {
        try await withCentre { centre, place in
            let file = place.appendingPathComponent("a.backup")
            _ = try await centre.backup(to: file.path)
            try Data(contentsOf: file).dropLast(count).write(to: file)
            #expect(
                await problem {
                    _ = try await Restoration(emptyPlace(place)).run(from: file.path)
                } == "backup.not-a-backup")
        }
    }

    @Test func `overwrites nothing when it is put back`() async throws {
        try await withCentre { centre, place in
            let file = place.appendingPathComponent("a.backup").path
            _ = try await centre.backup(to: file)
            let before = try FileManager.default.contentsOfDirectory(atPath: centre.folder.path)
            #expect(
                await problem {
                    _ = try await Restoration(centre.configuration).run(from: file)
                } == "backup.folder-not-empty")
            let after = try FileManager.default.contentsOfDirectory(atPath: centre.folder.path)
            #expect(Set(after) == Set(before))
        }
    }

    @Test func `put back halfway keeps everybody out until it is put back again`() async throws {
        try await withCentre { centre, place in
            let file = place.appendingPathComponent("a.backup").path
            _ = try await centre.backup(to: file)
            let other = emptyPlace(place)
            let draft = other.data + "/.restoring"
            try FileManager.default.createDirectory(
                atPath: draft, withIntermediateDirectories: true)
            try Data([1]).write(to: URL(fileURLWithPath: other.data + "/receipt.key"))
            #expect(await problem { _ = try Centre(other) } == "backup.restore-unfinished")
            _ = try await Restoration(other).run(from: file)
            #expect(try Centre(other).keys.pins == centre.keys.pins)
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give files away"))
    func `put back by root belongs to whose folder it is`() async throws {
        try await withCentre { centre, place in
            let file = place.appendingPathComponent("a.backup").path
            _ = try await centre.backup(to: file)
            let other = emptyPlace(place)
            let service: uid_t = 4_711
            try FileManager.default.createDirectory(
                atPath: other.data, withIntermediateDirectories: true)
            chown(other.data, service, service)
            _ = try await Restoration(other).run(from: file)
            for name in try FileManager.default.contentsOfDirectory(atPath: other.data) {
                let path = "\(other.data)/\(name)"
                let about = try FileManager.default.attributesOfItem(atPath: path)
                #expect((about[.ownerAccountID] as? NSNumber)?.uint32Value == service, "\(name)")
            }
        }
    }
}
