/// The serial ports of this machine that are real, with the adapter behind each.
///
/// Reads sysfs and the links udev makes; opens no port and needs no permission.
///
/// Source: docs/reference/protocols/serial-lines.md, "Stable names".
public struct SerialPorts: Sendable {
    /// One serial port.
    public struct Port: Hashable, Sendable {
        /// The device file: `/dev/ttyUSB0`.
        public let node: String
        /// The kernel's driver: `ftdi_sio`, `ch341`, `cp210x`, `serial8250`.
        public let driver: String?
        public let family: AdapterFamily
        /// The chip in words, such as `CP2102/CP2104`.
        public let adapter: String
        /// The USB adapter; nil for a port of the machine itself.
        public let usb: USB?
        /// The path to write into a configuration.
        public let stablePath: String
        public let stability: Stability

        /// The address of the port at its factory speed, as a configuration has it.
        public var link: String { "serial://\(stablePath)" }
    }

    /// What a USB adapter says of itself.
    public struct USB: Hashable, Sendable {
        public let vendor: UInt16
        public let product: UInt16
        public let serial: String?
        /// What stands in the descriptor: maker and product.
        public let text: String?
        public let interface: Int?
        /// The number of the port on an adapter with several.
        public let port: Int?
        /// The socket, as the kernel counts: `1-1.4`.
        public let socket: String

        /// `0403:6001`.
        public var numbers: String { "\(SerialPorts.hex(vendor)):\(SerialPorts.hex(product))" }
    }

    /// How long a path stays right.
    public enum Stability: String, Hashable, Sendable, CaseIterable {
        /// By the adapter's own number: stays right in any socket.
        case byID = "by-id"
        /// By the socket: stays right while the adapter stays in it.
        case byPath = "by-path"
        /// A port of the machine, which nothing moves.
        case fixed
        /// A plain number, which the next plugging may change.
        case plain
    }

    private let tree: FileTree

    /// - Parameter root: Where `/sys` and `/dev` are; another folder in tests.
    public init(root: String = "/") {
        tree = FileTree(root: root)
    }

    /// All ports, sorted by node; phantom ports of a kernel that reserves four UARTs are left out.
    public func all() -> [Port] {
        let found = tree.names(in: Self.classFolder).compactMap(look)
        let byID = links(in: "/dev/serial/by-id")
        let byPath = links(in: "/dev/serial/by-path")
        return found.map { finding in
            let twins = found.filter { finding.usb != nil && $0.identity == finding.identity }
            return port(
                finding, isAlone: twins.count == 1, byID: byID[finding.name],
                byPath: byPath[finding.name])
        }
        .sorted { Self.order($0.node) < Self.order($1.node) }
    }

    /// The port a path leads to, through whatever links; nil if it is none of ``all()``.
    public func port(at path: String) -> Port? {
        guard let node = tree.resolved(path) else { return nil }
        return all().first { $0.node == node }
    }

    private static let classFolder = "/sys/class/tty"

    // MARK: Looking

    private struct Finding {
        let name: String
        let driver: String?
        let usb: USB?

        /// What by-id makes a name of; two with the same one share a link.
        var identity: String {
            guard let usb else { return name }
            return "\(usb.numbers) \(usb.serial ?? "") \(usb.interface ?? 0) \(usb.port ?? 0)"
        }
    }

    private func look(_ name: String) -> Finding? {
        let device = "\(Self.classFolder)/\(name)/device"
        guard let place = tree.resolved(device) else { return nil }
        let driver = tree.linkName("\(device)/driver")
        if let usb = usb(of: place) {
            return Finding(name: name, driver: driver ?? interfaceDriver(of: place), usb: usb)
        }
        // 0 is PORT_UNKNOWN: the kernel reserves a number for a UART that is not there.
        guard let type = tree.line("\(Self.classFolder)/\(name)/type"), type != "0" else {
            return nil
        }
        return Finding(name: name, driver: driver ?? "serial", usb: nil)
    }

    /// Climbs from the port to its interface and its device.
    private func usb(of place: String) -> USB? {
        var folder = place[...]
        var interface: Int?
        while folder.hasPrefix("/sys/"), let slash = folder.lastIndex(of: "/") {
            let path = String(folder)
            if interface == nil, let text = tree.line("\(path)/bInterfaceNumber") {
                interface = Int(text, radix: 16)
            }
            if let vendor = number("\(path)/idVendor"), let product = number("\(path)/idProduct") {
                let words = ["manufacturer", "product"].compactMap { tree.line("\(path)/\($0)") }
                return USB(
                    vendor: vendor, product: product, serial: tree.line("\(path)/serial"),
                    text: words.isEmpty ? nil : words.joined(separator: " "),
                    interface: interface,
                    port: tree.line("\(place)/port_number").flatMap { Int($0) },
                    socket: String(path[path.index(after: slash)...]))
            }
            folder = folder[..<slash]
        }
        return nil
    }

    /// A usb-serial port has a driver of its own bus, cdc_acm sits on the interface.
    private func interfaceDriver(of place: String) -> String? {
        guard let slash = place.lastIndex(of: "/") else { return nil }
        return tree.linkName("\(place[..<slash])/driver")
    }

    private func number(_ path: String) -> UInt16? {
        tree.line(path).flatMap { UInt16($0, radix: 16) }
    }

    // MARK: Naming

    /// What links of a folder lead to, by the port's name; the shortest link first.
    private func links(in folder: String) -> [String: String] {
        var found: [String: String] = [:]
        for name in tree.names(in: folder) {
            guard let port = tree.linkName("\(folder)/\(name)") else { continue }
            let path = "\(folder)/\(name)"
            if let other = found[port], Self.isPreferred(other, to: path) { continue }
            found[port] = path
        }
        return found
    }

    /// Newer udev makes a second link with `-usbv2-`, which older ones do not have.
    private static func isPreferred(_ one: String, to other: String) -> Bool {
        (one.contains("-usbv") ? 1 : 0, one.utf8.count, one)
            < (other.contains("-usbv") ? 1 : 0, other.utf8.count, other)
    }

    private func port(
        _ finding: Finding, isAlone: Bool, byID: String?, byPath: String?
    ) -> Port {
        let node = "/dev/\(finding.name)"
        let path: String
        let stability: Stability
        switch (finding.usb, byID, byPath) {
        case (nil, _, _): (path, stability) = (node, .fixed)
        case (let usb?, let link?, _) where isAlone && Self.tellsApart(usb.serial):
            (path, stability) = (link, .byID)
        case (_, _, let link?): (path, stability) = (link, .byPath)
        default: (path, stability) = (node, .plain)
        }
        let family =
            finding.usb == nil
            ? .uart : AdapterFamily(driver: finding.driver, vendor: finding.usb?.vendor)
        return Port(
            node: node, driver: finding.driver, family: family,
            adapter: AdapterFamily.words(
                family, vendor: finding.usb?.vendor, product: finding.usb?.product),
            usb: finding.usb, stablePath: path, stability: stability)
    }

    private static func tellsApart(_ serial: String?) -> Bool {
        serial.map { !AdapterFamily.dummySerials.contains($0) } ?? false
    }

    /// `ttyUSB10` comes after `ttyUSB9`.
    private static func order(_ node: String) -> (String, Int) {
        let letters = node.prefix { !$0.isNumber }
        return (String(letters), Int(node.dropFirst(letters.count)) ?? 0)
    }

    static func hex(_ number: UInt16) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }
}
