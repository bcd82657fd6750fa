import Attendance
import Crypto

/// SHA-256 of a file that comes in pieces: what a file is known by, whatever its name.
public struct FileDigest: Sendable {
    private var hash = SHA256()

    public init() {}

    public mutating func take(_ piece: [UInt8]) {
        hash.update(data: piece)
    }

    /// 64 hexadecimal digits over all that was taken so far.
    public var hex: String { Array(hash.finalize()).hex }
}
