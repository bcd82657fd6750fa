internal import TerminalKit

/// Tells who answers on a controller's line, if it is not one that can be understood.
enum Stranger {
    /// The error for a line on which no frame of this make was heard.
    ///
    /// - Returns: nil if nothing was heard at all.
    static func error(for bytes: [UInt8]) -> DriverError? {
        guard let first = bytes.first else { return nil }
        if Packet.securedHeads.contains(where: { bytes.starts(with: $0) }) { return .secured }
        if let name = name(of: bytes) { return other(name, bytes) }
        if first == Packet.shortHead || bytes.starts(with: Packet.largeHead) {
            return .garbled(what: "frames with wrong checksums", bytes: bytes)
        }
        return other("unknown", bytes)
    }

    private static func name(of bytes: [UInt8]) -> String? {
        if bytes.starts(with: [0x50, 0x50, 0x82, 0x7D]) { return "ZKTeco" }
        if bytes.starts(with: Array("HTTP/".utf8)) { return "HTTP" }
        if bytes.starts(with: Array("SSH-".utf8)) { return "SSH" }
        switch (bytes.first, bytes.dropFirst().first) {
        case (0x15, 0x03), (0x16, 0x03): return "TLS"
        case (0xA5, _): return "Anviz"
        case (0xAA, _): return "C3/inBIO"
        default: return nil
        }
    }

    private static func other(_ name: String, _ bytes: [UInt8]) -> DriverError {
        .otherMake(expected: "SOYAL", seen: name, bytes: bytes)
    }
}
