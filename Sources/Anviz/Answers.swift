package import Attendance
internal import TerminalKit

/// What a terminal holds: six numbers of three bytes, highest byte first.
///
/// Source: docs/reference/protocols/anviz.md, "Counters".
package struct Counters: Hashable, Sendable {
    package var users: Int
    package var fingerprints: Int
    package var passwords: Int
    package var cards: Int
    /// Rows in the log; stands still at the capacity, because the log is a ring.
    package var records: Int
    /// Rows whose "new" flag is set.
    package var newRecords: Int

    package init(
        users: Int, fingerprints: Int, passwords: Int, cards: Int, records: Int, newRecords: Int
    ) {
        self.users = users
        self.fingerprints = fingerprints
        self.passwords = passwords
        self.cards = cards
        self.records = records
        self.newRecords = newRecords
    }

    /// Reads the data of an answer; nil if it is too short. Longer ones are read as far as known.
    package init?(_ data: [UInt8]) {
        guard let values = numbers(6, in: data) else { return nil }
        self.init(
            users: values[0], fingerprints: values[1], passwords: values[2], cards: values[3],
            records: values[4], newRecords: values[5])
    }

    package var data: [UInt8] {
        threeBytes([users, fingerprints, passwords, cards, records, newRecords])
    }
}

/// How much a terminal can hold: three numbers of three bytes.
package struct Capacity: Hashable, Sendable {
    package var users: Int
    package var fingerprints: Int
    package var records: Int

    package init(users: Int, fingerprints: Int, records: Int) {
        self.users = users
        self.fingerprints = fingerprints
        self.records = records
    }

    package init?(_ data: [UInt8]) {
        guard let values = numbers(3, in: data) else { return nil }
        self.init(users: values[0], fingerprints: values[1], records: values[2])
    }

    package var data: [UInt8] { threeBytes([users, fingerprints, records]) }
}

/// The terminal's clock in six bytes: year from 2000, month, day, hour, minute, second.
package enum ClockFields {
    package static func encode(_ time: WallTime) -> [UInt8] {
        let fields = time.fields
        return [
            fields.year - 2_000, fields.month, fields.day, fields.hour, fields.minute,
            fields.second,
        ].map { UInt8(clamping: $0) }
    }

    /// nil if the data is short or names a time that does not exist.
    package static func decode(_ data: [UInt8]) -> WallTime? {
        guard data.count >= 6 else { return nil }
        return try? WallTime(
            year: 2_000 + Int(data[0]), month: Int(data[1]), day: Int(data[2]),
            hour: Int(data[3]), minute: Int(data[4]), second: Int(data[5]))
    }
}

/// The network settings, 27 bytes; only the hardware address is of use here.
package enum NetworkFields {
    package static func macAddress(in data: [UInt8]) -> String? {
        guard data.count >= 14 else { return nil }
        let address = data[8..<14]
        guard address.contains(where: { $0 != 0 }), address.contains(where: { $0 != 0xFF })
        else { return nil }
        return address.map { [$0].hex }.joined(separator: ":")
    }
}

/// The visible characters of a fixed field; firmwares pad with zeros, blanks or small numbers.
package func visibleText(_ bytes: some Sequence<UInt8>) -> String {
    String(decoding: bytes.filter { (0x21...0x7E).contains($0) }, as: UTF8.self)
}

private func numbers(_ count: Int, in data: [UInt8]) -> [Int]? {
    var reader = ByteReader(data)
    let values = (0..<count).compactMap { _ in reader.uBE(3).map(Int.init) }
    return values.count == count ? values : nil
}

private func threeBytes(_ values: [Int]) -> [UInt8] {
    values.reduce(into: []) { $0.appendBE(UInt64(min(max($1, 0), 0xFF_FFFF)), count: 3) }
}
