import Attendance
import Foundation
import TestSupport
import Testing

@testable import Console

@Suite struct `The centre's TLS keys` {
    @Test func `are made once, with a spare, and readable for their owner only`() async throws {
        try await withTemporaryFolder { place in
            let folder = try DataFolder(place.appendingPathComponent("centre").path)
            let made = try TLSKeys(ServerConfiguration(), in: folder)
            let again = try TLSKeys(ServerConfiguration(), in: folder)
            #expect(made.pins == again.pins)
            #expect(made.certificatePEM == again.certificatePEM)
            #expect(Set(made.pins).count == 2)
            #expect(made.pins.allSatisfy { $0.hasPrefix("sha256//") && $0.utf8.count == 52 })
            _ = try made.serverConfiguration()
            for name in [TLSKeys.keyFile, TLSKeys.spareFile, TLSKeys.certificateFile] {
                let attributes = try FileManager.default.attributesOfItem(atPath: folder.file(name))
                #expect(attributes[.posixPermissions] as? Int == 0o600)
            }
        }
    }

    @Test func `keep their pin when the certificate has to be made again`() async throws {
        try await withTemporaryFolder { place in
            let folder = try DataFolder(place.path)
            let before = try TLSKeys(ServerConfiguration(), in: folder)
            try FileManager.default.removeItem(atPath: folder.file(TLSKeys.certificateFile))
            let after = try TLSKeys(ServerConfiguration(), in: folder)
            #expect(before.pins == after.pins)
            _ = try after.serverConfiguration()
        }
    }

    @Test(arguments: [nil, "-----BEGIN NOTHING-----", ""])
    func `give way to the spare one when the current is lost, and there is a new spare`(
        left: String?
    ) async throws {
        try await withTemporaryFolder { place in
            let folder = try DataFolder(place.path)
            let before = try TLSKeys(ServerConfiguration(), in: folder)
            try FileManager.default.removeItem(atPath: folder.file(TLSKeys.keyFile))
            if let left {
                try Data(left.utf8).write(to: URL(fileURLWithPath: folder.file(TLSKeys.keyFile)))
            }
            let after = try TLSKeys(ServerConfiguration(), in: folder)
            #expect(after.pins[0] == before.pins[1])
            #expect(!before.pins.contains(after.pins[1]))
            _ = try after.serverConfiguration()
            let facts = try FileManager.default.attributesOfItem(
                atPath: folder.file(TLSKeys.spareFile))
            #expect(facts[.posixPermissions] as? Int == 0o600)
            let again = try TLSKeys(ServerConfiguration(), in: folder)
            #expect(again.pins == after.pins)
        }
    }

    @Test func `have a spare of their own after a change that was cut short`() async throws {
        try await withTemporaryFolder { place in
            let folder = try DataFolder(place.path)
            let before = try TLSKeys(ServerConfiguration(), in: folder)
            let files = FileManager.default
            try files.removeItem(atPath: folder.file(TLSKeys.keyFile))
            try files.copyItem(
                atPath: folder.file(TLSKeys.spareFile), toPath: folder.file(TLSKeys.keyFile))
            let after = try TLSKeys(ServerConfiguration(), in: folder)
            #expect(after.pins[0] == before.pins[1])
            #expect(Set(after.pins).count == 2)
        }
    }

    @Test func `are given as files with the same pin as when they were made`() async throws {
        try await withTemporaryFolder { place in
            let folder = try DataFolder(place.path)
            let own = try TLSKeys(ServerConfiguration(), in: folder)
            var configuration = ServerConfiguration()
            configuration.tls = ServerConfiguration.Files(
                certificate: folder.file(TLSKeys.certificateFile),
                key: folder.file(TLSKeys.keyFile))
            let given = try TLSKeys(configuration, in: folder)
            #expect(given.pins == [own.pins[0]])
            _ = try given.serverConfiguration()
        }
    }

    @Test func `that do not belong together are refused`() async throws {
        try await withTemporaryFolder { place in
            let folder = try DataFolder(place.path)
            _ = try TLSKeys(ServerConfiguration(), in: folder)
            var configuration = ServerConfiguration()
            configuration.tls = ServerConfiguration.Files(
                certificate: folder.file(TLSKeys.certificateFile),
                key: folder.file(TLSKeys.spareFile))
            let mixed = try TLSKeys(configuration, in: folder)
            let error = #expect(throws: ServerError.self) { try mixed.serverConfiguration() }
            #expect(error?.problem.code == "server.tls-file")
        }
    }

    @Test func `that cannot be read are named`() {
        var configuration = ServerConfiguration()
        configuration.tls = ServerConfiguration.Files(
            certificate: "/no/such/certificate.pem", key: "/no/such/key.pem")
        #expect(throws: ServerError.self) {
            try TLSKeys(configuration, in: DataFolder("/tmp"))
        }
    }
}
