public import Attendance
import Glibc

/// A range of IPv4 addresses: `192.168.1.0/24`.
public struct Subnet: Hashable, Sendable, CustomStringConvertible {
    /// The largest range that is looked through: 1,022 addresses.
    public static let shortestPrefix = 22

    private let base: UInt32
    public let prefix: Int

    /// - Parameter text: `192.168.1.0/24`; any address of the range may stand in front, and an
    ///   address alone is a range of one.
    /// - Throws: `InvalidValue` if it is no range, or one outside private networks: strangers'
    ///   machines are never asked.
    public init(_ text: String) throws(InvalidValue) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let address = Self.number(parts[0]),
            let prefix = parts.count == 2 ? Self.decimal(parts[1]) : 32, prefix <= 32
        else { throw InvalidValue(text, rule: "a range is written 192.168.1.0/24") }
        self.init(address, prefix: prefix)
        guard isPrivate || isLoopback else {
            throw InvalidValue(
                text, rule: "only private ranges are looked through: 10/8, 172.16/12, 192.168/16")
        }
    }

    init(_ address: UInt32, prefix: Int) {
        self.prefix = prefix
        base = address & Self.mask(prefix)
    }

    public var description: String { "\(Self.text(base))/\(prefix)" }

    /// How many addresses ``hosts`` has.
    public var count: Int { prefix >= 31 ? 1 << (32 - prefix) : (1 << (32 - prefix)) - 2 }

    public var isTooLarge: Bool { prefix < Self.shortestPrefix }

    public var isLoopback: Bool { base >> 24 == 127 }

    var isPrivate: Bool {
        [("10.0.0.0", 8), ("172.16.0.0", 12), ("192.168.0.0", 16), ("169.254.0.0", 16)]
            .contains { place, length in
                guard let start = Self.number(place[...]), prefix >= length else { return false }
                return base & Self.mask(length) == start
            }
    }

    /// Every address a terminal may have: without the range's own and the broadcast address.
    public var hosts: [String] {
        let first = prefix >= 31 ? base : base + 1
        return (0..<count).compactMap { index in
            UInt32(exactly: index).map { Self.text(first &+ $0) }
        }
    }

    public func contains(_ address: String) -> Bool {
        Self.number(address[...]).map { $0 & Self.mask(prefix) == base } ?? false
    }

    // MARK: This machine

    /// The private ranges this machine is in, each with the name of its interface; none of them
    /// loopback.
    public static func ofThisMachine() -> [(interface: String, subnet: Subnet)] {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return [] }
        defer { freeifaddrs(list) }
        var found: [(interface: String, subnet: Subnet)] = []
        var next = list
        while let entry = next {
            next = entry.pointee.ifa_next
            guard let address = ipv4(entry.pointee.ifa_addr),
                let mask = ipv4(entry.pointee.ifa_netmask), let name = entry.pointee.ifa_name
            else { continue }
            let subnet = Subnet(address, prefix: mask.nonzeroBitCount)
            guard subnet.isPrivate, !found.contains(where: { $0.subnet == subnet }) else {
                continue
            }
            found.append((String(cString: name), subnet))
        }
        return found
    }

    private static func ipv4(_ address: UnsafeMutablePointer<sockaddr>?) -> UInt32? {
        guard let address, address.pointee.sa_family == sa_family_t(AF_INET) else { return nil }
        return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
            UInt32(bigEndian: $0.pointee.sin_addr.s_addr)
        }
    }

    // MARK: Numbers

    private static func mask(_ prefix: Int) -> UInt32 {
        prefix == 0 ? 0 : ~UInt32(0) << UInt32(32 - prefix)
    }

    static func number(_ text: Substring) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var number: UInt32 = 0
        for part in parts {
            guard let value = decimal(part), value <= 255 else { return nil }
            number = number << 8 | UInt32(value)
        }
        return number
    }

    private static func decimal(_ text: Substring) -> Int? {
        guard (1...3).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return Int(text)
    }

    private static func text(_ number: UInt32) -> String {
        [24, 16, 8, 0].map { "\(number >> UInt32($0) & 255)" }.joined(separator: ".")
    }
}
