import TerminalKit

/// The answer to "what do you hold?": words of 32 bits, 20, 23 or 28 of them.
///
/// Some terminals answer with four zero bytes or with nothing but zeros, and some firmware may
/// have moved the words, so every group is believed only if it agrees with itself: used and free
/// make the capacity.
///
/// Source: docs/reference/protocols/zkteco.md, "Counters".
struct FreeSizes: Hashable, Sendable {
    private let words: [Int32]

    init?(_ data: [UInt8]) {
        guard data.count >= 80, data.count % 4 == 0 else { return nil }
        var reader = ByteReader(data)
        var words: [Int32] = []
        while let word = reader.u32LE() { words.append(Int32(bitPattern: word)) }
        self.words = words
    }

    /// The names under which `titian decode` shows the words.
    static let names: [(name: String, word: Int)] = [
        ("users", 4), ("fingers", 6), ("records", 8), ("oplog", 10), ("admins", 12),
        ("passwords", 13), ("finger_cap", 14), ("user_cap", 15), ("record_cap", 16),
        ("finger_free", 17), ("user_free", 18), ("record_free", 19), ("faces", 20),
        ("face_cap", 22),
    ]

    func word(_ index: Int) -> Int? {
        words.indices.contains(index) ? Int(words[index]) : nil
    }

    var counters: LogCounters {
        let records = group(used: 8, capacity: 16, free: 19)
        let users = group(used: 4, capacity: 15, free: 18)
        return LogCounters(
            records: records?.used, recordCapacity: records?.capacity, users: users?.used,
            userCapacity: users?.capacity)
    }

    /// nil if the three words do not belong together, or are all zero.
    private func group(
        used: Int, capacity: Int, free: Int
    ) -> (used: Int, capacity: Int?)? {
        guard let used = word(used), let capacity = word(capacity), let free = word(free),
            used >= 0, capacity >= 0, free >= 0
        else { return nil }
        if capacity == 0 { return used > 0 && free == 0 ? (used, nil) : nil }
        guard used + free == capacity else { return nil }
        return (used, capacity)
    }
}
