import Attendance
import Exchange
import Journal
import StickFiles
import TerminalKit

/// Takes one file that lies in the state folder into the journal, or holds it.
///
/// What is known already adds nothing, so a crash in the middle and a second import end in the
/// same: the file is the proof and stays on the stick.
struct StickImporter: Sendable {
    let journal: Journal
    let held: HeldFiles
    let book: ImportBook
    let directory: TerminalDirectory
    let moment: @Sendable () -> Moment
    /// Called after each commit.
    let written: @Sendable () -> Void

    /// - Throws: ``ImportError``, or what the journal says of its disk. The file stays where it is.
    func take(_ file: StoredFile, _ wish: ImportWish) async throws -> ImportReport {
        let outline = try await survey(file, wish)
        let terminals = try await directory.all()
        let chosen: TerminalID? =
            if let name = wish.terminal { try await directory.terminal(name) } else { nil }
        let overlap = try await Overlap(
            of: try await sample(file, outline),
            with: terminals.filter { TerminalFinder.fits($0, outline.format) }, in: journal)
        let finder = TerminalFinder(
            file: file.name, outline: outline, overlap: overlap, known: terminals)
        var report = blank(file, outline, wish)
        report.compared = overlap.compared
        switch try finder.finding(chosen: chosen) {
        case .unclear(let reason):
            return try hold(file, report, finder.note(of: file, reason, at: report.at))
        case .found(let terminal, _) where outline.needsOrder:
            var note = finder.note(of: file, .dateOrder, at: report.at)
            note.terminal = terminal.description
            return try hold(file, report, note)
        case .found(let terminal, let sign):
            try await refuseSlots(of: terminal, outline)
            report.terminal = terminal.description
            report.foundBy = sign.rawValue
            report.matched = overlap.count(of: terminal) ?? 0
            try await keep(file, outline, of: terminal, &report)
            return report
        }
    }

    // MARK: Looking

    private func survey(_ file: StoredFile, _ wish: ImportWish) async throws -> StickOutline {
        var survey = StickSurvey(name: file.name)
        try await file.pieces { survey.take($0) }
        guard var outline = survey.conclude(), outline.rows > 0 || outline.isCutShort else {
            throw ImportError.unknownFormat(file: file.name)
        }
        if let order = wish.order { outline.settle(order) }
        return outline
    }

    private func sample(_ file: StoredFile, _ outline: StickOutline) async throws -> [Punch] {
        var sample = PunchSample(of: outline.punches)
        try await rows(of: file, outline) { rows in
            for row in rows {
                if case .punch(let punch) = row.record { sample.take(punch) }
            }
        }
        return sample.punches
    }

    /// Gives the rows in portions that fit one transaction; the frame of a protected export is
    /// left out.
    private func rows(
        of file: StoredFile, _ outline: StickOutline,
        _ body: ([StickFile.Row]) async throws -> Void
    ) async throws {
        var reader = StickRows(outline)
        var waiting: [StickFile.Row] = []
        func giveAll() async throws {
            while let row = reader.next() {
                if !outline.isProtection(row) { waiting.append(row) }
                guard waiting.count == Recorder.chunk else { continue }
                try await body(waiting)
                waiting.removeAll(keepingCapacity: true)
            }
        }
        try await file.pieces {
            reader.feed($0)
            try await giveAll()
        }
        reader.finish()
        try await giveAll()
        if !waiting.isEmpty { try await body(waiting) }
    }

    /// A log that names places in the terminal's table cannot be compared with PINs.
    private func refuseSlots(of terminal: TerminalID, _ outline: StickOutline) async throws {
        guard outline.format == .attLog, let text = try await journal.position(of: terminal),
            let mark = try? WireJSON.decode(Recorder.Mark.self, from: text.utf8)
        else { return }
        if mark.position.recordSize == 8 { throw ImportError.slotsOnly(terminal) }
    }

    private func blank(
        _ file: StoredFile, _ outline: StickOutline, _ wish: ImportWish
    ) -> ImportReport {
        ImportReport(
            file: file.name, sha256: file.sha256, bytes: file.size,
            format: outline.format.rawValue, at: moment().at.description,
            read: outline.rows, new: 0, known: 0, odd: 0, doubts: outline.doubts,
            dryRun: wish.isDryRun)
    }

    // MARK: Keeping

    private func hold(
        _ file: StoredFile, _ report: ImportReport, _ note: HeldFile
    ) throws -> ImportReport {
        var report = report
        report.held = note
        if !report.dryRun { try held.hold(file, note) }
        return report
    }

    private func keep(
        _ file: StoredFile, _ outline: StickOutline, of terminal: TerminalID,
        _ report: inout ImportReport
    ) async throws {
        var counts = Counts()
        if report.dryRun {
            var seen: Set<Int> = []
            try await rows(of: file, outline) { rows in
                try await count(rows.map { body($0, terminal) }, &seen, &counts)
            }
        } else {
            try await rows(of: file, outline) { rows in
                let bodies = rows.map { body($0, terminal) }
                counts.add(try await journal.record(bodies, at: moment()))
                written()
            }
        }
        report.new = counts.new
        report.odd = counts.odd
        report.known = report.read - counts.new - counts.odd
        guard !report.dryRun else { return }
        try await journal.record([report.entry(terminal)], at: moment())
        written()
        try await book.add(report)
        held.settle(file)
    }

    private struct Counts {
        var new = 0
        var odd = 0

        mutating func add(_ recorded: Recorded) {
            new += recorded.new
            odd += recorded.odd
        }
    }

    /// What ``Journal/Journal/record(_:positions:at:)`` would find, without writing.
    private func count(
        _ bodies: [EntryBody], _ seen: inout Set<Int>, _ counts: inout Counts
    ) async throws {
        for (body, isKnown) in zip(bodies, try await journal.knows(bodies)) where !isKnown {
            switch body {
            case .punch(_, let punch, _):
                var hasher = Hasher()
                hasher.combine(punch.pin.canonical)
                hasher.combine(punch.time)
                if seen.insert(hasher.finalize()).inserted { counts.new += 1 }
            case .oddity(_, let oddity, _):
                if seen.insert(oddity.raw.hashValue).inserted { counts.odd += 1 }
            default: break
            }
        }
    }

    private func body(_ row: StickFile.Row, _ terminal: TerminalID) -> EntryBody {
        switch row.record {
        case .punch(let punch): .punch(terminal, punch, via: .stick)
        case .oddity(let oddity): .oddity(terminal, oddity, via: .stick)
        }
    }
}

extension TerminalFinder {
    /// What is known of a file that has to wait.
    fileprivate func note(of file: StoredFile, _ reason: HeldFile.Reason, at time: String)
        -> HeldFile
    {
        HeldFile(
            id: HeldFiles.id(of: file.sha256), file: file.name, sha256: file.sha256,
            bytes: file.size, format: outline.format.rawValue, rows: outline.rows,
            device: outline.device, serial: serial, reason: reason, at: time)
    }
}

extension ImportReport {
    /// The fact, as the journal keeps it.
    fileprivate func entry(_ terminal: TerminalID) -> EntryBody {
        .fileImport(
            terminal, file: file, sha256: sha256, read: read, new: new, known: known, odd: odd)
    }
}
