public import Attendance

/// One thing found in recorded bytes, for a technician who wants to know what they mean.
///
/// A driver's decoder never throws: what it cannot read is an item too.
public enum DecodedItem: Hashable, Sendable {
    /// A whole packet of the make, such as `ack-ok` or `counters`.
    case packet(name: String, toTerminal: Bool, fields: [DecodedField])
    /// A record of the log or a live event; damaged ones are oddities with their bytes.
    case record(LogRecord, via: PunchSource)
    /// Bytes that belong to nothing, with the reason: `wrong checksum`, `cut short`.
    case noise(reason: String, bytes: [UInt8])
}

/// One named value of a packet, in the order of the wire.
public struct DecodedField: Hashable, Sendable {
    public enum Value: Hashable, Sendable {
        case number(Int64)
        case text(String)
        case bytes([UInt8])
        case flag(Bool)
    }

    /// Lower-case words joined by `_`; a promise to scripts, as JSON keys are.
    public let name: String
    public let value: Value

    public init(_ name: String, _ value: Value) {
        self.name = name
        self.value = value
    }

    public init(_ name: String, _ value: some BinaryInteger) {
        self.init(name, .number(Int64(clamping: value)))
    }

    public init(_ name: String, _ value: String) {
        self.init(name, .text(value))
    }
}
