import Attendance
import TerminalKit

@testable import ZKTeco

/// Attendance records in every layout, and the tables that hold them.
enum ZKTecoRecords {
    /// The first byte chooses the length of a record, also one that an operator may have set.
    private static func layout(_ bytes: [UInt8]) -> RecordLayout? {
        let sizes = RecordLayout.known.map(\.size) + [41, 64, 256]
        return bytes.first.flatMap { RecordLayout.chosen(size: sizes[Int($0) % sizes.count]) }
    }

    /// As a page of the driver: decoded one by one, a page's worth held.
    static func decode(_ bytes: [UInt8]) -> Int {
        guard let layout = layout(bytes) else { return bytes.count }
        var decoder = RecordDecoder(layout)
        var page: [LogRecord] = []
        var offset = 1
        while offset < bytes.count {
            page.append(decoder.decode(bytes, at: offset))
            if page.count >= 16 { page.removeAll(keepingCapacity: true) }
            offset += layout.size
        }
        use(page)
        return bytes.count
    }

    static func check(_ bytes: [UInt8]) throws {
        guard let layout = layout(bytes) else { return }
        var decoder = RecordDecoder(layout)
        for offset in stride(from: 1, to: bytes.count, by: layout.size) {
            let record = Array(bytes[offset..<min(bytes.count, offset + layout.size)])
            try check(decoder.decode(bytes, at: offset), record, layout)
        }
        let count = Int(bytes[0])
        let body = Array(bytes.dropFirst())
        if let records = ShortRecords(body, count: count).map(Array.init) {
            try hold(records.count == count, "short records do not count what was counted")
        }
        let found = RecordSize.find(total: body.count, count: count, sample: body)
        try hold(found.map { RecordLayout.known.contains($0) } ?? true, "a length nobody knows")
    }

    private static func check(
        _ decoded: LogRecord, _ bytes: [UInt8], _ layout: RecordLayout
    ) throws {
        switch decoded {
        case .oddity(let oddity):
            try hold(oddity.raw == bytes, "an oddity without its bytes")
        case .punch(let punch):
            if let raw = punch.raw {
                try hold(raw == bytes, "a punch with other bytes")
            } else {
                try hold(rebuilt(punch, bytes, layout) == bytes, "a punch that lost its bytes")
            }
        }
    }

    /// The record as the punch's fields tell it. What does not speak of the punch is taken over:
    /// docs/decisions/0008-when-raw-bytes-are-kept.md.
    private static func rebuilt(
        _ punch: Punch, _ original: [UInt8], _ layout: RecordLayout
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        let verify = UInt8(truncatingIfNeeded: punch.verifyNumber)
        let state = UInt8(truncatingIfNeeded: punch.stateNumber)
        let work = UInt32(bitPattern: Int32(truncatingIfNeeded: punch.workCode))
        switch layout.form {
        case .slot:
            bytes.appendLE(UInt16(punch.pin.text.dropFirst()) ?? 0)
            bytes += [original[2] & 0x20 | verify << 3 | state, 0]
            bytes.appendLE(packed(punch.time))
        case .number:
            bytes.appendLE(UInt32(punch.pin.text) ?? 0)
            bytes.appendLE(packed(punch.time))
            bytes += [state, verify, 0, 0]
            bytes.appendLE(work)
        case .text(let length):
            bytes += original.prefix(2)
            bytes += Array(punch.pin.text.utf8)
            bytes += [UInt8](repeating: 0, count: max(0, 2 + length - bytes.count))
            bytes.append(verify)
            bytes.appendLE(packed(punch.time))
            bytes.append(state)
            bytes.appendLE(work)
        }
        return bytes + [UInt8](repeating: 0, count: max(0, layout.size - bytes.count))
    }

    /// The whole 32 bits, where the simulator's clock knows one century.
    private static func packed(_ time: WallTime) -> UInt32 {
        let fields = time.fields
        let days = ((fields.year - 2_000) * 12 + fields.month - 1) * 31 + fields.day - 1
        let seconds = days * 86_400 + fields.hour * 3_600 + fields.minute * 60 + fields.second
        return UInt32(truncatingIfNeeded: seconds)
    }

    // MARK: Tables of a recording

    /// The first byte chooses the table, the second what the terminal counts; the rest is cut
    /// into DATA packets.
    private static func table(_ bytes: [UInt8], _ found: (DecodedItem) -> Void) {
        var reader = ByteReader(bytes)
        guard let kind = reader.u8(), let count = reader.u8() else { return }
        var tables = RecordedTables()
        let questions: [Packet] = [
            Packet(command: Command.logRead, session: 1, reply: 1),
            Packet(command: Command.tableRead, session: 1, reply: 1, data: [Command.userTable]),
            Packet(command: Command.operationLogRead, session: 1, reply: 1),
        ]
        if Int(kind & 3) < questions.count { _ = tables.asked(questions[Int(kind & 3)]) }
        if count > 0 {
            tables.counters = LogCounters(records: Int(count), users: Int(count))
        }
        let isDatagram = kind & 4 != 0
        var index: UInt16 = 0
        while let piece = reader.take(min(reader.remaining, 256)), !piece.isEmpty {
            let packet = Packet(
                command: Command.data, session: isDatagram ? index : 1, reply: 1,
                data: Array(piece))
            tables.add(packet, isDatagram: isDatagram)
            index &+= 1
            if tables.isWhole { tables.take(found) }
        }
        tables.take(found)
    }

    static func decodeTable(_ bytes: [UInt8]) -> Int {
        table(bytes) { use($0) }
        return bytes.count
    }

    static func checkTable(_ bytes: [UInt8]) throws {
        var count = 0
        table(bytes) { _ in count += 1 }
        try hold(count <= bytes.count, "more items than bytes")
        // One table in one packet: then every byte of it has to come out again.
        guard bytes.count > 6, bytes[0] & 3 != 1 else { return }
        var tables = RecordedTables()
        let isOperations = bytes[0] & 3 == 2
        let question = isOperations ? Command.operationLogRead : Command.logRead
        _ = tables.asked(Packet(command: question, session: 1, reply: 1))
        let data = Array(bytes.dropFirst(2))
        tables.add(
            Packet(command: Command.data, session: 1, reply: 1, data: data), isDatagram: false)
        var kept = 0
        tables.take { kept += Kept.bytes(of: $0, operation: Operation.size) }
        let declared = LogTable.declared(data) ?? 0
        let size = RecordSize.find(
            total: declared, count: nil, sample: Array(data.dropFirst(4).prefix(declared)))?.size
        let body = data.count - 4
        guard !isOperations else {
            return try hold(kept == body, "operations lost \(body - kept) bytes")
        }
        // A punch may stand for a whole record without holding its bytes.
        try hold(kept <= body && (size != nil || kept == body), "a table lost \(body - kept) bytes")
    }
}
