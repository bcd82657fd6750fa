import Attendance

/// Who knocks at the port for pushes and is not on the list: the key `push` of `titian status`.
///
/// Keys are a promise (`docs/reference/cli-json.md`): they are added, never changed.
public struct PushReport: Hashable, Sendable, Codable {
    /// `http://host:port` as configured.
    public var listen: String
    /// Requests that were refused since the daemon started.
    public var refusedRequests: Int
    /// The callers that were refused, the first 16 of them.
    public var refused: [Caller]

    /// One serial number that is not on the list.
    public struct Caller: Hashable, Sendable, Codable {
        public var serialNumber: String
        /// The address of the last request.
        public var peer: String
        public var requests: Int
        public var lastAt: String

        enum CodingKeys: String, CodingKey {
            case serialNumber = "serial_number"
            case peer, requests
            case lastAt = "last_at"
        }
    }

    enum CodingKeys: String, CodingKey {
        case listen
        case refusedRequests = "refused_requests"
        case refused
    }

    /// Whoever sends made-up numbers fills no memory.
    static let mostCallers = 16

    init(listen: String) {
        self.listen = listen
        refusedRequests = 0
        refused = []
    }

    /// Counts one refused request.
    ///
    /// - Returns: Whether this caller is news.
    mutating func refuse(_ serial: String, from peer: String, at time: UTCTime) -> Bool {
        refusedRequests += 1
        let serial = Self.shown(serial)
        if let index = refused.firstIndex(where: { $0.serialNumber == serial }) {
            refused[index].peer = peer
            refused[index].requests += 1
            refused[index].lastAt = time.description
            return false
        }
        guard refused.count < Self.mostCallers else { return false }
        refused.append(
            Caller(serialNumber: serial, peer: peer, requests: 1, lastAt: time.description))
        return true
    }

    /// Nothing that a stranger sends can look like anything but a serial number.
    static func shown(_ serial: String) -> String {
        let allowed = serial.utf8.filter {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                || [0x2D, 0x2E, 0x5F].contains($0)
        }
        return String(decoding: allowed.prefix(32), as: UTF8.self)
    }
}
