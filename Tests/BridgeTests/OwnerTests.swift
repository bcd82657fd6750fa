import Attendance
import Exchange
import Foundation
import Glibc
import Journal
import SQLite
import TestSupport
import Testing

@testable import Bridge

/// What a technician's `sudo titian …` leaves in the folder of the service.
@Suite(.enabled(if: geteuid() == 0, "only root can give files away"))
struct `What root makes in the service's folder` {
    private static let service: uid_t = 4_711

    private func owners(in folder: URL) throws -> [String: uid_t] {
        var owners: [String: uid_t] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
            let path = folder.appendingPathComponent(name).path
            let about = try FileManager.default.attributesOfItem(atPath: path)
            owners[name] = (about[.ownerAccountID] as? NSNumber)?.uint32Value
        }
        return owners
    }

    @Test func `is the service's, whatever was made`() async throws {
        try await withTemporaryFolder { folder in
            chown(folder.path, Self.service, Self.service)
            let state = StateFolder(path: folder.path)
            try state.prepare()
            let key = try state.signingKey()
            var random = SystemRandomNumberGenerator()
            let journal = try Journal(
                folder: folder.path, publicKey: key.verifying, using: &random)
            let bridge = EntryBody.bridge(.start, detail: "uji")
            _ = try await journal.record(
                [bridge], at: Moment(at: UTCTime(milliseconds: 0), boot: 1, up: 1))
            var held = try HeldFiles(in: state).begin("1_attlog.dat")
            try held.append([1])
            _ = try held.finish()
            try TextFile.write("{}", to: state.centreFile, mode: 0o600)
            try TextFile.write("{}", to: state.centreFile, mode: 0o600)
            let found = try owners(in: folder)
            #expect(
                Set(found.keys).isSuperset(of: [
                    "bridge.key", "journal.db", "journal.db-wal", "journal.id", "journal.head",
                    "centre.json", "held",
                ]))
            for (name, owner) in found { #expect(owner == Self.service, "\(name)") }
            await journal.close()
        }
    }

    @Test func `stays root's in root's own folder`() async throws {
        try await withTemporaryFolder { folder in
            try TextFile.write("{}", to: folder.path + "/centre.json", mode: 0o600)
            #expect(try owners(in: folder) == ["centre.json": 0])
        }
    }

    /// Somebody who may write in the folder could lay a trap where root is about to write.
    @Test func `is never a file that somebody else laid there`() async throws {
        try await withTemporaryFolder { folder in
            let precious = folder.appendingPathComponent("precious").path
            try TextFile.write("root's own", to: precious, mode: 0o600)
            let inner = folder.appendingPathComponent("state").path
            mkdir(inner, 0o700)
            chown(inner, Self.service, Self.service)
            link(precious, "\(inner)/centre.json.new-\(getpid())")
            try TextFile.write("{}", to: "\(inner)/centre.json", mode: 0o600)
            #expect(TextFile.read(precious, limit: 100) == "root's own")
            let about = try FileManager.default.attributesOfItem(atPath: precious)
            #expect((about[.ownerAccountID] as? NSNumber)?.uint32Value == 0)
        }
    }
}
