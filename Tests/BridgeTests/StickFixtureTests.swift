import Attendance
import Exchange
import Foundation
import Journal
import StickFiles
import TerminalKit
import TestSupport
import Testing

@testable import Bridge

@Suite(.enabled(if: Fixtures.areExpected, "TITIAN_FIXTURES names no folder"))
struct `A published stick file taken in` {
    struct Sample: Sendable {
        let path: String
        let name: String
        let terminal: String
        /// Rows, as the file's page says them.
        let rows: Int
        /// Damaged rows with different bytes, as the file's page tells them apart.
        var odd = 0
        /// Counted with another program: rows that repeat another one's PIN and second, or another one's damage.
        var repeated = 0
        var order: StickFile.DateOrder?
        var doubts: [String] = []
    }

    static let samples = [
        Sample(
            path: "zk/1_attlog-padded9.dat", name: "1_attlog.dat", terminal: "zkteco:A1", rows: 60),
        Sample(
            path: "zk/1_attlog-out-of-order.dat", name: "1_attlog.dat", terminal: "zkteco:A1",
            rows: 40),
        Sample(
            path: "zk/1_attlog-flash-corruption-a.dat", name: "1_attlog.dat",
            terminal: "zkteco:A1", rows: 22, odd: 13, repeated: 4),
        Sample(
            path: "zk/attlog-5-columns-unpadded.dat", name: "attlog.dat", terminal: "zkteco:A1",
            rows: 12),
        Sample(
            path: "zk/attlog-workcode-53.dat", name: "7_attlog.dat", terminal: "zkteco:A1", rows: 1),
        Sample(
            path: "zk/AGL_001-9col-crlf.dat", name: "AGL_001.TXT", terminal: "timmy:A1", rows: 7,
            order: .dayFirst),
        Sample(
            path: "zk/AGL_001-utf16le.dat", name: "AGL_001.TXT", terminal: "timmy:A1", rows: 3),
        Sample(
            path: "zk/GLG_001-7col.dat", name: "GLG_001.TXT", terminal: "timmy:A1", rows: 24,
            repeated: 8),
        Sample(
            path: "anviz/anviz-bak-small.KQ", name: "BAK.KQ", terminal: "anviz:A1", rows: 3),
        Sample(
            path: "anviz/anviz-bak-slice-a.KQ", name: "BAK.KQ", terminal: "anviz:A1", rows: 321,
            repeated: 12),
        Sample(
            path: "anviz/anviz-bak-BAD-short.KQ", name: "BAK.KQ", terminal: "anviz:A1", rows: 3,
            doubts: ["cut short"]),
    ]

    @Test(arguments: samples)
    func `counts what its page says, and nothing the second time`(sample: Sample) async throws {
        let bytes = try Fixtures.bytes(sample.path)
        try await withImportOffice { office in
            let first = try await office.take(
                bytes, sample.name, terminal: sample.terminal, order: sample.order)
            #expect(first.read == sample.rows)
            #expect(first.odd == sample.odd)
            #expect(first.known == sample.repeated)
            #expect(first.new == sample.rows - sample.odd - sample.repeated)
            #expect(first.doubts == sample.doubts)
            #expect(first.held == nil)
            let head = await office.office.journal.headSeq
            let again = try await office.take(
                bytes, sample.name, terminal: sample.terminal, order: sample.order)
            #expect(again.new == 0 && again.odd == 0 && again.known == sample.rows)
            #expect(await office.office.journal.headSeq == head)
            #expect(try await office.office.journal.verify().isWhole)
        }
    }

    @Test(arguments: samples)
    func `adds no punch to those that the line has brought, nor they to it`(
        sample: Sample
    ) async throws {
        let bytes = try Fixtures.bytes(sample.path)
        let file = try #require(StickFile.decode(bytes, name: sample.name))
        let punches = file.rows.compactMap { row -> Punch? in
            if case .punch(let punch) = row.record { punch } else { nil }
        }
        let id = try TerminalID(sample.terminal)
        try await withImportOffice { office in
            try await office.readOverTheLine(punches, as: id)
            let before = try await office.office.punches()
            let report = try await office.take(
                bytes, sample.name, terminal: sample.terminal, order: sample.order)
            // A date that only a person could read was no punch before.
            if sample.order == nil { #expect(report.new == 0) }
            if sample.order == nil { #expect(try await office.office.punches() == before) }
        }
        try await withImportOffice { office in
            try await office.take(bytes, sample.name, terminal: sample.terminal, order: .dayFirst)
            let before = try await office.office.punches()
            try await office.readOverTheLine(punches, as: id)
            #expect(try await office.office.punches() == before)
        }
    }

    @Test(arguments: samples)
    func `cut anywhere gives its whole rows, and the whole file gives the rest`(
        sample: Sample
    ) async throws {
        let bytes = try Fixtures.bytes(sample.path)
        try await withImportOffice { office in
            try await office.take(
                bytes, sample.name, terminal: sample.terminal, order: .dayFirst)
            let whole = try await office.content().punches
            var dice = Dice(state: UInt64(bytes.count))
            for _ in 0..<6 {
                let length = Int(dice.next() % UInt64(bytes.count))
                try await cut(bytes, at: length, sample, whole: whole)
            }
        }
    }

    private func cut(
        _ bytes: [UInt8], at length: Int, _ sample: Sample, whole: Set<String>
    ) async throws {
        try await withImportOffice { office in
            let piece = Array(bytes.prefix(length))
            let file = StickFile.decode(piece, name: sample.name)
            do {
                let report = try await office.take(
                    piece, sample.name, terminal: sample.terminal, order: .dayFirst)
                #expect(report.read == report.new + report.known + report.odd)
                #expect(try await office.content().punches.isSubset(of: whole))
                let isBinary = sample.name == "BAK.KQ"
                if isBinary { #expect(report.doubts == ["cut short"], "\(length)") }
                if isBinary { #expect(report.read - report.odd == max(0, length - 3) / 14) }
            } catch ImportError.unknownFormat {
                #expect(file?.rows.isEmpty ?? true, "\(length) bytes hold rows")
            }
            try await office.take(
                bytes, sample.name, terminal: sample.terminal, order: .dayFirst)
            #expect(try await office.content().punches == whole)
        }
    }
}

/// Random numbers that are the same in every run.
struct Dice: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 16
    }
}
