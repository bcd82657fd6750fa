import TerminalKit

/// Cuts the bytes of a TCP stream into packets.
///
/// Contract: call ``feed(_:)`` with whatever arrived, then ``next()`` until it returns nil. Where
/// the stream was cut makes no difference to what comes out: a boundary may fall inside the
/// prefix, and several packets may come in one piece.
///
/// A stream that stops making sense is not searched for the next magic, because that is how a
/// record's bytes become a packet: ``Event/desync(_:)`` ends it, and the line has to be opened
/// again. Bytes that end in the middle of a packet stay in ``pending``.
///
/// Source: docs/reference/protocols/zkteco.md, "Packets over TCP".
package struct PacketDecoder: Sendable {
    package enum Event: Hashable, Sendable {
        case packet(Packet)
        /// A packet of a sensible length whose checksum is wrong, prefix included; the stream
        /// goes on behind it, for those who want to look.
        case noise([UInt8])
        /// No magic where a packet should begin, or a length that no terminal sends: the bytes
        /// at hand. Nothing comes after it.
        case desync([UInt8])
    }

    /// The longest packet taken: a log of 16 MiB in one DATA packet.
    package static let longest = 16 * 1024 * 1024
    /// `50 50 83 7C`: the magic of one firmware line; understood, never sent.
    package static let otherMagic: [UInt8] = [0x50, 0x50, 0x83, 0x7C]

    private var buffer: [UInt8] = []
    private var start = 0
    private var isLost = false

    package init() {}

    /// Bytes that do not make a packet yet.
    package var pending: [UInt8] { Array(buffer[start...]) }

    package mutating func feed(_ bytes: some Collection<UInt8>) {
        if start == buffer.count {
            buffer.removeAll(keepingCapacity: buffer.capacity <= 1 << 18)
            start = 0
        } else if start > 1 << 16 {
            buffer.removeFirst(start)
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    package mutating func next() -> Event? {
        guard !isLost else { return nil }
        let available = buffer.count - start
        guard available > 0 else { return nil }
        guard beginsWithMagic(available) else { return desync() }
        guard available >= Packet.prefixLength else { return nil }
        let length =
            Int(buffer[start + 4]) | Int(buffer[start + 5]) << 8 | Int(buffer[start + 6]) << 16
            | Int(buffer[start + 7]) << 24
        guard (Packet.headerLength...Self.longest).contains(length) else { return desync() }
        guard available - Packet.prefixLength >= length else { return nil }
        let first = start
        let end = start + Packet.prefixLength + length
        start = end
        guard let packet = Packet(datagram: buffer[(first + Packet.prefixLength)..<end]) else {
            return .noise(Array(buffer[first..<end]))
        }
        return .packet(packet)
    }

    private func beginsWithMagic(_ available: Int) -> Bool {
        let count = min(available, Packet.magic.count)
        let head = buffer[start..<(start + count)]
        return head.elementsEqual(Packet.magic.prefix(count))
            || head.elementsEqual(Self.otherMagic.prefix(count))
    }

    private mutating func desync() -> Event {
        isLost = true
        defer { start = buffer.count }
        return .desync(Array(buffer[start...]))
    }
}
