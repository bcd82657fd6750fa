import Attendance
import Bridge
import Exchange
import Journal
import StickFiles

/// Where a file is handed in: at the running daemon, or at the journal itself.
enum ImportDoor {
    case daemon(Daemon)
    case desk(ImportDesk)

    /// Bytes in one question to the daemon: in base64 they fit its longest line.
    static let piece = 45_000
    /// The largest file on the slowest card.
    static let patience = Duration.seconds(3_600)

    /// Opens the door for the length of `body`.
    static func open<Result: Sendable>(
        _ places: PlaceOptions, _ body: (ImportDoor) async throws -> Result
    ) async throws -> Result {
        if try await places.daemon.ifRunning({ try await $0.ask(.importList) }) != nil {
            return try await body(.daemon(places.daemon))
        }
        try places.folder.prepare()
        let terminals = (try? Configuration.load(path: places.config))?.terminals ?? []
        return try await OfflineJournal.with(places.folder) { journal in
            let host = Host.system
            let boot = try await journal.bootNumber(forBootID: host.bootID)
            let desk = ImportDesk(state: places.folder, terminals: terminals, journal: journal) {
                Moment(at: host.now(), boot: boot, up: host.uptime())
            }
            return try await body(.desk(desk))
        }
    }

    /// Hands a file in, a piece at a time.
    func take(_ path: String, _ wish: ImportWish) async throws -> ImportReport {
        let reader = try StickReader(path)
        let ticket = try await begin(StickName.last(of: path))
        do {
            while let bytes = try reader.next() {
                for start in stride(from: 0, to: bytes.count, by: Self.piece) {
                    try await add(
                        Array(bytes[start..<min(start + Self.piece, bytes.count)]), to: ticket)
                }
            }
        } catch {
            if case .desk(let desk) = self { await desk.abandon(ticket) }
            throw error
        }
        return try await finish(ticket, wish)
    }

    /// What waits to be assigned.
    func waiting() async throws -> [HeldFile] {
        switch self {
        case .desk(let desk): await desk.waiting()
        case .daemon(let daemon): try await daemon.ask(.importList, as: HeldList.self).held
        }
    }

    /// Takes a waiting file in.
    func assign(_ id: String, _ wish: ImportWish) async throws -> ImportReport {
        switch self {
        case .desk(let desk): return try await desk.assign(id, wish)
        case .daemon(let daemon):
            var request = ControlRequest(.importHeld, wish)
            request.ticket = id
            return try await report(daemon, request)
        }
    }

    private func begin(_ name: String) async throws -> String {
        switch self {
        case .desk(let desk): return try await desk.begin(name)
        case .daemon(let daemon):
            var request = ControlRequest(.importBegin)
            request.file = name
            let answer = try await daemon.ask(request)
            guard let ticket = try? WireJSON.decode(Ticket.self, from: answer) else {
                throw ControlError.noAnswer(socket: daemon.socket)
            }
            return ticket.ticket
        }
    }

    private func add(_ bytes: [UInt8], to ticket: String) async throws {
        switch self {
        case .desk(let desk): try await desk.add(bytes, to: ticket)
        case .daemon(let daemon):
            var request = ControlRequest(.importBytes)
            request.ticket = ticket
            request.data = bytes.base64
            _ = try await daemon.ask(request)
        }
    }

    private func finish(_ ticket: String, _ wish: ImportWish) async throws -> ImportReport {
        switch self {
        case .desk(let desk): return try await desk.finish(ticket, wish)
        case .daemon(let daemon):
            var request = ControlRequest(.importEnd, wish)
            request.ticket = ticket
            return try await report(daemon, request)
        }
    }

    private func report(_ daemon: Daemon, _ request: ControlRequest) async throws -> ImportReport {
        let answer = try await daemon.ask(request, within: Self.patience)
        guard let report = try? WireJSON.decode(ImportReport.self, from: answer) else {
            throw ControlError.noAnswer(socket: daemon.socket)
        }
        return report
    }

    private struct Ticket: Decodable {
        var ticket: String
    }
}

extension ControlRequest {
    fileprivate init(_ operation: Operation, _ wish: ImportWish) {
        self.init(operation)
        terminal = wish.terminal
        order = wish.order?.rawValue
        dryRun = wish.isDryRun
    }
}
