import Attendance
import Foundation
import TestSupport
import Testing

@testable import Bridge

@Suite struct `The notes of a start` {
    private func notes() throws -> StartNotes {
        StartNotes(
            Configuration(office: try OfficeID("upt-contoh-utara"), zone: .wita, terminals: []))
    }

    private func begun(
        after last: StartNotes?, boot: String = "b1", at time: String = "2026-11-25T08:00:00.000Z"
    ) throws -> StartNotes {
        var notes = try notes()
        notes.begin(after: last, bootID: boot, at: try #require(UTCTime(time)))
        return notes
    }

    @Test func `count who went without a word`() throws {
        let first = try begun(after: nil)
        #expect(first.crashes == [])
        let second = try begun(after: first, at: "2026-11-25T09:00:00.000Z")
        #expect(second.crashes == ["2026-11-25T09:00:00.000Z"])
        let third = try begun(after: second, at: "2026-11-25T10:00:00.000Z")
        #expect(third.crashes?.count == 2)
    }

    @Test func `do not count an orderly end, or the end of the whole box`() throws {
        let first = try begun(after: nil)
        #expect(try begun(after: first.ended).crashes == [])
        #expect(try begun(after: first, boot: "b2").crashes == [])
    }

    @Test func `forget after a day`() throws {
        let first = try begun(after: begun(after: nil))
        #expect(first.crashes?.count == 1)
        #expect(try begun(after: first.ended, at: "2026-11-26T07:59:00.000Z").crashes?.count == 1)
        #expect(try begun(after: first.ended, at: "2026-11-26T08:01:00.000Z").crashes == [])
    }

    @Test func `are read back, and those of an older version too`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.path + "/started.json"
            let notes = try begun(after: begun(after: nil))
            try notes.save(to: path)
            #expect(StartNotes(at: path) == notes)
            try Data(#"{"version":"0.1.0","configuration":"ab"}"#.utf8)
                .write(to: URL(fileURLWithPath: path))
            let old = StartNotes(at: path)
            #expect(old?.isRunning == nil)
            #expect(try begun(after: old).crashes == [])
        }
    }
}
