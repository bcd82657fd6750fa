/// The numbers of questions and answers, named.
///
/// Only what this project sends or has to understand is here. There is no command that reads or
/// writes a template, clears, deletes, unlocks or restarts, and none that disables the terminal:
/// what does not exist cannot be sent.
///
/// Source: docs/reference/protocols/zkteco.md, "Commands".
package enum Command {
    // Questions. None changes the terminal.
    /// Old way to read a table; the data names it (5: users).
    package static let tableRead: UInt16 = 9
    /// Reads one option: `name\0` → `name=value\0`.
    package static let optionRead: UInt16 = 11
    /// Old way to read the whole attendance log.
    package static let logRead: UInt16 = 13
    /// Counters and capacities.
    package static let freeSizes: UInt16 = 50
    /// The clock, as packed time.
    package static let timeRead: UInt16 = 201
    /// From us: asks for events. From the terminal: an event.
    package static let event: UInt16 = 500
    package static let connect: UInt16 = 1000
    package static let exit: UInt16 = 1001
    package static let version: UInt16 = 1100
    package static let auth: UInt16 = 1102
    /// Releases the buffer that ``prepareBuffer`` made.
    package static let freeData: UInt16 = 1502
    /// Puts a table into a buffer in the terminal.
    package static let prepareBuffer: UInt16 = 1503
    /// Reads a piece of that buffer.
    package static let readBuffer: UInt16 = 1504

    // Answers.
    /// Announces how many bytes of ``data`` follow.
    package static let prepareData: UInt16 = 1500
    package static let data: UInt16 = 1501
    package static let ackOK: UInt16 = 2000
    /// Refused, not supported, or, on the old way, an empty table.
    package static let ackError: UInt16 = 2001
    package static let ackData: UInt16 = 2002
    package static let ackRetry: UInt16 = 2003
    package static let ackRepeat: UInt16 = 2004
    package static let ackUnauthorised: UInt16 = 2005
    /// Too many wrong keys.
    package static let authLocked: UInt16 = 2032
    /// No buffered reading in this mode of the terminal.
    package static let noSuchTable: UInt16 = 4989
    /// Newer firmware wants a handshake nobody has published.
    package static let vendorHandshake: UInt16 = 6001
    package static let ackErrorData: UInt16 = 65531
    package static let ackErrorInit: UInt16 = 65532
    package static let ackErrorCommand: UInt16 = 65533
    /// Command or option not known.
    package static let ackUnknown: UInt16 = 65535

    /// The event "somebody punched": a bit of the mask, and the code in an event's session field.
    package static let attendanceEvent: UInt16 = 1
    /// ``tableRead``'s table of users.
    package static let userTable: UInt8 = 5

    // Seen in recordings of other programs and understood there; ``Question`` has none of them.
    static let userWrite: UInt16 = 8
    static let optionWrite: UInt16 = 12
    static let operationLogRead: UInt16 = 34
    static let stateRead: UInt16 = 64
    package static let pinWidthRead: UInt16 = 69
    package static let timeWrite: UInt16 = 202
    package static let enableDevice: UInt16 = 1002
    package static let disableDevice: UInt16 = 1003
    static let refreshData: UInt16 = 1013
    static let refreshOptions: UInt16 = 1014

    /// The name under which `titian decode` shows a number.
    package static func name(of command: UInt16) -> String {
        names[command] ?? "command-\(command)"
    }

    static func isKnown(_ command: UInt16) -> Bool { names[command] != nil }

    private static let names: [UInt16: String] = [
        tableRead: "table-read", optionRead: "option-read", logRead: "log-read",
        freeSizes: "free-sizes-read", timeRead: "time-read", event: "event",
        connect: "connect", exit: "exit", version: "version-read", auth: "auth",
        freeData: "free-data", prepareBuffer: "prepare-buffer", readBuffer: "read-buffer",
        prepareData: "prepare-data", data: "data", ackOK: "ack-ok", ackError: "ack-error",
        ackData: "ack-data", ackRetry: "ack-retry", ackRepeat: "ack-repeat",
        ackUnauthorised: "ack-unauthorised", authLocked: "auth-locked",
        noSuchTable: "no-such-table", vendorHandshake: "vendor-handshake",
        ackErrorData: "ack-error-data", ackErrorInit: "ack-error-init",
        ackErrorCommand: "ack-error-command", ackUnknown: "ack-unknown",
        userWrite: "user-write", optionWrite: "option-write",
        operationLogRead: "operation-log-read", stateRead: "state-read",
        pinWidthRead: "pin-width-read", timeWrite: "time-write",
        enableDevice: "enable-device", disableDevice: "disable-device",
        refreshData: "refresh-data", refreshOptions: "refresh-options",
    ]
}
