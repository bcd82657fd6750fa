import TerminalKit

/// One message of the make, in either direction: an eight-byte header and its data.
///
/// ```
/// 0 u16 command or reply code   2 u16 checksum   4 u16 session   6 u16 reply number   8 data
/// ```
/// All numbers are little-endian. A datagram is exactly this; TCP puts a magic and the length
/// in front (``frame``).
///
/// Source: docs/reference/protocols/zkteco.md, "Packets".
package struct Packet: Hashable, Sendable {
    package static let headerLength = 8
    /// What TCP puts in front: the magic, then the length of the packet as u32.
    package static let prefixLength = 8
    package static let magic: [UInt8] = [0x50, 0x50, 0x82, 0x7D]

    package var command: UInt16
    /// The session; in an event its code, in DATA after PREPARE_DATA its index, in an answer to
    /// STATE_RRQ the state.
    package var session: UInt16
    /// The number of the question this answers.
    package var reply: UInt16
    package var data: [UInt8]

    package init(command: UInt16, session: UInt16, reply: UInt16, data: [UInt8] = []) {
        self.command = command
        self.session = session
        self.reply = reply
        self.data = data
    }

    /// Reads header and data.
    ///
    /// - Returns: nil if `datagram` is shorter than a header or its checksum is wrong.
    package init?(datagram: some Collection<UInt8>) {
        let bytes = Array(datagram)
        guard bytes.count >= Self.headerLength else { return nil }
        // With its checksum in place every packet sums to a multiple of 0xFFFF: in one's
        // complement 0x0000 and 0xFFFF are one number, and clients send either.
        guard Self.sum(of: bytes) % 0xFFFF == 0 else { return nil }
        self.init(
            command: Self.word(bytes, 0), session: Self.word(bytes, 4),
            reply: Self.word(bytes, 6), data: Array(bytes[Self.headerLength...]))
    }

    /// Header and data with the checksum set: what a UDP datagram holds.
    package var datagram: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.headerLength + data.count)
        append(to: &bytes)
        return bytes
    }

    /// The same with the TCP prefix.
    package var frame: [UInt8] {
        var bytes = Self.magic
        bytes.reserveCapacity(Self.prefixLength + Self.headerLength + data.count)
        bytes.appendLE(UInt32(truncatingIfNeeded: Self.headerLength + data.count))
        append(to: &bytes)
        return bytes
    }

    private func append(to bytes: inout [UInt8]) {
        let start = bytes.count
        bytes.appendLE(command)
        bytes.appendLE(UInt16(0))
        bytes.appendLE(session)
        bytes.appendLE(reply)
        bytes += data
        let checksum = Self.checksum(of: bytes[start...])
        bytes[start + 2] = UInt8(truncatingIfNeeded: checksum)
        bytes[start + 3] = UInt8(truncatingIfNeeded: checksum >> 8)
    }

    private static func word(_ bytes: [UInt8], _ offset: Int) -> UInt16 {
        UInt16(bytes[offset]) | UInt16(bytes[offset + 1]) << 8
    }
}

// The checksum: the one's complement of the one's complement sum of all little-endian words,
// the checksum field taken as zero and an odd last byte padded with a zero after it.
extension Packet {
    /// The checksum of a packet whose checksum field is zero.
    package static func checksum(of bytes: some Collection<UInt8>) -> UInt16 {
        ~fold(sum(of: bytes))
    }

    private static func sum(of bytes: some Collection<UInt8>) -> UInt64 {
        let whole = bytes.withContiguousStorageIfAvailable { buffer in
            var sum: UInt64 = 0
            var index = 0
            while index + 1 < buffer.count {
                sum &+= UInt64(buffer[index]) | UInt64(buffer[index + 1]) << 8
                index += 2
            }
            return index < buffer.count ? sum &+ UInt64(buffer[index]) : sum
        }
        return whole ?? sum(of: Array(bytes))
    }

    /// Folds until nothing is left above 16 bits: once is not enough for frames of 64 KiB.
    private static func fold(_ sum: UInt64) -> UInt16 {
        var sum = sum
        while sum > 0xFFFF { sum = (sum & 0xFFFF) + (sum >> 16) }
        return UInt16(truncatingIfNeeded: sum)
    }
}
