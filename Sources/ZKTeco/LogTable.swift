import TerminalKit

/// The terminal's attendance table as it hands it out: its length in bytes, and any stretch.
///
/// There are two ways. The newer one copies the table into a buffer in the terminal (1503),
/// reads it in pieces (1504) and frees it (1502); small tables come at once. The older one is
/// one command (13) that sends everything. Terminals that refuse or ignore the newer way are
/// read by the older one, and the talk remembers that.
///
/// Source: docs/reference/protocols/zkteco.md, "Reading a table".
final class LogTable {
    enum Contents {
        case whole([UInt8])
        /// In the terminal's buffer, this many bytes long.
        case buffered(Int)
    }

    let contents: Contents
    private let dialogue: Dialogue
    /// The first piece, which is looked at before anything else is known.
    private var head: [UInt8] = []

    private init(_ contents: Contents, _ dialogue: Dialogue) {
        self.contents = contents
        self.dialogue = dialogue
    }

    /// Bytes in the table, the leading word included.
    var size: Int {
        switch contents {
        case .whole(let bytes): bytes.count
        case .buffered(let size): size
        }
    }

    var isBuffered: Bool {
        if case .buffered = contents { true } else { false }
    }

    /// The most bytes one piece may have, as open clients ask for them.
    var pieceSize: Int { dialogue.isDatagram ? 16_384 : 0xFFC0 }

    /// `01`, then the command as u16 and two words: the attendance log.
    private static let attendance: [UInt8] = [
        0x01, UInt8(Command.logRead), 0x00, 0, 0, 0, 0, 0, 0, 0, 0,
    ]

    // MARK: Opening

    /// Asks for the table by the newer way, or by the older one where that fails.
    ///
    /// - Parameter oldWayOnly: Set to true once the newer way has been refused or ignored.
    /// - Returns: nil if the terminal says, by the older way, that the table is empty.
    /// - Throws: ``DriverError/refused(question:code:)`` if neither way is open: that is never
    ///   an empty log.
    static func open(_ dialogue: Dialogue, oldWayOnly: inout Bool) async throws -> LogTable? {
        var refusal: UInt16?
        if !oldWayOnly {
            switch try await prepare(dialogue) {
            case .table(let contents): return LogTable(contents, dialogue)
            case .refused(let code): refusal = code
            }
            oldWayOnly = true
        }
        return try await openOldWay(dialogue, after: refusal)
    }

    /// The older way alone.
    ///
    /// - Parameter refusal: The code with which the newer way was refused before.
    static func openOldWay(
        _ dialogue: Dialogue, after refusal: UInt16? = nil
    ) async throws -> LogTable? {
        let transfer = Transfer(question: .wholeLog, tries: Patience.vainTriesOfATable)
        switch try await transfer.run(dialogue) {
        case .bytes(let bytes):
            return LogTable(.whole(bytes), dialogue)
        case .answer(let packet):
            // 2001 means empty here, unless the terminal has just said that it keeps its
            // records in a table of another mode (4989).
            if packet.command == Command.ackError, refusal != Command.noSuchTable { return nil }
            let code = refusal == Command.noSuchTable ? Command.noSuchTable : packet.command
            throw DriverError.refused(question: "attendance log", code: Int(code))
        }
    }

    private enum Preparation {
        case table(Contents)
        case refused(UInt16?)
    }

    private static func prepare(_ dialogue: Dialogue) async throws -> Preparation {
        let transfer = Transfer(
            question: .prepareBuffer, data: attendance, tries: Patience.vainTriesOfATable)
        let outcome: Transfer.Outcome
        do {
            outcome = try await transfer.run(dialogue)
        } catch LinkError.silent {
            return .refused(nil)
        }
        switch outcome {
        case .bytes(let bytes):
            return .table(.whole(bytes))
        case .answer(let packet):
            // 00, the size, the size again, a word nobody has explained.
            var reader = ByteReader(packet.data)
            guard packet.command == Command.ackOK, reader.u8() != nil, let size = reader.u32LE()
            else { return .refused(packet.command) }
            guard size <= DataCollector.largest else {
                throw DriverError.garbled(what: "a log of \(size) bytes", bytes: packet.data)
            }
            return .table(.buffered(Int(size)))
        }
    }

    // MARK: Reading

    /// The first piece: the leading word and what follows it.
    func readHead() async throws -> [UInt8] {
        if head.isEmpty { head = try await read(0..<min(size, pieceSize)) }
        return head
    }

    /// Bytes from the beginning of `range`, which must lie within the table: all of them, or as
    /// many as one piece and what is at hand allow.
    func read(_ range: Range<Int>) async throws -> [UInt8] {
        let end = min(range.upperBound, range.lowerBound + pieceSize)
        guard range.lowerBound >= 0, end <= size, range.lowerBound < end else { return [] }
        if case .whole(let bytes) = contents { return Array(bytes[range.lowerBound..<end]) }
        if range.lowerBound < head.count {
            return Array(head[range.lowerBound..<min(end, head.count)])
        }
        return try await readPiece(range.lowerBound..<end)
    }

    private func readPiece(_ range: Range<Int>) async throws -> [UInt8] {
        var place: [UInt8] = []
        place.appendLE(UInt32(truncatingIfNeeded: range.lowerBound))
        place.appendLE(UInt32(truncatingIfNeeded: range.count))
        let transfer = Transfer(
            question: .readBuffer, data: place, asked: range.count,
            tries: Patience.vainTriesOfAPiece)
        switch try await transfer.run(dialogue) {
        case .bytes(let bytes):
            return bytes
        case .answer(let packet):
            throw DriverError.refused(
                question: Question.readBuffer.name, code: Int(packet.command))
        }
    }

    /// Lets the terminal have its memory back; a terminal that says nothing to it has it anyway
    /// when the talk ends.
    func free() async throws {
        guard isBuffered else { return }
        do {
            _ = try await dialogue.ask(.freeBuffer, within: Patience.goodbye, tries: 1)
        } catch LinkError.silent {}
    }
}
