public import Attendance
import Crypto

/// What makes two sightings one punch: the terminal, the PIN and the second, and nothing else.
///
/// How a person was recognised, which key was pressed and where the record was seen are
/// attributes: sources differ about them, and the punch still counts once.
public struct PunchIdentity: Hashable, Sendable {
    /// SHA-256, 32 bytes.
    public let bytes: [UInt8]

    /// Over `punch NUL terminal NUL canonical-pin NUL YYYY-MM-DDThh:mm:ss`.
    public init(terminal: TerminalID, pin: Pin, time: WallTime) {
        bytes = Self.digest(
            "punch", terminal.description, Array("\(pin.canonical)\u{0}\(time)".utf8))
    }

    /// A damaged record's identity: over `oddity NUL terminal NUL` and its bytes.
    public init(terminal: TerminalID, oddity raw: [UInt8]) {
        bytes = Self.digest("oddity", terminal.description, raw)
    }

    /// A file's identity as something taken in for this terminal: over `import NUL terminal NUL` and
    /// the digits of its SHA-256.
    public init(file sha256: String, of terminal: TerminalID?) {
        bytes = Self.digest("import", terminal?.description ?? "", Array(sha256.utf8))
    }

    private static func digest(_ kind: String, _ terminal: String, _ rest: [UInt8]) -> [UInt8] {
        var hash = SHA256()
        hash.update(data: Array("\(kind)\u{0}\(terminal)\u{0}".utf8))
        hash.update(data: rest)
        return Array(hash.finalize())
    }
}
