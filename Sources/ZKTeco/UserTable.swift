internal import Attendance
import TerminalKit

/// The terminal's user table, in recordings: who sits in which slot.
///
/// A record also holds a password, a name and a card number. They are never read out of it; the
/// driver itself does not ask for the table at all.
///
/// Source: docs/reference/protocols/zkteco.md, "Users".
enum UserTable {
    struct User: Hashable, Sendable {
        let slot: UInt16
        let privilege: UInt8
        let pin: Pin?

        /// - Parameter bytes: One record of 72, 28 or 16 bytes.
        init?(_ bytes: [UInt8]) {
            guard sizes.contains(bytes.count) else { return nil }
            let record = RecordBytes(bytes, from: 0, count: bytes.count)
            slot = record.u16(at: 0)
            privilege = record[2]
            switch bytes.count {
            case 72: pin = Self.text(bytes[48...])
            case 28: pin = Pin(UInt64(record.u32(at: 24)))
            default: pin = Pin(UInt64(slot))
            }
        }

        private static func text(_ field: ArraySlice<UInt8>) -> Pin? {
            try? Pin(String(decoding: field.prefix { $0 != 0 }, as: UTF8.self))
        }

        var fields: [DecodedField] {
            [DecodedField("uid", slot), DecodedField("privilege", privilege)]
                + (pin.map { [DecodedField("pin", $0.text)] } ?? [])
        }
    }

    /// TFT terminals, black-and-white ones, and those before firmware 5.04.
    static let sizes = [72, 28, 16]

    /// - Parameters:
    ///   - total: Bytes of the whole table, of which `body` may be only a part.
    ///   - count: The terminal's counter of users, if known.
    /// - Returns: How many bytes were users.
    static func decode(
        _ body: [UInt8], total: Int, count: Int?, _ found: (DecodedItem) -> Void
    ) -> Int {
        guard let size = size(total: total, count: count, body) else { return 0 }
        let used = body.count / size * size
        for offset in stride(from: 0, to: used, by: size) {
            guard let user = User(Array(body[offset..<(offset + size)])) else { continue }
            found(.packet(name: "user", toTerminal: false, fields: user.fields))
        }
        return used
    }

    static func size(total: Int, count: Int?, _ body: [UInt8]) -> Int? {
        if let count, count > 0, total % count == 0, sizes.contains(total / count) {
            return total / count
        }
        return sizes.first { total % $0 == 0 && isPlausible(body, $0) }
    }

    /// Four of five have a slot and a PIN: deleted users leave empty places.
    private static func isPlausible(_ body: [UInt8], _ size: Int) -> Bool {
        let count = body.count / size
        let good = (0..<count).count { index in
            let user = User(Array(body[(index * size)..<((index + 1) * size)]))
            return user.map { $0.slot != 0 && $0.pin != nil } ?? false
        }
        return count > 0 && good * 5 >= count * 4
    }
}
