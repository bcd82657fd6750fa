import Attendance
import Central
import Foundation
import Glibc
import Testing

/// `sudo titian-server user add …` before the service ever ran.
@Suite(.enabled(if: geteuid() == 0, "only root can give files away"))
struct `What root makes in the centre's folder` {
    @Test func `is the folder owner's, books and key alike`() async throws {
        let folder = try TemporaryFolder()
        let service: uid_t = 4_711
        chown(folder.path, service, service)
        let central = try Central(folder: folder.path)
        try await central.record(tester, "sign-in", at: moment())
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(Set(names).isSuperset(of: ["centre.db", "centre.db-wal", "receipt.key"]))
        for name in names {
            let about = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/\(name)")
            #expect((about[.ownerAccountID] as? NSNumber)?.uint32Value == service, "\(name)")
        }
        await central.close()
    }
}
