import Exchange
import Glibc

/// Finds a journal's rows in the bytes of a single page, whatever has become of the rest of the file.
///
/// Nothing of SQLite's own order is needed: not the header, not the tree above the page, and for
/// lines not even the page's list of its cells. Lines are known by the shape of their rows and
/// believed for their digests. The format is that of `sqlite.org/fileformat2.html`.
struct PageCarver {
    /// Ours are all of this size: SQLite's default, and nobody sets another.
    static let size = 4_096

    let page: [UInt8]

    /// Where a line's row begins in the page, and what stands in it.
    struct Row {
        let offset: Int
        let line: [UInt8]
        let digest: ChainHash
        /// The chain after it, as the file says; nil where the row has none.
        let hash: ChainHash?
        let seq: Int64
    }

    // MARK: Lines

    /// All rows whose line agrees with its digest.
    ///
    /// - Parameter overflow: Gives the page of a number, for lines that go on there.
    func rows(overflow: (UInt32) -> [UInt8]?) -> [Row] {
        var rows: [Row] = []
        for place in digestMarks() {
            for width in 1...3 {
                let row = row(at: place - width - 2, width: width, overflow: overflow)
                if let row { rows.append(row) }
            }
        }
        return rows
    }

    /// The row that begins at `offset`, found there before.
    func row(at offset: Int, overflow: (UInt32) -> [UInt8]?) -> Row? {
        for width in 1...3 {
            if let row = row(at: offset, width: width, overflow: overflow) { return row }
        }
        return nil
    }

    /// Where the types of a digest and a hash stand side by side.
    private func digestMarks() -> [Int] {
        page.places(of: [Self.hashType, Self.hashType])
            + page.places(of: [Self.checkType, Self.noType])
            + page.places(of: [Self.checkType, Self.hashType])
    }

    /// The type of a blob of 32 bytes: 12 and twice the length.
    private static let hashType: UInt8 = 76
    /// Of the beginning of a digest, and of nothing.
    private static let checkType = UInt8(12 + 2 * EntryRow.checkLength)
    private static let noType: UInt8 = 12

    private static func size(ofBlob type: UInt8) -> Int { (Int(type) - 12) / 2 }

    /// - Parameter width: Bytes of the number that says the line's type and length.
    private func row(at offset: Int, width: Int, overflow: (UInt32) -> [UInt8]?) -> Row? {
        let header = width + 6
        // The key is the row's number, so its place in the record holds the type of NULL.
        guard offset >= 0, offset + header < page.count, page[offset] == UInt8(header),
            page[offset + 1] == 0,
            [Self.hashType, Self.checkType].contains(page[offset + width + 2]),
            [Self.hashType, Self.noType].contains(page[offset + width + 3]),
            let type = varint(at: offset + 2, width: width), type >= 14, type % 2 == 0,
            let atSize = Self.size(ofInteger: page[offset + width + 4]),
            let countsSize = Self.size(ofInteger: page[offset + width + 5])
        else { return nil }
        let length = (type - 12) / 2
        let digestSize = Self.size(ofBlob: page[offset + width + 2])
        let hashSize = Self.size(ofBlob: page[offset + width + 3])
        let count = header + length + digestSize + hashSize + atSize + countsSize
        guard length <= Self.longestLine,
            let payload = payload(at: offset, count: count, overflow: overflow)
        else { return nil }
        let line = Array(payload[header..<header + length])
        let stored = Array(payload[(header + length)...].prefix(digestSize))
        guard let digest = EntryRow.digest(line: line, stored: stored),
            let seq = CarriedLine.seq(of: line)
        else { return nil }
        let hash = payload[(header + length + digestSize)...].prefix(hashSize)
        return Row(
            offset: offset, line: line, digest: digest, hash: try? ChainHash(bytes: Array(hash)),
            seq: seq)
    }

    /// More than any journal ever wrote into one line.
    private static let longestLine = 1 << 20

    private func payload(at offset: Int, count: Int, overflow: (UInt32) -> [UInt8]?) -> [UInt8]? {
        let local = Self.local(of: count)
        guard offset + local <= page.count else { return nil }
        var payload = Array(page[offset..<offset + local])
        guard local < count else { return payload }
        var next = number(at: offset + local, in: page)
        while payload.count < count {
            guard let number = next, let rest = overflow(number), rest.count > 4 else { return nil }
            payload += rest[4...].prefix(count - payload.count)
            next = self.number(at: 0, in: rest)
        }
        return payload
    }

