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
    private var parts: [UInt16: [UInt8]] = [:]

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
            parts[packet.session] = parts[packet.session] ?? packet.data
        } else {
            bytes += packet.data
        }
    }

    private mutating func joinParts() {
        for index in parts.keys.sorted() { bytes += parts[index] ?? [] }
        parts = [:]
    }

    private var declared: Int? {
        var reader = ByteReader(bytes.isEmpty ? parts[0] ?? [] : Array(bytes.prefix(4)))
        return reader.u32LE().map(Int.init)
    }

    /// Every byte the table's first word promises is there.
    var isWhole: Bool {
        let count = bytes.count + parts.values.reduce(0) { $0 + $1.count }
        return declared.map { $0 > 0 && count >= $0 + 4 } ?? false
    }

    /// What the bytes so far mean; they are done with then.
    mutating func take() -> [DecodedItem] {
        defer {
            bytes = []
            useNext()
        }
        if parts.count == 1, let (index, data) = parts.first, index > 0, bytes.isEmpty, !isWhole {
            parts = [:]
            return BareRecords.fragment(data, index: index)
        }
        joinParts()
        guard let total = declared else {
            return bytes.isEmpty ? [] : [.noise(reason: Reason.cut, bytes: bytes)]
        }
        let body = Array(bytes.dropFirst(4).prefix(total))
        let (items, used) = decode(body, total: total)
        let cut = Array(body[used...])
        let more = Array(bytes.dropFirst(4 + body.count))
        return items + (cut.isEmpty ? [] : [.noise(reason: Reason.cut, bytes: cut)])
            + (more.isEmpty ? [] : [.noise(reason: "more than announced", bytes: more)])
    }

    private func decode(_ body: [UInt8], total: Int) -> ([DecodedItem], used: Int) {
        switch table {
        case .users: UserTable.decode(body, total: total, count: counters.users)
        case .operations: operations(body)
        case .attendance, .unknown: attendance(body, total: total)
        }
    }

    private func attendance(_ body: [UInt8], total: Int) -> ([DecodedItem], used: Int) {
        guard
            let layout = RecordSize.find(total: total, count: counters.records, sample: body)
        else { return ([], 0) }
        var decoder = RecordDecoder(layout)
        let used = body.count / layout.size * layout.size
        let items = stride(from: 0, to: used, by: layout.size).map {
            DecodedItem.record(decoder.decode(body, at: $0), via: .log)
        }
        return (items, used)
    }

    private func operations(_ body: [UInt8]) -> ([DecodedItem], used: Int) {
        let used = body.count / Operation.size * Operation.size
        let items = stride(from: 0, to: used, by: Operation.size).map {
            let bytes = Array(body[$0..<($0 + Operation.size)])
            return Operation(bytes)?.item ?? .noise(reason: Reason.date, bytes: bytes)
        }
        return (items, used)
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
