internal import Attendance

/// What the answer to ``Command/clock`` says: the time, and who shows it.
///
/// ```
/// 0 node | 1-7 clock | 8 firmware | 9-11 | 12 type of controller | …
/// ```
/// 32 bytes on the unit that was recorded; what is known stands in the first 13.
///
/// Source: docs/reference/protocols/soyal.md, "Clock".
struct ControllerInfo: Hashable, Sendable {
    /// nil if the clock shows a time that does not exist.
    let time: WallTime?
    /// 46h is version 4V6.
    let firmware: String
    let type: UInt8
    let data: [UInt8]

    static let shortest = 13
    static let longest = 64

    /// nil for a length that no clock has.
    init?(_ data: [UInt8]) {
        guard (Self.shortest...Self.longest).contains(data.count) else { return nil }
        time = ClockFields.decode(data[1...])
        firmware = "\(data[8] >> 4)V\(data[8] & 0x0F)"
        type = data[12]
        self.data = data
    }

    var model: String? { Self.models[type] }

    /// The type of controller in the answer to ``Command/parameters``; nil if none is known there.
    static func model(inParameters data: [UInt8]) -> String? {
        data.dropFirst().first.flatMap { models[$0] }
    }

    static let models: [UInt8: String] = [
        0xC0: "AR-881E", 0xC1: "AR-725Ev2", 0xC2: "AR-829Ev5", 0xC3: "AR-821EFv5",
        0xC4: "AR-727Ev5", 0xC5: "AR-721Ev2",
    ]
}
