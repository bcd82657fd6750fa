import TerminalKit

/// Tells who answers on a terminal's port, if it is not this make.
///
/// Access controllers of the same vendor use the same port number, a router's page may sit on a
/// wrong address, and a technician may have written the wrong driver. The first bytes tell.
///
/// Source: docs/reference/protocols/zkteco.md, "Other answers on the port".
enum Stranger {
    static func error(for bytes: [UInt8]) -> DriverError {
        .otherMake(expected: "ZKTeco", seen: name(of: bytes), bytes: Array(bytes.prefix(64)))
    }

    static func name(of bytes: [UInt8]) -> String {
        switch bytes.first {
        case 0xA5: "Anviz"
        case 0xAA: "C3/inBIO access controller"
        case 0x15 where bytes.dropFirst().first == 0x03,
            0x16 where bytes.dropFirst().first == 0x03:
            "TLS"
        case _ where bytes.starts(with: Array("HTTP/".utf8)): "HTTP"
        case _ where bytes.starts(with: Array("SSH-".utf8)): "SSH"
        default: "unknown"
        }
    }

    /// The identity question of Anviz to whatever number listens: a terminal that says nothing
    /// to us but answers this is an Anviz, which is silent to everything but its own frames.
    private static let anvizGreeting: [UInt8] = [
        0xA5, 0x00, 0x00, 0x00, 0x00, 0x30, 0x00, 0x00, 0x51, 0x10,
    ]

    /// Looks, once, whether a silent stream belongs to another make.
    ///
    /// Only a stream that never gave one byte is asked, and it is given up either way.
    ///
    /// - Returns: nil if nothing tells.
    static func look(behind link: any Link) async -> DriverError? {
        do {
            try await link.send(anvizGreeting)
            let bytes = try await link.receive(within: Patience.stranger)
            return bytes.starts(with: Packet.magic) ? nil : error(for: bytes)
        } catch {
            return nil
        }
    }
}
