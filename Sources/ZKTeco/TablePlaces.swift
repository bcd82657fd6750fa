import TerminalKit

/// Where the bytes of a table stand in a recorded talk: packet by packet, whatever their order.
///
/// A piece that was asked for twice comes twice, and both copies have to be found.
struct TablePlaces {
    enum Kind: Hashable {
        case attendance
        case users
        case operations
        /// Asked for by another program, and nothing this project understands: templates, say.
        case other
        /// The question is not in the recording.
        case unknown
    }

    /// A whole table, its first word included.
    struct Table {
        let kind: Kind
        let bytes: [UInt8]
        let places: [Place]
        let counters: LogCounters

        /// Bytes behind the first word, by that word.
        var total: Int {
            var reader = ByteReader(Array(bytes.prefix(4)))
            return reader.u32LE().map(Int.init) ?? 0
        }
    }

    struct Place: Hashable {
        let piece: Int
        let start: Int
        let count: Int
    }

    var counters = LogCounters()
    private var kind = Kind.unknown
    private var bytes: [UInt8] = []
    private var places: [Place] = []
    /// Where the next bytes of a stream go, and where the piece under way begins.
    private var cursor = 0
    /// Of the piece under way: datagrams by their index.
    private var parts: [UInt16: [(piece: Int, data: [UInt8])]] = [:]
    /// A table is 16 MiB at most; an offset beyond that is no offset.
    private static let longest = 16 << 20

    /// Notes a question.
    ///
    /// - Returns: Whether the table so far is done.
    mutating func asked(_ packet: Packet) -> Bool {
        switch packet.command {
        case Command.prepareBuffer where packet.data.count >= 7:
            next = Self.kind(packet.data[1], packet.data[3])
            return true
        case Command.logRead, Command.tableRead, Command.operationLogRead:
            next = Self.kind(
                UInt8(truncatingIfNeeded: packet.command), packet.data.first ?? 0)
            return true
        case Command.readBuffer:
            join()
            var reader = ByteReader(packet.data)
            if let offset = reader.u32LE().map(Int.init), offset < Self.longest { cursor = offset }
            return false
        case Command.freeData: return true
        default:
            if !Command.isKnown(packet.command) { next = .other }
            return !Command.isKnown(packet.command)
        }
    }

    private var next: Kind?

    private static func kind(_ command: UInt8, _ table: UInt8) -> Kind {
        switch UInt16(command) {
        case Command.logRead: .attendance
        case Command.operationLogRead: .operations
        case Command.tableRead where table == Command.userTable: .users
        default: .other
        }
    }

    mutating func add(_ piece: Int, _ packet: Packet, isDatagram: Bool) {
        if isDatagram {
            parts[packet.session, default: []].append((piece, packet.data))
        } else {
            put(piece, packet.data, at: cursor)
            cursor += packet.data.count
        }
    }

    private mutating func put(_ piece: Int, _ data: [UInt8], at start: Int) {
        let end = start + data.count
        guard end <= Self.longest else { return }
        if bytes.count < end {
            bytes += [UInt8](repeating: 0, count: end - bytes.count)
        }
        bytes.replaceSubrange(start..<end, with: data)
        places.append(Place(piece: piece, start: start, count: data.count))
    }

    private mutating func join() {
        for index in parts.keys.sorted() {
            let copies = parts[index] ?? []
            for copy in copies { put(copy.piece, copy.data, at: cursor) }
            cursor += copies.first?.data.count ?? 0
        }
        parts = [:]
    }

    /// The table so far, which is done with then.
    mutating func take() -> Table? {
        join()
        defer {
            bytes = []
            places = []
            cursor = 0
            kind = next ?? kind
            next = nil
        }
        guard bytes.count > 4 else { return nil }
        return Table(kind: kind, bytes: bytes, places: places, counters: counters)
    }
}
