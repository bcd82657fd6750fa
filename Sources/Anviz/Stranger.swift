internal import TerminalKit

/// Tells who answers on a terminal's line, if it is not this make.
enum Stranger {
    /// What the bytes look like; nil if nothing tells.
    static func name(of bytes: [UInt8]) -> String? {
        if bytes.starts(with: zkMagic) { return "ZKTeco" }
        if bytes.starts(with: Array("HTTP/".utf8)) { return "HTTP" }
        if bytes.starts(with: Array("SSH-".utf8)) { return "SSH" }
        switch (bytes.first, bytes.dropFirst().first) {
        case (0x15, 0x03), (0x16, 0x03): return "TLS"
        case (0x7E, _): return "SOYAL"
        case (0xAA, _): return "C3/inBIO"
        default: return nil
        }
    }

    /// The error for a line on which no frame of this make was heard.
    ///
    /// - Returns: nil if nothing was heard at all.
    static func error(for bytes: [UInt8]) -> DriverError? {
        guard let first = bytes.first else { return nil }
        if let name = name(of: bytes) { return other(name, bytes) }
        if first == Packet.startByte {
            return .garbled(what: "frames with wrong checksums", bytes: bytes)
        }
        return other("unknown", bytes)
    }

    private static func other(_ name: String, _ bytes: [UInt8]) -> DriverError {
        .otherMake(expected: "Anviz", seen: name, bytes: bytes)
    }

    private static let zkMagic: [UInt8] = [0x50, 0x50, 0x82, 0x7D]

    /// A ZKTeco terminal's greeting (command 1000, nothing else): it says nothing to frames of
    /// other makes but answers this one.
    private static let zkGreeting: [UInt8] =
        zkMagic + [0x08, 0, 0, 0, 0xE8, 0x03, 0x17, 0xFC, 0, 0, 0, 0]

    /// Looks, once, whether a silent line belongs to another make. The line is given up either
    /// way.
    static func look(behind link: any Link) async -> DriverError? {
        do {
            try await link.send(zkGreeting)
            let bytes = try await link.receive(within: Patience.optionalAnswer)
            return name(of: bytes).map { other($0, bytes) }
        } catch {
            return nil
        }
    }
}
