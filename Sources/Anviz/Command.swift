/// The commands this project knows, by the number in a request; an answer carries it with bit 7
/// set.
///
/// What is not here is not sent and not understood. Commands that read or write fingerprints,
/// open the door, restart the terminal or erase its log do not exist.
///
/// Source: docs/reference/protocols/anviz.md, "Commands".
package enum Command {
    /// User and password, where the terminal wants them.
    package static let authenticate: UInt8 = 0x04
    /// An event log the terminal may send without being asked.
    package static let eventLog: UInt8 = 0x13
    package static let serialNumber: UInt8 = 0x24
    /// Door sensor and the like, sent without being asked.
    package static let status: UInt8 = 0x2F
    /// Firmware, volume, language.
    package static let configuration1: UInt8 = 0x30
    /// Real-time switch, work code, repeat time.
    package static let configuration2: UInt8 = 0x32
    /// Online mode, and whether a connection needs a password.
    package static let configuration3: UInt8 = 0x34
    package static let clock: UInt8 = 0x38
    /// Sets the clock; only a technician's command sends it.
    package static let setClock: UInt8 = 0x39
    package static let network: UInt8 = 0x3A
    package static let counters: UInt8 = 0x3C
    /// Rows of the log; the parameter is a ``Download``.
    package static let download: UInt8 = 0x40
    package static let deviceID: UInt8 = 0x46
    package static let model: UInt8 = 0x48
    /// Clears "new" flags of rows; the parameter is a ``Clear``.
    package static let clear: UInt8 = 0x4E
    package static let capacity: UInt8 = 0x5D
    /// A punch while it happens; only ever an answer (0xDF) that nobody asked for.
    package static let live: UInt8 = 0x5F
    package static let deviceID2: UInt8 = 0x74
    /// "Something changed", sent by a terminal that dials in.
    package static let changeAlert: UInt8 = 0x7D
    /// Sent by a terminal that dials in, about every five minutes; answered with 0xFF.
    package static let heartbeat: UInt8 = 0x7F

    /// The name `titian decode` prints; nil for a number that is not known.
    package static func name(_ command: UInt8) -> String? { names[command] }

    private static let names: [UInt8: String] = [
        authenticate: "authenticate", eventLog: "event-log", serialNumber: "serial-number",
        status: "status",
        configuration1: "configuration-1", configuration2: "configuration-2",
        configuration3: "configuration-3", clock: "clock", setClock: "set-clock",
        network: "network", counters: "counters", download: "download", deviceID: "device-id",
        model: "model", clear: "clear", capacity: "capacity", live: "live",
        deviceID2: "device-id", changeAlert: "change-alert", heartbeat: "heartbeat",
    ]
}

/// The first byte of a download request: where in the log the next block begins.
///
/// The place is kept in the terminal, so another client on the same terminal moves it.
package enum Download {
    /// The block after the last one.
    package static let next: UInt8 = 0x00
    /// From the oldest row.
    package static let all: UInt8 = 0x01
    /// From the oldest row whose "new" flag is set.
    package static let new: UInt8 = 0x02
    /// The last block once more.
    package static let again: UInt8 = 0x10

    /// The most rows in a block; some models send fewer.
    package static let largestBlock = 25
}

/// The first byte of a clear request. The types that erase rows (0) and that clear every flag
/// (1, also those of rows nobody has read yet) do not exist here.
package enum Clear {
    /// The flags of the oldest N new rows.
    package static let oldestFlags: UInt8 = 0x02
}

/// The byte of an answer that says how it went.
package enum AnswerCode {
    package static let success: UInt8 = 0x00
    package static let failure: UInt8 = 0x01
    package static let full: UInt8 = 0x04
    package static let empty: UInt8 = 0x05
    package static let noSuchUser: UInt8 = 0x06
    package static let timeout: UInt8 = 0x08
    /// Not documented; seen on TCP lines that were idle for long.
    package static let idle: UInt8 = 0x0E
    /// "USB locked": somebody is at the stick or at the menu.
    package static let locked: UInt8 = 0x0F
}
