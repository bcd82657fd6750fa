extension EntryFields {
    /// Reads a line in our own plain form; nil for any other, and for one that uses a key twice
    /// or with a value of another type: the general decoder decides about those.
    init?(plain line: some Sequence<UInt8>) {
        seq = 0
        var hasSeq = false
        let isPlain = line.withContiguousStorageIfAvailable { bytes in
            FlatObject.read(bytes) { key, value in
                guard let key = CodingKeys(rawValue: key) else { return true }
                guard key == .seq else { return set(key, value) }
                guard !hasSeq, case .number(let number) = value else { return false }
                seq = number
                hasSeq = true
                return true
            }
        }
        guard isPlain == true, hasSeq else { return nil }
    }

    private mutating func set(_ key: CodingKeys, _ value: FlatObject.Value) -> Bool {
        switch key {
        case .seq: false
        case .at: Self.put(value, in: &at)
        case .boot: Self.put(value, in: &boot)
        case .up: Self.put(value, in: &up)
        case .kind: Self.put(value, in: &kind)
        case .terminal: Self.put(value, in: &terminal)
        case .pin: Self.put(value, in: &pin)
        case .time: Self.put(value, in: &time)
        case .verify: Self.put(value, in: &verify)
        case .verifyNumber: Self.put(value, in: &verifyNumber)
        case .state: Self.put(value, in: &state)
        case .stateNumber: Self.put(value, in: &stateNumber)
        case .work: Self.put(value, in: &work)
        case .via: Self.put(value, in: &via)
        case .raw: Self.put(value, in: &raw)
        case .reason: Self.put(value, in: &reason)
        case .device: Self.put(value, in: &device)
        case .offsetMilliseconds: Self.put(value, in: &offsetMilliseconds)
        case .errorMilliseconds: Self.put(value, in: &errorMilliseconds)
        case .hostSynced: Self.put(value, in: &hostSynced)
        case .event: Self.put(value, in: &event)
        case .detail: Self.put(value, in: &detail)
        case .fromTime: Self.put(value, in: &fromTime)
        case .through: Self.put(value, in: &through)
        case .records: Self.put(value, in: &records)
        case .file: Self.put(value, in: &file)
        }
    }

    private static func put(_ value: FlatObject.Value, in field: inout String?) -> Bool {
        if case .null = value { return true }
        guard field == nil, case .text(let text) = value else { return false }
        field = text
        return true
    }

    private static func put(_ value: FlatObject.Value, in field: inout Int64?) -> Bool {
        if case .null = value { return true }
        guard field == nil, case .number(let number) = value else { return false }
        field = number
        return true
    }

    private static func put(_ value: FlatObject.Value, in field: inout Int?) -> Bool {
        if case .null = value { return true }
        guard field == nil, case .number(let number) = value else { return false }
        field = Int(exactly: number)
        return field != nil
    }

    private static func put(_ value: FlatObject.Value, in field: inout Bool?) -> Bool {
        if case .null = value { return true }
        guard field == nil, case .flag(let flag) = value else { return false }
        field = flag
        return true
    }
}
