public import Attendance

/// Where a terminal is: a line, and its number on that line.
///
/// ```
/// serial:///dev/serial/by-id/usb-…?baud=9600&format=8N1&station=3
/// usb://1b55:b400?interface=1
/// tcp://192.168.1.201:4370    tcp://[fd00::17]:5010    udp://192.168.1.201:4370
/// listen://0.0.0.0:5010?station=3     where the terminal dials in
/// http://192.168.1.201
/// ```
public struct Address: Hashable, Sendable {
    /// What has to be opened, without the terminal's number on it.
    public enum Line: Hashable, Sendable {
        case serial(path: String, SerialSettings)
        case usb(USBAddress)
        case tcp(host: String, port: Int)
        case udp(host: String, port: Int)
        /// A port of this box, where terminals dial in.
        case listen(host: String, port: Int)
        /// The small web server of a terminal.
        case http(host: String, port: Int)
    }

    public let line: Line
    /// The terminal's number where several share the line; nil if none was given.
    public let station: UInt32?
    /// The largest TCP segment the terminal is asked to send, in bytes; nil for what is usual.
    public let maximumSegment: Int?

    private static let longest = 2_048

    /// Reads an address.
    ///
    /// - Parameters:
    ///   - text: A URL as above.
    ///   - defaultPort: The port of the make, used where the address names none.
    /// - Throws: `InvalidValue` with the rule that `text` breaks.
    public init(_ text: String, defaultPort: Int? = nil) throws(InvalidValue) {
        guard text.utf8.count <= Self.longest else {
            throw InvalidValue(
                String(text.prefix(80)), rule: "an address has \(Self.longest) letters at most")
        }
        let parts = try AddressParts(text)
        switch parts.scheme {
        case "serial":
            line = .serial(path: try parts.devicePath(), try parts.serialSettings())
        case "usb":
            line = .usb(try parts.usbAddress())
        case "tcp":
            line = .tcp(host: parts.host, port: try parts.port(orDefault: defaultPort))
        case "udp":
            line = .udp(host: parts.host, port: try parts.port(orDefault: defaultPort))
        case "listen":
            line = .listen(host: parts.host, port: try parts.port(orDefault: defaultPort))
        case "http":
            line = .http(host: parts.host, port: try parts.port(orDefault: 80))
        default:
            throw InvalidValue(
                text,
                rule: """
                    a link begins with serial:///dev/…, usb://, tcp://host, udp://host, \
                    http://host or listen://host
                    """)
        }
        station = try parts.station()
        maximumSegment = try parts.maximumSegment()
    }

    /// Whether questions go to a terminal's web server.
    public var isWebService: Bool {
        if case .http = line { true } else { false }
    }

    /// The address without the station: terminals with the same one share a line, and a task.
    public var lineName: String {
        switch line {
        case .serial(let path, let settings): "serial://\(path)?\(settings)"
        case .usb(let address): "\(address)"
        case .tcp(let host, let port):
            "tcp://\(Self.bracketed(host)):\(port)" + (maximumSegment.map { "?mss=\($0)" } ?? "")
        case .udp(let host, let port): "udp://\(Self.bracketed(host)):\(port)"
        case .listen(let host, let port): "listen://\(Self.bracketed(host)):\(port)"
        case .http(let host, let port): "http://\(Self.bracketed(host)):\(port)"
        }
    }

    /// The line without what is usual anyway: as a person writes it.
    public var shortest: String {
        guard case .serial(let path, let settings) = line else { return lineName }
        var options: [String] = []
        if settings.baud != SerialSettings().baud { options.append("baud=\(settings.baud)") }
        if settings.format != .eightNone1 { options.append("format=\(settings.format)") }
        return "serial://\(path)" + (options.isEmpty ? "" : "?\(options.joined(separator: "&"))")
    }

    /// The host that is dialled, by its name or its address; nil where none is.
    public var host: String? {
        switch line {
        case .tcp(let host, _), .udp(let host, _), .http(let host, _): host
        case .serial, .usb, .listen: nil
        }
    }

    /// Whether the line hangs on a cable whose plugging in the kernel reports.
    public var isPlugged: Bool {
        switch line {
        case .serial, .usb: true
        case .tcp, .udp, .listen, .http: false
        }
    }

    /// Whether the line is a USB device without a serial port.
    public var isUSB: Bool { if case .usb = line { true } else { false } }

    /// Whether the terminal begins the connection.
    public var isListening: Bool {
        if case .listen = line { true } else { false }
    }

    private static func bracketed(_ host: String) -> String {
        host.contains(":") ? "[\(host)]" : host
    }
}

extension Address: CustomStringConvertible {
    /// The address as ``init(_:defaultPort:)`` reads it, defaults written out.
    public var description: String {
        guard let station else { return lineName }
        let mark = lineName.contains("?") ? "&" : "?"
        return "\(lineName)\(mark)station=\(station)"
    }
}