    /// How much of a payload stands on a table's leaf itself.
    private static func local(of count: Int) -> Int {
        guard count > size - 35 else { return count }
        let least = (size - 12) * 32 / 255 - 23
        let fitting = least + (count - least) % (size - 4)
        return fitting <= size - 35 ? fitting : least
    }

    private func number(at offset: Int, in bytes: [UInt8]) -> UInt32? {
        guard offset + 4 <= bytes.count else { return nil }
        return bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }

    // MARK: Single rows

    /// The counts, and the journal that they are of; nil from an older program.
    struct Tally {
        let head: Int64
        let acked: Int64
        let journal: JournalID?
    }

    /// The counts, if this is their page: their table has one row and so one page.
    func tally() -> Tally? {
        guard page.count > 16, page[0] == 0x0D, page[3] == 0, page[4] == 1 else { return nil }
        let cell = Int(page[8]) << 8 | Int(page[9])
        let header = cell + 2
        guard header + 9 <= page.count, page[cell + 1] == 1, (8...10).contains(page[header]),
            page[header + 1] == 0
        else { return nil }
        var place = header + Int(page[header])
        var numbers: [Int64] = []
        for type in page[header + 2..<header + 8] {
            guard let size = Self.size(ofInteger: type), place + size <= page.count else {
                return nil
            }
            numbers.append(Self.integer(type, page[place..<place + size]))
            place += size
        }
        guard numbers.allSatisfy({ $0 >= 0 }), numbers[1] <= numbers[0] else { return nil }
        let isNamed = page[header] >= 9 && page[header + 8] == 0x4D && place + 32 <= page.count
        let name = isNamed ? String(decoding: page[place..<place + 32], as: UTF8.self) : ""
        return Tally(head: numbers[0], acked: numbers[1], journal: try? JournalID(name))
    }

    /// The names and keys of the journals that a page says to be the file's own.
    func cards() -> [(journal: JournalID, key: [UInt8])] {
        page.places(of: [0x04, 0x00, 0x4D, Self.hashType]).compactMap { place in
            let start = place + 4
            guard start + 64 <= page.count else { return nil }
            let name = String(decoding: page[start..<start + 32], as: UTF8.self)
            guard let journal = try? JournalID(name) else { return nil }
            return (journal, Array(page[start + 32..<start + 64]))
        }
    }

    /// Receipts, as they were signed; whoever knows the centre's key checks them.
    func receipts() -> [SignedText] {
        page.places(of: Array("{\"acked_through\":".utf8)).compactMap { place in
            let rest = page[place...].prefix(Self.longestReceipt)
            guard let end = rest.firstIndex(of: UInt8(ascii: "}")), end + 1 + 16 + 88 <= page.count
            else { return nil }
            let key = page[(end + 1)...].prefix(16)
            let signature = page[(end + 17)...].prefix(88)
            return SignedText(
                text: String(decoding: page[place...end], as: UTF8.self),
                key: String(decoding: key, as: UTF8.self),
                signature: String(decoding: signature, as: UTF8.self))
        }
    }

    private static let longestReceipt = 3_000

    // MARK: Numbers

    /// Bytes of an integer by its type; nil for what is none.
    private static func size(ofInteger type: UInt8) -> Int? {
        switch type {
        case 8, 9: 0
        case 1...4: Int(type)
        case 5: 6
        case 6: 8
        default: nil
        }
    }

    private static func integer(_ type: UInt8, _ bytes: ArraySlice<UInt8>) -> Int64 {
        guard let first = bytes.first else { return type == 9 ? 1 : 0 }
        let start: Int64 = first & 0x80 == 0 ? 0 : -1
        return bytes.reduce(start) { $0 << 8 | Int64($1) }
    }

    /// A number of exactly `width` bytes with seven bits each, the highest first.
    private func varint(at offset: Int, width: Int) -> Int? {
        var value = 0
        for index in 0..<width {
            let byte = page[offset + index]
            guard (byte & 0x80 != 0) == (index < width - 1) else { return nil }
            value = value << 7 | Int(byte & 0x7F)
        }
        return value
    }
}

extension [UInt8] {
    /// Where a few bytes stand, from the beginning on.
    func places(of wanted: [UInt8]) -> [Int] {
        guard let first = wanted.first, count >= wanted.count else { return [] }
        var places: [Int] = []
        withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            let end = bytes.count - wanted.count + 1
            var next = 0
            while next < end, let found = memchr(base + next, Int32(first), end - next) {
                let place = UnsafeRawPointer(found) - base
                if memcmp(found, wanted, wanted.count) == 0 { places.append(place) }
                next = place + 1
            }
        }
        return places
    }
}
