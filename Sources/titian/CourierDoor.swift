import Attendance
import Bridge
import Exchange
import Journal
import Speech

/// Where courier files are written and their receipts handed in: at the running daemon, or at the
/// journal itself.
struct CourierDoor {
    let places: PlaceOptions

    init(_ places: PlaceOptions) {
        self.places = places
    }

    // MARK: Out

    /// Writes all that waits to a new file, or everything from an entry on.
    func write(to path: String, from first: Int64? = nil) async throws -> CourierReport {
        let sink = try OutputFile(path)
        do {
            var report = CourierReport(file: path)
            try await with { ask in
                var after = first.map { $0 - 1 }
                repeat {
                    let piece = try await ask(after)
                    try report.take(piece, into: sink)
                    after = piece.call == nil || piece.last >= piece.head ? nil : piece.last
                } while after != nil
            }
            guard report.bytes > 0 else { throw CommandError.nothingToCarry }
            try sink.finish()
            return report
        } catch {
            sink.discard()
            throw error
        }
    }

    private func with(
        _ body: ((Int64?) async throws -> CourierPiece) async throws -> Void
    ) async throws {
        let daemon = places.daemon
        if try await daemon.isRunning {
            return try await body { after in
                let answer = try await daemon.ask(.courierPiece, after: after)
                guard let piece = try? WireJSON.decode(CourierPiece.self, from: answer) else {
                    throw ControlError.noAnswer(socket: daemon.socket)
                }
                return piece
            }
        }
        let done: Void? = try await OfflineJournal.read(in: places.folder) { journal in
            let desk = try await desk(journal)
            try await body { try await desk.piece(after: $0) }
        }
        guard done != nil else { throw NoJournal(folder: places.state) }
    }

    private func desk(_ journal: Journal) async throws -> CourierDesk {
        let host = Host.system
        let office = (try? Configuration.load(path: places.config))?.office.description ?? ""
        let status = BridgeStatus(
            version: TitianVersion.current, office: office, hostname: host.hostname,
            startedAt: host.now().description)
        return CourierDesk(
            state: places.folder, journal: journal, key: try places.folder.signingKey(),
            host: host, boot: try await journal.bootNumber(forBootID: host.bootID)
        ) { [queue = try await journal.status().queue] in
            var status = status
            status.queue = queue
            return status
        }
    }

    // MARK: Back

    /// Takes a receipt file in and says what it changed.
    func takeBack(_ path: String, _ speech: SpeechOptions) async throws {
        let bytes = try InputFile.read(path)
        let lines = bytes.split(separator: UInt8(ascii: "\n")).dropFirst().map(Array.init)
        guard !lines.isEmpty else { throw CourierError.notAReceipt }
        var sum = CourierNews.nothing
        try await handing { hand in
            for line in lines { sum.add(try await hand(line)) }
        }
        let output = Output()
        if speech.json { return output.line(try WireJSON.encode(sum)) }
        output.line(Self.sentence(sum, path))
    }

    private func handing(
        _ body: (([UInt8]) async throws -> CourierNews) async throws -> Void
    ) async throws {
        let daemon = places.daemon
        if try await daemon.isRunning {
            return try await body { line in
                var request = ControlRequest(.courierReceipt)
                request.data = line.base64
                let answer = try await daemon.ask(request)
                guard let news = try? WireJSON.decode(CourierNews.self, from: answer) else {
                    throw ControlError.noAnswer(socket: daemon.socket)
                }
                return news
            }
        }
        let done: Void? = try await OfflineJournal.read(in: places.folder) { journal in
            let desk = try await desk(journal)
            try await body { try await desk.take($0) }
        }
        guard done != nil else { throw NoJournal(folder: places.state) }
    }

    private static func sentence(_ news: CourierNews, _ path: String) -> String {
        let through = news.ackedThrough.map { "#\(Format.number($0))" } ?? "-"
        guard news.isNew else {
            return say(
                id: "● \(path): sudah pernah dimasukkan (diterima BKD sampai \(through)).",
                en: "● \(path): taken in before (received by the BKD through \(through)).")
        }
        let enrolled = news.enrolled ? say(id: " Kantor terdaftar.", en: " Enrolled.") : ""
        return say(
            id: "● \(path): diterima BKD sampai \(through).\(enrolled)",
            en: "● \(path): received by the BKD through \(through).\(enrolled)")
    }
}

extension CourierNews {
    static let nothing = CourierNews(enrolled: false, ackedThrough: nil, isNew: false)

    mutating func add(_ other: CourierNews) {
        enrolled = enrolled || other.enrolled
        ackedThrough = max(ackedThrough ?? 0, other.ackedThrough ?? 0)
        isNew = isNew || other.isNew
    }
}

/// What a courier file holds.
struct CourierReport {
    let file: String
    private(set) var calls = 0
    private(set) var bytes = 0
    private(set) var through: Int64 = 0
    private(set) var asksToBeEnrolled = false

    init(file: String) {
        self.file = file
    }

    mutating func take(_ piece: CourierPiece, into sink: OutputFile) throws {
        if let request = piece.enrolment {
            let line = try WireJSON.encode(request) + [UInt8(ascii: "\n")]
            try sink.append(line)
            bytes += line.count
            asksToBeEnrolled = true
        }
        guard let text = piece.call else { return }
        guard let call = [UInt8](base64: text) else { throw CourierError.notAReceipt }
        try sink.append(call)
        bytes += call.count
        calls += 1
        through = piece.last
    }

    var json: [UInt8] {
        var line = JSONLine()
        line.add("file", file)
        line.add("bytes", bytes)
        line.add("calls", calls)
        line.add("through", through)
        line.add("enrolment", asksToBeEnrolled)
        return line.finished
    }

    var text: String {
        let request =
            asksToBeEnrolled ? say(id: ", minta didaftarkan", en: ", asks to be enrolled") : ""
        let size = Format.bytes(Int64(bytes))
        return say(
            id: "● \(file): jurnal sampai #\(Format.number(through)), \(size)\(request).",
            en: "● \(file): the journal through #\(Format.number(through)), \(size)\(request).")
    }
}
