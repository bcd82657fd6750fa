/// The communication key as it goes over the wire.
///
/// This is obfuscation and no cryptography: whoever watches the line can work the key out. All
/// steps are on unsigned 32-bit numbers, and the addition wraps (other clients fail there).
///
/// Source: docs/reference/protocols/zkteco.md, "Communication key".
package enum CommKey {
    /// "ZKSO".
    private static let pattern: [UInt8] = [0x5A, 0x4B, 0x53, 0x4F]
    /// The byte T that open clients have always sent; the terminal reads it from byte 2.
    package static let usualTicks: UInt8 = 0x32

    /// The four bytes of an AUTH packet.
    ///
    /// - Parameter key: As set in the terminal's menu; 0 if none.
    package static func scramble(
        key: UInt32, session: UInt16, ticks: UInt8 = usualTicks
    ) -> [UInt8] {
        var reversed: UInt32 = 0
        for bit in 0..<32 where key >> UInt32(bit) & 1 == 1 { reversed |= 1 << UInt32(31 - bit) }
        let sum = reversed &+ UInt32(session)
        let bytes = (0..<4).map { index in
            UInt8(truncatingIfNeeded: sum >> UInt32(index * 8)) ^ pattern[index]
        }
        // The halves are exchanged, then T covers all bytes and takes the place of the third.
        return [bytes[2] ^ ticks, bytes[3] ^ ticks, ticks, bytes[1] ^ ticks]
    }
}
