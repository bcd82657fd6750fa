import Attendance
public import Journal
import StickFiles

/// Where files of sticks are handed in: by `titian import` in pieces, by the watcher of sticks whole.
///
/// The daemon never opens a path that somebody names: who may read a file, the reader's own rights
/// decide.
public actor ImportDesk {
    /// Files on their way in at the same time; the oldest is given up for another one.
    static let mostIncoming = 4

    private let importer: StickImporter
    private let held: HeldFiles
    private let book: ImportBook
    private var incoming: [(ticket: String, file: IncomingFile)] = []
    private var tickets = 0

    init(_ importer: StickImporter) {
        self.importer = importer
        held = importer.held
        book = importer.book
        held.sweep()
    }

    /// For a command that has the journal to itself.
    public init(
        state: StateFolder, terminals: [Configuration.Terminal], journal: Journal,
        moment: @escaping @Sendable () -> Moment
    ) {
        self.init(
            StickImporter(
                state: state, terminals: terminals, roll: TerminalRoll(path: state.terminalsFile),
                journal: journal, moment: moment, written: {}))
    }

    // MARK: Handing in

    /// Begins a file.
    ///
    /// - Returns: The ticket for its pieces.
    public func begin(_ name: String) throws -> String {
        let name = StickName.last(of: name)
        guard !StickName.namesPeople(name) else { throw ImportError.namesPeople(file: name) }
        let file = try held.begin(name)
        if incoming.count >= Self.mostIncoming { incoming.removeFirst().file.discard() }
        tickets += 1
        incoming.append(("\(tickets)", file))
        return "\(tickets)"
    }

    /// Takes the next piece.
    public func add(_ bytes: [UInt8], to ticket: String) throws {
        let index = try index(of: ticket)
        do {
            try incoming[index].file.append(bytes)
        } catch {
            incoming.remove(at: index).file.discard()
            throw error
        }
    }

    /// Gives a file up.
    public func abandon(_ ticket: String) {
        guard let index = try? index(of: ticket) else { return }
        incoming.remove(at: index).file.discard()
    }

    /// The file is whole: takes it into the journal, or holds it.
    public func finish(_ ticket: String, _ wish: ImportWish) async throws -> ImportReport {
        let file = try incoming.remove(at: try index(of: ticket)).file.finish()
        return try await take(file, wish)
    }

    /// As ``finish(_:_:)``; a file whose bytes were taken in before, or that waits, is nothing new.
    ///
    /// - Returns: nil if it is nothing new.
    func finishIfNew(_ ticket: String) async throws -> ImportReport? {
        let file = try incoming.remove(at: try index(of: ticket)).file.finish()
        let waits = held.list().contains { $0.sha256 == file.sha256 }
        let isKnown = await book.knows(file.sha256)
        if waits || isKnown {
            held.remove(file)
            return nil
        }
        return try await take(file, ImportWish())
    }

    private func take(_ file: StoredFile, _ wish: ImportWish) async throws -> ImportReport {
        do {
            let report = try await importer.take(file, wish)
            if report.dryRun { held.remove(file) }
            return report
        } catch {
            held.remove(file)
            throw error
        }
    }

    private func index(of ticket: String) throws -> Int {
        guard let index = incoming.firstIndex(where: { $0.ticket == ticket }) else {
            throw ImportError.lostPieces
        }
        return index
    }

    // MARK: Files that wait

    public func waiting() -> [HeldFile] { held.list() }

    /// Takes a file that waits into the journal, now that somebody has said whose it is.
    ///
    /// - Parameters:
    ///   - id: The beginning of its id, four digits at least.
    ///   - wish: What is said of it.
    public func assign(_ id: String, _ wish: ImportWish) async throws -> ImportReport {
        let (file, note) = try held.find(id)
        var wish = wish
        wish.terminal = wish.terminal ?? note.terminal
        return try await importer.take(file, wish)
    }

    func report() async -> StickReport {
        StickReport(held: held.list(), last: await book.last)
    }
}

extension StickImporter {
    init(
        state: StateFolder, terminals: [Configuration.Terminal], roll: TerminalRoll,
        journal: Journal, moment: @escaping @Sendable () -> Moment,
        written: @escaping @Sendable () -> Void
    ) {
        self.init(
            journal: journal, held: HeldFiles(in: state),
            book: ImportBook(path: state.importsFile),
            directory: TerminalDirectory(configured: terminals, roll: roll, journal: journal),
            moment: moment, written: written)
    }
}
