/// Who a terminal is: its make and its serial number, such as `zkteco:BWXP20126001`.
///
/// Never an address: addresses move, and a replaced terminal must not inherit a log. A serial
/// number that is empty, a factory dummy or seen twice gets a suffix from the MAC address:
/// `zkteco:0000000000000+0017618a2b3c`.
public struct TerminalID: Hashable, Sendable, CustomStringConvertible {
    public let make: String
    public let serial: String

    /// - Throws: ``InvalidValue`` if `make` is not a lower-case word or `serial` could not stand
    ///   unescaped in a URL, a file name and a log line.
    public init(make: String, serial: String) throws(InvalidValue) {
        guard (1...16).contains(make.utf8.count),
            make.utf8.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) })
        else { throw InvalidValue(make, rule: "a make has 1 to 16 characters of a-z and 0-9") }
        guard (1...64).contains(serial.utf8.count), serial.utf8.allSatisfy(Self.allows) else {
            throw InvalidValue(
                serial,
                rule:
                    "a serial number has 1 to 64 characters of A-Z, a-z, 0-9, '-', '.', '_' and '+'"
            )
        }
        self.make = make
        self.serial = serial
    }

    /// Reads `make:serial`.
    public init(_ text: String) throws(InvalidValue) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            throw InvalidValue(text, rule: "a terminal is written make:serial")
        }
        try self.init(make: String(parts[0]), serial: String(parts[1]))
    }

    /// Makes an identity of what a terminal says of itself, which may be nothing.
    ///
    /// - Parameters:
    ///   - make: The make, such as `zkteco`.
    ///   - reportedSerial: As the terminal says it; may be nothing.
    ///   - mac: Used as suffix when the serial number cannot tell terminals apart.
    public init(make: String, reportedSerial: String, mac: String?) throws(InvalidValue) {
        let kept = reportedSerial.utf8.filter(Self.allows)
        let serial = String(decoding: kept, as: UTF8.self)
        let suffix = mac.map { $0.lowercased().filter { $0.isHexDigit } } ?? ""
        if Self.isDummy(serial), !suffix.isEmpty {
            try self.init(make: make, serial: "\(serial.isEmpty ? "0" : serial)+\(suffix)")
        } else {
            try self.init(make: make, serial: serial)
        }
    }

    public var description: String { "\(make):\(serial)" }

    /// Empty, all zeros, or one digit repeated: what factories leave behind.
    public static func isDummy(_ serial: String) -> Bool {
        guard let first = serial.utf8.first else { return true }
        return serial.utf8.allSatisfy { $0 == first || $0 == 0x30 }
            || ["1234567890", "0123456789", "12345678"].contains(serial)
    }

    private static func allows(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: [0x2D, 0x2E, 0x5F, 0x2B].contains(byte)
        }
    }
}
