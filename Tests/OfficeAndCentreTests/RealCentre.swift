import Attendance
import Central
import Console
import Exchange
import Foundation
import Testing

/// A real server: its own folder, its own port, TLS.
final class RealCentre {
    static let office = "upt-contoh-utara"

    let place: URL
    let data: URL
    private var listen = "127.0.0.1:0"
    private var serving: Task<Void, any Error>?
    private(set) var address = ""

    init(in place: URL) throws {
        self.place = place
        data = place.appendingPathComponent("centre", isDirectory: true)
    }

    private var configuration: ServerConfiguration {
        get throws {
            try ServerConfiguration(
                toml: "listen = \"\(listen)\"\ndata = \"\(data.path)\"\n", file: "server.toml")
        }
    }

    /// What a command beside `serve` opens.
    func opened() throws -> Centre { try Centre(configuration) }

    /// Listens; from the second time on at the same port.
    func start() async throws {
        let file = data.appendingPathComponent("address")
        try? FileManager.default.removeItem(at: file)
        let centre = try opened()
        serving = Task { try await centre.serve() }
        try await eventually("the server listens") {
            FileManager.default.fileExists(atPath: file.path)
        }
        address = try String(contentsOf: file, encoding: .utf8).filter { !$0.isWhitespace }
        listen = address.replacingOccurrences(of: "https://", with: "")
    }

    func stop() async throws {
        serving?.cancel()
        _ = await serving?.result
        serving = nil
    }

    func addOffices() async throws {
        let file = place.appendingPathComponent("offices.csv")
        try Data(
            """
            id,name,zone,stage,contact
            \(Self.office),UPT Contoh Utara,Asia/Makassar,aktif,

            """.utf8
        ).write(to: file)
        _ = try await opened().importOffices(file: file.path)
    }

    func code() async throws -> String {
        try await opened().enrolmentCode(for: OfficeID(Self.office), days: 30).text
    }

    @discardableResult
    func backup(named name: String) async throws -> String {
        let file = place.appendingPathComponent(name).path
        _ = try await opened().backup(to: file)
        return file
    }

    /// The server's disk is lost; another one is set up from a backup.
    func lose() throws {
        try FileManager.default.removeItem(at: data)
    }

    @discardableResult
    func restore(_ backup: String) async throws -> BackupReport {
        try await Restoration(configuration).run(from: backup)
    }

    /// Every counted punch, and how often it was seen.
    func counted() async throws -> [CountedPunch] {
        var all: [CountedPunch] = []
        try await opened().central.forEachPunch(office: OfficeID(Self.office)) { all += $0 }
        return all
    }

    func verification() async throws -> CentralVerification {
        try await opened().central.verify()
    }
}

/// Waits for something that other tasks do.
func eventually(
    _ what: String, within limit: Duration = .seconds(180),
    _ isTrue: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now.advanced(by: limit)
    while ContinuousClock.now < end {
        if try await isTrue() { return }
        try await Task.sleep(for: .milliseconds(100))
    }
    Issue.record("waited \(limit) in vain: \(what)")
}
