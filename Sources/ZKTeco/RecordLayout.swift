/// How the fields of one attendance record lie, found by its length.
///
/// Source: docs/reference/protocols/zkteco.md, "Attendance records".
struct RecordLayout: Hashable, Sendable {
    enum Form: Hashable, Sendable {
        /// u16 slot, flags, 0, u32 time.
        case slot
        /// u32 PIN, u32 time, state, verify, two reserved, u32 work code.
        case number
        /// A u16 slot, a PIN in text, then verify, time, state, work code and what is left.
        case text(pinLength: Int)
    }

    /// Bytes in a record.
    let size: Int
    let form: Form

    /// The lengths that have been seen, and what is known of them.
    static let known: [RecordLayout] = [
        RecordLayout(size: 8, form: .slot),
        RecordLayout(size: 16, form: .number),
        RecordLayout(size: 22, form: .text(pinLength: 10)),
        RecordLayout(size: 40, form: .text(pinLength: 24)),
        RecordLayout(size: 49, form: .text(pinLength: 24)),
    ]

    static func known(size: Int) -> RecordLayout? {
        known.first { $0.size == size }
    }

    /// The layout an operator has set: a longer record than any known one is read as the
    /// 40-byte one with a tail, which is how the 49-byte one came about.
    static func chosen(size: Int) -> RecordLayout? {
        if let layout = known(size: size) { return layout }
        guard (41...256).contains(size) else { return nil }
        return RecordLayout(size: size, form: .text(pinLength: 24))
    }

    /// A record names only its place in the user table.
    var namesOnlySlots: Bool { form == .slot }
}
