internal import Attendance
import TerminalKit

/// The tables that pass in a recorded talk: put together from their DATA packets and decoded.
struct RecordedTables {
    private enum Table {
        case attendance
        case users
        case operations
        /// The question is not in the recording.
        case unknown
    }

    /// What the terminal said it holds, if the recording has it.
    var counters = LogCounters()
    private var table = Table.unknown
    private var bytes: [UInt8] = []
    /// Of the piece under way, where every datagram has its index.
    private var parts = IndexedParts()

    /// Notes a question.
    ///
    /// - Returns: Whether what came before belongs to an earlier table.
    mutating func asked(_ packet: Packet) -> Bool {
        switch packet.command {
        case Command.prepareBuffer where packet.data.count >= 7:
            return begin(named(packet.data[1], packet.data[3]))
        case Command.logRead, Command.tableRead, Command.operationLogRead:
            return begin(
                named(
                    UInt8(truncatingIfNeeded: packet.command), packet.data.first ?? 0))
        case Command.readBuffer:
            joinParts()
            return false
        default:
            return packet.command == Command.freeData
        }
    }

    private var next: Table?

    private mutating func begin(_ table: Table) -> Bool {
        next = table
        if bytes.isEmpty, parts.isEmpty { useNext() }
        return true
    }

    private mutating func useNext() {
        table = next ?? table
        next = nil
    }

    private func named(_ command: UInt8, _ table: UInt8) -> Table {
        switch UInt16(command) {
        case Command.logRead: .attendance
        case Command.operationLogRead: .operations
        case Command.tableRead where table == Command.userTable: .users
        default: .unknown
        }
    }

    mutating func add(_ packet: Packet, isDatagram: Bool) {
        if isDatagram {
            parts.add(packet.data, index: packet.session)
        } else {
            bytes += packet.data
        }
    }

    private mutating func joinParts() {
        parts.join(into: &bytes)
    }

    private var declared: Int? {
        var reader = ByteReader(Array((bytes.isEmpty ? parts.first : bytes[...]).prefix(4)))
        return reader.u32LE().map(Int.init)
    }

    /// Every byte the table's first word promises is there.
    var isWhole: Bool {
        declared.map { $0 > 0 && bytes.count + parts.size >= $0 + 4 } ?? false
    }

    /// What the bytes so far mean; they are done with then.
    mutating func take(_ found: (DecodedItem) -> Void) {
        defer {
            bytes = []
            useNext()
        }
        if let (index, data) = parts.only, index > 0, bytes.isEmpty, !isWhole {
            parts = IndexedParts()
            return BareRecords.fragment(data, index: index, found)
        }
        joinParts()
        guard let total = declared else {
            if !bytes.isEmpty { found(.noise(reason: Reason.cut, bytes: bytes)) }
            return
        }
        let body = Array(bytes.dropFirst(4).prefix(total))
        let used = decode(body, total: total, found)
        if used < body.count { found(.noise(reason: Reason.cut, bytes: Array(body[used...]))) }
        let more = bytes.dropFirst(4 + body.count)
        if !more.isEmpty { found(.noise(reason: "more than announced", bytes: Array(more))) }
    }

    /// - Returns: How many bytes are understood.
    private func decode(_ body: [UInt8], total: Int, _ found: (DecodedItem) -> Void) -> Int {
        switch table {
        case .users: UserTable.decode(body, total: total, count: counters.users, found)
        case .operations: operations(body, found)
        case .attendance, .unknown: attendance(body, total: total, found)
        }
    }

    private func attendance(
        _ body: [UInt8], total: Int, _ found: (DecodedItem) -> Void
    ) -> Int {
        guard
            let layout = RecordSize.find(total: total, count: counters.records, sample: body)
        else { return 0 }
        var decoder = RecordDecoder(layout)
        let used = body.count / layout.size * layout.size
        for offset in stride(from: 0, to: used, by: layout.size) {
            found(.record(decoder.decode(body, at: offset), via: .log))
        }
        return used
    }

    private func operations(_ body: [UInt8], _ found: (DecodedItem) -> Void) -> Int {
        let used = body.count / Operation.size * Operation.size
        for offset in stride(from: 0, to: used, by: Operation.size) {
            let bytes = Array(body[offset..<(offset + Operation.size)])
            found(Operation(bytes)?.item ?? .noise(reason: Reason.date, bytes: bytes))
        }
        return used
    }
}

/// Datagrams of one piece, which may come twice and in any order: the first of an index counts.
private struct IndexedParts {
    private struct Part {
        let index: UInt16
        let start: UInt32
        let count: UInt32
    }

    private var parts: [Part] = []
    private var bytes: [UInt8] = []
    /// One bit for each index that has come.
    private var known: [UInt64] = []

    private var beginning: Part?

    var isEmpty: Bool { parts.isEmpty }
    var size: Int { bytes.count }

    /// The bytes that have come with index 0.
    var first: ArraySlice<UInt8> { beginning.map(stretch) ?? [] }

    /// The part, if there is no other.
    var only: (index: UInt16, data: [UInt8])? {
        parts.count == 1 ? (parts[0].index, Array(stretch(parts[0]))) : nil
    }

    mutating func add(_ data: [UInt8], index: UInt16) {
        if known.isEmpty { known = [UInt64](repeating: 0, count: 1_024) }
        let (word, bit) = (Int(index >> 6), UInt64(1) << (index & 63))
        guard known[word] & bit == 0 else { return }
        known[word] |= bit
        let part = Part(
            index: index, start: UInt32(clamping: bytes.count), count: UInt32(clamping: data.count))
        parts.append(part)
        if index == 0 { beginning = part }
        bytes += data
    }

    /// Adds all in the order of their indexes, and begins anew.
    mutating func join(into whole: inout [UInt8]) {
        whole.reserveCapacity(whole.count + bytes.count)
        parts.sort { $0.index < $1.index }
        for part in parts { whole += stretch(part) }
        self = IndexedParts()
    }

    private func stretch(_ part: Part) -> ArraySlice<UInt8> {
        bytes[Int(part.start)..<(Int(part.start) + Int(part.count))]
    }
}

/// One record of the terminal's own diary: power, settings, clock, log cleared.
///
/// Source: docs/reference/protocols/zkteco.md, "Operation log".
struct Operation: Hashable, Sendable {
    static let size = 16
    let administrator: UInt16
    let number: UInt8
    let filler: UInt8
    let time: WallTime
    let parameters: [UInt16]

    init?(_ bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        guard bytes.count == Self.size, let administrator = reader.u16LE(),
            let number = reader.u8(), let filler = reader.u8(), let packed = reader.u32LE(),
            let time = PackedTime.decode(packed)
        else { return nil }
        self.administrator = administrator
        self.number = number
        self.filler = filler
        self.time = time
        parameters = (0..<4).compactMap { _ in reader.u16LE() }
    }

    var item: DecodedItem {
        .packet(
            name: "operation", toTerminal: false,
            fields: [
                DecodedField("op", number), DecodedField("admin", administrator),
                DecodedField("filler", filler), DecodedField("time", time.description),
                DecodedField("params", parameters.map(String.init).joined(separator: " ")),
            ])
    }
}
