import Attendance
import Central
import Console
import Foundation
import Journal
import Synchronization
import TestSupport
import Testing

@testable import Bridge

/// Over real TLS: a bridge speaks to keys that it knows the pins of, and to no others.
@Suite struct `A server that has lost its TLS key` {
    private func withOffice(_ body: (RealCentre, RealOffice) async throws -> Void) async throws {
        try await withEnrolledOffice { centre, office in
            try await office.punch(5)
            try await office.sync()
            try await centre.stop()
            try await body(centre, office)
        }
    }

    private func lose(_ names: [String], of centre: RealCentre) throws {
        for name in names {
            try FileManager.default.removeItem(at: centre.data.appendingPathComponent(name))
        }
    }

    private func pins(of office: RealOffice) throws -> [String] {
        try #require(try Enrolment.load(from: office.state)).pins
    }

    @Test func `goes on with the spare one, and bridges learn the next spare, again and again`()
        async throws
    {
        try await withOffice { centre, office in
            for round in 1...2 {
                let before = try pins(of: office)
                try lose(["tls-key.pem"], of: centre)
                try await centre.start()
                try await office.punch(5)
                try await office.sync()
                #expect(try await centre.counted().count == 5 + 5 * round)
                let after = try pins(of: office)
                #expect(after.count == 2 && after[0] == before[1] && after[1] != before[0])
                #expect(try centre.opened().keys.pins == after)
                try await centre.stop()
            }
            let trail = try await centre.opened().central.auditRows(limit: 99)
            #expect(trail.count { $0.action == "announce-pins" } == 2)
        }
    }

    @Test func `and the spare one too is spoken to by nobody: the control`() async throws {
        try await withOffice { centre, office in
            try lose(["tls-key.pem", "tls-spare-key.pem"], of: centre)
            try await centre.start()
            try await office.punch(5)
            office.traffic.withLock { $0 = Traffic() }
            try await office.sync { _ in office.traffic.withLock { $0.calls } > 2 }
            #expect(try await office.journal.status().queue == 5)
            #expect(try await centre.counted().count == 5)
            try await centre.stop()
        }
    }

    @Test func `has it again from a backup`() async throws {
        try await withOffice { centre, office in
            let backup = try await centre.backup(named: "a.backup")
            try centre.lose()
            try await centre.restore(backup)
            try await centre.start()
            try await office.punch(5)
            try await office.sync()
            #expect(try await centre.counted().count == 10)
            try await centre.stop()
        }
    }
}
