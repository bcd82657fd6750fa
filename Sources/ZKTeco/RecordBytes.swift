internal import Attendance

/// The bytes of one record inside a longer stretch, without copying them.
///
/// Whoever makes one has checked that the stretch holds the record; offsets come from layouts.
struct RecordBytes {
    private let bytes: [UInt8]
    private let start: Int
    let count: Int

    init(_ bytes: [UInt8], from start: Int, count: Int) {
        self.bytes = bytes
        self.start = start
        self.count = count
    }

    subscript(offset: Int) -> UInt8 { bytes[start + offset] }

    func u16(at offset: Int) -> UInt16 {
        UInt16(self[offset]) | UInt16(self[offset + 1]) << 8
    }

    func u32(at offset: Int) -> UInt32 {
        UInt32(u16(at: offset)) | UInt32(u16(at: offset + 2)) << 16
    }

    var array: [UInt8] { Array(bytes[start..<(start + count)]) }

    func isZero(from: Int, to: Int? = nil) -> Bool {
        var offset = from
        let end = to ?? count
        while offset < end {
            if self[offset] != 0 { return false }
            offset += 1
        }
        return true
    }

    /// One byte all through: erased or damaged flash (`5A`, `FF`, `00`).
    var isFiller: Bool {
        let first = self[0]
        guard first == self[count - 1], first == self[count / 2] else { return false }
        var offset = 1
        while offset < count {
            if self[offset] != first { return false }
            offset += 1
        }
        return true
    }
}

/// PINs already made: a log has many records and few people.
struct PinCache {
    struct Entry {
        /// nil if the bytes are no PIN.
        let pin: Pin?
        /// Trimming the PIN lost nothing but the zero bytes that fill its field.
        let isExact: Bool
    }

    private struct Key: Hashable {
        var first: UInt64 = 0
        var second: UInt64 = 0
        var third: UInt64 = 0
    }

    private var entries: [Key: Entry] = [:]

    /// - Parameter count: Bytes of the field, 24 at most.
    mutating func pin(_ record: RecordBytes, from start: Int, count: Int) -> Entry {
        let key = key(record, from: start, count: count)
        if let known = entries[key] { return known }
        let field = (start..<(start + count)).map { record[$0] }
        let entry = Self.entry(field)
        // A damaged log could hold as many PINs as records.
        if entries.count > 20_000 { entries = [:] }
        entries[key] = entry
        return entry
    }

    private func key(_ record: RecordBytes, from start: Int, count: Int) -> Key {
        var key = Key()
        for index in 0..<count {
            let byte = UInt64(record[start + index]) << UInt64(index % 8 * 8)
            switch index / 8 {
            case 0: key.first |= byte
            case 1: key.second |= byte
            default: key.third |= byte
            }
        }
        return key
    }

    /// The PIN ends at the first zero byte; firmware leaves old bytes behind it.
    private static func entry(_ field: [UInt8]) -> Entry {
        let text = field.prefix { $0 != 0 }
        let isClean = field.dropFirst(text.count).allSatisfy { $0 == 0 }
        guard text.allSatisfy({ $0 < 0x80 }),
            let pin = try? Pin(String(decoding: text, as: UTF8.self))
        else { return Entry(pin: nil, isExact: false) }
        return Entry(pin: pin, isExact: isClean && pin.text.utf8.count == text.count)
    }
}
