/// The commands this project knows, by their number on the line.
///
/// What is not here is not sent and not understood. Commands that set the clock, empty the log,
/// write or erase people, open a door, handle fingerprints or restart the controller do not
/// exist.
///
/// Source: docs/reference/protocols/soyal.md, "Commands".
package enum Command {
    /// The controller's own parameters; the type of controller is among them.
    package static let parameters: UInt8 = 0x12
    /// "Are you there?"; answered with a status, or with an event.
    package static let poll: UInt8 = 0x18
    /// Clock, firmware and type of controller.
    package static let clock: UInt8 = 0x24
    /// The oldest event of the log. The log stays as it is.
    package static let oldest: UInt8 = 0x25
    /// Removes the oldest event, whichever that is just then.
    package static let removeOldest: UInt8 = 0x37

    /// The name `titian decode` prints; nil for a number that is not known.
    package static func name(_ command: UInt8) -> String? { names[command] }

    private static let names: [UInt8: String] = [
        parameters: "parameters", poll: "poll", clock: "clock", oldest: "oldest",
        removeOldest: "remove-oldest",
    ]
}

/// The command byte of an answer, where the answer is no event.
///
/// The same numbers are function codes of events (4 is "outside the time zone"), so an answer is
/// told by its length first: see ``Answer``.
package enum AnswerCode {
    package static let data: UInt8 = 0x03
    package static let acknowledged: UInt8 = 0x04
    package static let notAcknowledged: UInt8 = 0x05
    package static let unauthorised: UInt8 = 0x06
    package static let status: UInt8 = 0x09
    package static let refused: UInt8 = 0x0C
}

/// The numbers of a controller on its line.
package enum Node {
    /// The master of the bus: what answers are addressed to.
    package static let master: UInt8 = 0
    /// A controller can have these; 255 calls all of them at once, and is never used.
    package static let controllers: ClosedRange<UInt8> = 1...254
}
