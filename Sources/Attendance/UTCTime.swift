/// A moment in UTC, to the millisecond: the host's or the centre's clock, never a terminal's.
public struct UTCTime: Hashable, Sendable, Comparable {
    public let milliseconds: Int64

    /// - Parameter milliseconds: Since 1970-01-01 00:00:00 UTC.
    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    public var seconds: Int64 { milliseconds.flooredDivision(by: 1_000) }

    public static func < (left: UTCTime, right: UTCTime) -> Bool {
        left.milliseconds < right.milliseconds
    }

    public func wallTime(in zone: Zone) -> WallTime {
        WallTime(secondsSince1970: seconds, in: zone)
    }

    public func advanced(byMilliseconds milliseconds: Int64) -> UTCTime {
        UTCTime(milliseconds: self.milliseconds + milliseconds)
    }
}

extension UTCTime: CustomStringConvertible, LosslessStringConvertible {
    /// `YYYY-MM-DDThh:mm:ss.mmmZ`, the form of `at` in an entry.
    public var description: String {
        var bytes = WallTime.utf8(seconds: seconds, separator: UInt8(ascii: "T"))
        let rest = Int(milliseconds - seconds * 1_000)
        bytes.append(UInt8(ascii: "."))
        for divisor in [100, 10, 1] {
            bytes.append(0x30 + UInt8(truncatingIfNeeded: rest / divisor % 10))
        }
        bytes.append(UInt8(ascii: "Z"))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reads `YYYY-MM-DDThh:mm:ssZ`, with or without `.mmm`; nil for anything else.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 20 || bytes.count == 24, bytes.last == UInt8(ascii: "Z"),
            let wall = WallTime(utf8: Array(bytes.prefix(19)))
        else { return nil }
        var rest: Int64 = 0
        if bytes.count == 24 {
            guard bytes[19] == UInt8(ascii: ".") else { return nil }
            for byte in bytes[20..<23] {
                guard (0x30...0x39).contains(byte) else { return nil }
                rest = rest * 10 + Int64(byte - 0x30)
            }
        }
        self.init(milliseconds: wall.seconds * 1_000 + rest)
    }
}
