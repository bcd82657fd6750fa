package import Attendance

/// An answer to a terminal that pushes.
///
/// There is no way to write one with a command in it (`C:…`): a terminal would run it, and every
/// answer here is made by one of the functions below. There is no `Date` header either, because
/// some firmware sets its clock by it.
package struct PushAnswer: Hashable, Sendable {
    package let status: Int
    package let text: String
    /// The connection may carry another request.
    package let keepsAlive: Bool

    private init(_ status: Int, _ text: String, keepsAlive: Bool = true) {
        self.status = status
        self.text = text
        self.keepsAlive = keepsAlive
    }

    /// Heard, and nothing to say.
    package static let ok = PushAnswer(200, "OK")

    /// So many rows are on disk. Only then may the terminal forget them.
    package static func stored(_ rows: Int) -> PushAnswer { PushAnswer(200, "OK: \(rows)") }

    /// The rows are not on disk: the terminal keeps them and sends them again.
    package static let notStored = PushAnswer(503, "ERROR: not stored", keepsAlive: false)

    /// Not on the list of terminals that may push.
    package static let notAllowed = PushAnswer(403, "ERROR: serial number")

    /// Nothing that a terminal asks.
    package static let notFound = PushAnswer(404, "ERROR: not found")

    /// Half a request came, and then nothing for too long.
    package static let tooSlow = PushAnswer(408, "ERROR: too slow", keepsAlive: false)

    package static func refused(_ refusal: PushRequestReader.Refusal) -> PushAnswer {
        PushAnswer(refusal.rawValue, "ERROR: request", keepsAlive: false)
    }

    /// What a terminal is told when it starts: to send attendance and nothing else, as it happens.
    ///
    /// The stamp asks for everything, because a log sent twice costs a little time and counts once,
    /// while a stamp that is too new loses punches without a trace. Tables that are not wanted get
    /// the stamp that says that all of them is here.
    ///
    /// - Parameters:
    ///   - head: The terminal's question; very old firmware names no `pushver`, and has other words
    ///     for the same things.
    ///   - zone: What the terminal's clock shall be set to; nil: its clock is its own.
    package static func options(for head: PushHead, settingClockTo zone: Zone?) -> PushAnswer {
        let serial = (head["SN"] ?? "").filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
        let stamps =
            head["pushver"] == nil
            ? ["Stamp=0", "OpStamp=9999", "PhotoStamp=9999", "TransFlag=1000000000"]
            : [
                "ATTLOGStamp=None", "OPERLOGStamp=9999", "ATTPHOTOStamp=9999",
                "TransFlag=TransData AttLog",
            ]
        let clock =
            zone.map { ["TimeZone=\($0.hoursFromGMT)", "SyncTime=3600"] } ?? ["SyncTime=0"]
        let lines =
            ["GET OPTION FROM: \(serial)"] + stamps
            + [
                "ErrorDelay=60", "Delay=\(heartbeatSeconds)", "TransTimes=00:00;14:05",
                "TransInterval=1", "Realtime=1", "Encrypt=0",
            ] + clock
        return PushAnswer(200, lines.joined(separator: "\n") + "\n")
    }

    /// The seconds between two signs of life that a terminal is asked for.
    package static let heartbeatSeconds: Int64 = 30

    /// The time, for a terminal whose clock is to be set.
    package static func time(_ now: UTCTime, in zone: Zone) -> PushAnswer {
        let hours = zone.hoursFromGMT
        let offset = "\(hours < 10 ? "0" : "")\(hours):00"
        return PushAnswer(200, "Time=\(now.wallTime(in: zone))+\(offset)")
    }

    /// The bytes for the wire.
    ///
    /// - Parameter isLast: The connection is closed behind it.
    package func bytes(isLast: Bool) -> [UInt8] {
        let head = [
            "HTTP/1.1 \(status) \(Self.phrase(status))", "Content-Type: text/plain",
            "Content-Length: \(text.utf8.count)",
            "Connection: \(isLast || !keepsAlive ? "close" : "keep-alive")", "", "",
        ]
        return Array((head.joined(separator: "\r\n") + text).utf8)
    }

    /// Lets the terminal send the body it announced.
    package static let goOn = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    private static func phrase(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 400: "Bad Request"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 408: "Request Timeout"
        case 413: "Content Too Large"
        case 431: "Request Header Fields Too Large"
        default: "Service Unavailable"
        }
    }
}
