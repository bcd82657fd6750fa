/// The checksum of an Anviz frame: CRC-16/MCRF4XX.
///
/// Polynomial 0x1021 reflected (0x8408), start 0xFFFF, no final exclusive or, over everything
/// from the start byte to the last byte of data; sent low byte first.
///
/// Source: docs/reference/protocols/anviz.md, "Frames"; checked on published frames.
package enum CRC {
    private static let table: [UInt16] = (0..<256).map { index in
        (0..<8).reduce(UInt16(index)) { value, _ in
            value & 1 == 1 ? value >> 1 ^ 0x8408 : value >> 1
        }
    }

    package static func checksum(_ bytes: some Sequence<UInt8>) -> UInt16 {
        bytes.reduce(0xFFFF) { crc, byte in
            crc >> 8 ^ table[Int((crc ^ UInt16(byte)) & 0xFF)]
        }
    }
}
