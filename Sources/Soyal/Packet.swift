package import TerminalKit

/// Cuts the bytes of a SOYAL line into packets.
package typealias PacketDecoder = FrameDecoder<Packet>

/// One frame of the SOYAL protocol, in either direction.
///
/// ```
/// short  7E | length 1          | node command data xor sum
/// large  FF 00 5A A5 | length 2 | node command data xor sum     high nibble of the length: area
/// ```
/// The length counts everything behind it. Answers are addressed to node 0, the master. The two
/// checksums are weak: two flipped bits in one column can cancel out, so whoever takes an answer
/// also asks for its length, and an event counts only when it has been read twice alike.
///
/// Source: docs/reference/protocols/soyal.md, "Frames".
package struct Packet: Framed {
    package enum Head: Hashable, Sendable {
        case short
        /// Seen over TCP only.
        case large(area: UInt8)
    }

    package static let shortHead: UInt8 = 0x7E
    package static let largeHead: [UInt8] = [0xFF, 0x00, 0x5A, 0xA5]
    /// Heads of the keyed "security mode", which nobody has published.
    package static let securedHeads: [[UInt8]] = [[0x7F], [0xFF, 0x00, 0x55, 0xAA]]

    /// Node, command and the two checksums.
    static let overhead = 4
    static let longestShort = 250
    static let longestLarge = 1_404
    package static let longestFrame = 6 + longestLarge

    package let head: Head
    /// The number of the controller that is asked; 0 in an answer.
    package let node: UInt8
    /// A ``Command`` in a question. In an answer an ``AnswerCode``, or the function code of an
    /// event.
    package let command: UInt8
    package let data: [UInt8]

    /// - Parameters:
    ///   - head: The kind of frame.
    ///   - node: Who is meant.
    ///   - command: What is asked or answered.
    ///   - data: At most 246 bytes in a short frame and 1,400 in a large one; more is cut off.
    package init(_ head: Head = .short, node: UInt8, command: UInt8, data: [UInt8] = []) {
        let longest = head == .short ? Self.longestShort : Self.longestLarge
        self.head = head
        self.node = node
        self.command = command
        self.data = Array(data.prefix(longest - Self.overhead))
    }

    package var isAnswer: Bool { node == Node.master }

    /// The whole frame, checksums included.
    package var bytes: [UInt8] {
        let length = data.count + Self.overhead
        var frame: [UInt8] = []
        switch head {
        case .short: frame = [Self.shortHead, UInt8(clamping: length)]
        case .large(let area):
            frame = Self.largeHead
            frame.append(area << 4 | UInt8(truncatingIfNeeded: length >> 8))
            frame.append(UInt8(truncatingIfNeeded: length))
        }
        let body = [node, command] + data
        let sums = Self.checksums(body[...])
        return frame + body + [sums.xor, sums.sum]
    }

    /// Reads one whole frame; nil if it is cut, too long, or a checksum is wrong.
    package init?(wholeFrame frame: ArraySlice<UInt8>) {
        guard case .known(let length) = Self.extent(ofFrameIn: frame), length == frame.count
        else { return nil }
        let start = frame.startIndex
        let isShort = frame.first == Self.shortHead
        let body = frame[(start + (isShort ? 2 : 6))...].dropLast(2)
        let sums = Self.checksums(body)
        guard frame.suffix(2).elementsEqual([sums.xor, sums.sum]) else { return nil }
        var reader = ByteReader(body)
        guard let node = reader.u8(), let command = reader.u8() else { return nil }
        head = isShort ? .short : .large(area: frame[start + 4] >> 4)
        self.node = node
        self.command = command
        data = Array(reader.rest())
    }

    package static func extent(ofFrameIn bytes: ArraySlice<UInt8>) -> FrameExtent {
        let start = bytes.startIndex
        if bytes.first == shortHead {
            guard bytes.count >= 2 else { return .open }
            let length = Int(bytes[start + 1])
            return (overhead...longestShort).contains(length) ? .known(length + 2) : .none
        }
        guard bytes.prefix(4).elementsEqual(largeHead.prefix(bytes.count)) else { return .none }
        guard bytes.count >= 6 else { return .open }
        let length = Int(bytes[start + 4] & 0x0F) << 8 | Int(bytes[start + 5])
        return (overhead...longestLarge).contains(length) ? .known(length + 6) : .none
    }

    /// - Parameter body: Node, command and data.
    private static func checksums(_ body: ArraySlice<UInt8>) -> (xor: UInt8, sum: UInt8) {
        let xor = body.reduce(UInt8(0xFF), ^)
        let sum = body.reduce(xor) { UInt8(truncatingIfNeeded: UInt16($0) + UInt16($1)) }
        return (xor, sum)
    }
}
