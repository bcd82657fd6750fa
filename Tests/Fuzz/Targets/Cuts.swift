/// A stretch of bytes cut as a line might: the same bytes are always cut alike, so that a finding
/// can be shown again.
struct Cuts {
    private var state: UInt64

    init(_ bytes: [UInt8]) {
        state = bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    /// Pieces of 1 to `longest` bytes.
    static func random(_ bytes: [UInt8], longest: Int = 48) -> [ArraySlice<UInt8>] {
        var cuts = Cuts(bytes)
        var pieces: [ArraySlice<UInt8>] = []
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + 1 + cuts.next(below: longest))
            pieces.append(bytes[start..<end])
            start = end
        }
        return pieces
    }

    /// SplitMix64.
    mutating func next(below limit: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(max(1, limit)))
    }
}
