/// A packet that is sent as one frame: a head, a length, and a checksum at the end.
package protocol Framed: Hashable, Sendable {
    /// Bytes of the longest frame; what claims to be longer is noise.
    static var longestFrame: Int { get }

    /// What the beginning of `bytes`, of which there is at least one, says about a frame there.
    static func extent(ofFrameIn bytes: ArraySlice<UInt8>) -> FrameExtent

    /// Reads one whole frame; nil if it is cut, too long, or a checksum is wrong.
    init?(wholeFrame frame: ArraySlice<UInt8>)
}

/// How long a frame is, as far as its beginning tells.
package enum FrameExtent: Hashable, Sendable {
    /// Too few bytes to tell.
    case open
    /// No frame begins like this.
    case none
    /// Bytes of the whole frame.
    case known(Int)
}

/// Cuts the bytes of a line into packets.
///
/// Contract: call ``feed(_:)`` with whatever arrived, then ``next()`` until it returns nil. Where
/// the stream was cut makes no difference to the packets that come out. It never throws: bytes
/// that belong to no packet come out as noise, and the search goes on one byte later, because a
/// head may also stand inside data.
///
/// A false start may announce data that never comes; when the line has fallen silent,
/// ``giveUp()`` frees what stands behind it.
package struct FrameDecoder<Packet: Framed>: Sendable {
    package enum Event: Hashable, Sendable {
        case packet(Packet)
        case noise([UInt8])
    }

    private var buffer: [UInt8] = []
    /// Where the unread part of `buffer` begins; what lies before is dropped now and then.
    private var start = 0

    package init() {}

    /// Bytes that have come and are not yet part of an event.
    package var pending: [UInt8] { Array(buffer[start...]) }

    package mutating func feed(_ bytes: some Sequence<UInt8>) {
        if start > Packet.longestFrame {
            buffer.removeFirst(start)
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    package mutating func next() -> Event? {
        skipFalseStarts(from: start)
    }

    /// Takes the frame that waits for its end as a false start, and looks behind it.
    ///
    /// - Returns: The next event, or nil if nothing is left.
    package mutating func giveUp() -> Event? {
        if let event = next() { return event }
        guard start < buffer.endIndex else { return nil }
        return skipFalseStarts(from: start + 1)
    }

    /// Collects noise from `start` until a whole packet, or what may become one, begins at or
    /// after `position`.
    private mutating func skipFalseStarts(from position: Int) -> Event? {
        var position = position
        while position < buffer.endIndex {
            switch Self.look(at: buffer[position...]) {
            case .falseStart:
                position += 1
            case .unfinished:
                return noise(upTo: position)
            case .whole(let packet, let length):
                if let noise = noise(upTo: position) { return noise }
                advance(to: position + length)
                return .packet(packet)
            }
        }
        return noise(upTo: buffer.endIndex)
    }

    private enum Look {
        case falseStart
        case unfinished
        case whole(Packet, length: Int)
    }

    private static func look(at bytes: ArraySlice<UInt8>) -> Look {
        switch Packet.extent(ofFrameIn: bytes) {
        case .none: return .falseStart
        case .open: return .unfinished
        case .known(let length):
            guard length <= Packet.longestFrame else { return .falseStart }
            guard bytes.count >= length else { return .unfinished }
            guard let packet = Packet(wholeFrame: bytes.prefix(length)) else { return .falseStart }
            return .whole(packet, length: length)
        }
    }

    private mutating func noise(upTo end: Int) -> Event? {
        guard end > start else { return nil }
        let bytes = Array(buffer[start..<end])
        advance(to: end)
        return .noise(bytes)
    }

    private mutating func advance(to index: Int) {
        start = index
        if start == buffer.endIndex {
            buffer.removeAll(keepingCapacity: true)
            start = 0
        }
    }
}
