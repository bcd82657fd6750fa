import Attendance
import Bridge
import Exchange
import Foundation
import TestSupport
import Testing

@testable import titian

@Suite struct `Enrolling` {
    private func exitCode(code: String, office: String = "upt-contoh-utara") async throws -> Int32 {
        try await withTemporaryFolder { folder in
            let config = folder.appendingPathComponent("bridge.toml").path
            try "office = \"\(office)\"\ntimezone = \"Asia/Makassar\"\n"
                .write(toFile: config, atomically: true, encoding: .utf8)
            let state = folder.appendingPathComponent("state").path
            let run = await CapturedRun([
                "enroll", "https://127.0.0.1:9", code, "--config", config, "--state", state,
                "--control", folder.appendingPathComponent("c.sock").path,
            ])
            #expect(!FileManager.default.fileExists(atPath: "\(state)/centre.json"))
            return run.exitCode
        }
    }

    private func code(office: String) throws -> String {
        try EnrolmentCode(
            secret: Array(0..<16), office: try OfficeID(office), zone: .wita,
            pins: ["sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="],
            expires: UTCTime(milliseconds: 0)
        ).text
    }

    @Test func `refuses what is no code before anything is sent`() async throws {
        #expect(try await exitCode(code: "titian1.abc") == 65)
    }

    @Test func `refuses a code of another office before anything is sent`() async throws {
        #expect(try await exitCode(code: try code(office: "sdn-contoh-dua")) == 2)
    }

    @Test func `leaves everything as it was when the centre is not there`() async throws {
        #expect(try await exitCode(code: try code(office: "upt-contoh-utara")) == 2)
    }
}
