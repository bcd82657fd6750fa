package import TerminalKit

/// Cuts the bytes of an Anviz line into packets.
package typealias PacketDecoder = FrameDecoder<Packet>

/// One frame of the Anviz protocol, in either direction.
///
/// ```
/// request   A5 | device 4 | command 1          | length 2 | data | CRC 2
/// answer    A5 | device 4 | command | 80h 1 | result 1 | length 2 | data | CRC 2
/// ```
/// Device, length and everything in the data have the highest byte first; the CRC has the lowest
/// first. Bit 7 of the sixth byte tells the two layouts apart, not the direction: a terminal that
/// dials in sends heartbeats as requests.
///
/// Source: docs/reference/protocols/anviz.md, "Frames".
package struct Packet: Framed {
    package static let startByte: UInt8 = 0xA5
    /// Face templates reach 15,360 bytes; what claims to be longer is noise.
    package static let longestData = 16_384
    /// With the header of an answer and the checksum.
    package static let longestFrame = 9 + longestData + 2

    package let device: UInt32
    /// The command without bit 7: see ``Command``.
    package let command: UInt8
    /// The ``AnswerCode`` of an answer; nil in a request.
    package let result: UInt8?
    package let data: [UInt8]

    package init(request command: UInt8, device: UInt32, data: [UInt8] = []) {
        self.device = device
        self.command = command & 0x7F
        result = nil
        self.data = data
    }

    package init(
        answer command: UInt8, device: UInt32, result: UInt8 = AnswerCode.success,
        data: [UInt8] = []
    ) {
        self.device = device
        self.command = command & 0x7F
        self.result = result
        self.data = data
    }

    package var isAnswer: Bool { result != nil }

    /// The whole frame, checksum included.
    package var bytes: [UInt8] {
        var frame = [Self.startByte]
        frame.reserveCapacity(data.count + 11)
        frame.appendBE(UInt64(device), count: 4)
        if let result {
            frame.append(command | 0x80)
            frame.append(result)
        } else {
            frame.append(command)
        }
        frame.appendBE(UInt64(data.count), count: 2)
        frame += data
        let checksum = CRC.checksum(frame)
        frame.append(UInt8(truncatingIfNeeded: checksum))
        frame.append(UInt8(truncatingIfNeeded: checksum >> 8))
        return frame
    }

    /// Reads one whole frame; nil if it is cut, too long, or its checksum is wrong.
    package init?(wholeFrame frame: ArraySlice<UInt8>) {
        guard frame.count >= 10, Self.extent(ofFrameIn: frame) == .known(frame.count),
            CRC.checksum(frame.dropLast(2)) == Self.checksum(atEndOf: frame)
        else { return nil }
        var reader = ByteReader(frame.dropLast(2))
        guard reader.u8() != nil, let device = reader.uBE(4), let code = reader.u8()
        else { return nil }
        let result = code & 0x80 == 0 ? nil : reader.u8()
        guard reader.take(2) != nil else { return nil }
        self.device = UInt32(device)
        command = code & 0x7F
        self.result = result
        data = Array(reader.rest())
    }

    package static func extent(ofFrameIn bytes: ArraySlice<UInt8>) -> FrameExtent {
        guard bytes.first == startByte else { return .none }
        let start = bytes.startIndex
        guard bytes.count >= 6 else { return .open }
        let header = bytes[start + 5] & 0x80 == 0 ? 8 : 9
        guard bytes.count >= header else { return .open }
        let length = Int(bytes[start + header - 2]) << 8 | Int(bytes[start + header - 1])
        return .known(header + length + 2)
    }

    private static func checksum(atEndOf frame: ArraySlice<UInt8>) -> UInt16 {
        UInt16(frame[frame.endIndex - 2]) | UInt16(frame[frame.endIndex - 1]) << 8
    }
}
