/// USB devices that may be terminals, or are taken for such: seen through sysfs, opened never.
///
/// Source: docs/reference/protocols/serial-lines.md, "USB devices".
public struct AttachedUSB: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// The cable of a ZKTeco terminal in "USB client" mode, whose framing nobody has published.
        case zkTerminal = "zkteco-usb"
        /// A fingerprint reader for enrolment at a desk; keeps no log.
        case enrolmentReader = "enrolment-reader"
        /// A device of a vendor's own class, of which nothing is known.
        case unknown
    }

    /// The socket, as the kernel counts: `1-1.4`.
    public let socket: String
    public let vendor: UInt16
    public let product: UInt16
    public let serial: String?
    /// Maker and product, as the device says.
    public let text: String?
    public let kind: Kind

    /// `1b55:b400`.
    public var numbers: String { "\(SerialPorts.hex(vendor)):\(SerialPorts.hex(product))" }

    /// All that are attached, without serial adapters, hubs, keyboards, disks and the like.
    ///
    /// - Parameter root: Where `/sys` is; another folder in tests.
    public static func all(root: String = "/") -> [AttachedUSB] {
        let tree = FileTree(root: root)
        return tree.names(in: folder).compactMap { look(at: $0, tree) }
    }

    private static let folder = "/sys/bus/usb/devices"

    private static let terminals: Set<UInt32> = [0x1B55_B400]
    /// The U-Bio reader sold with Anviz software, and U.are.U.
    private static let readers: Set<UInt32> = [0x0483_5720, 0x05BA_000A]
    /// What ZKTeco's own readers are called; their numbers are not published in one place.
    private static let readerNames = ["zk4500", "zk9500", "slk20", "fingerprint", "scanner"]

    private static func look(at name: String, _ tree: FileTree) -> AttachedUSB? {
        let place = "\(folder)/\(name)"
        func number(_ file: String) -> UInt16? {
            tree.line("\(place)/\(file)").flatMap { UInt16($0, radix: 16) }
        }
        guard let vendor = number("idVendor"), let product = number("idProduct"),
            case let words = ["manufacturer", "product"].compactMap({ tree.line("\(place)/\($0)") }),
            let kind = kind(vendor, product, words, interfaces(of: name, tree))
        else { return nil }
        return AttachedUSB(
            socket: name, vendor: vendor, product: product, serial: tree.line("\(place)/serial"),
            text: words.isEmpty ? nil : words.joined(separator: " "), kind: kind)
    }

    private struct Interface {
        let isVendorSpecific: Bool
        let hasDriver: Bool
    }

    private static func interfaces(of name: String, _ tree: FileTree) -> [Interface] {
        tree.names(in: folder).filter { $0.hasPrefix("\(name):") }.map {
            Interface(
                isVendorSpecific: tree.line("\(folder)/\($0)/bInterfaceClass")?.lowercased()
                    == "ff",
                hasDriver: tree.linkName("\(folder)/\($0)/driver") != nil)
        }
    }

    /// - Returns: nil for what a driver of the kernel serves: that is no terminal's cable.
    private static func kind(
        _ vendor: UInt16, _ product: UInt16, _ words: [String], _ interfaces: [Interface]
    ) -> Kind? {
        let numbers = UInt32(vendor) << 16 | UInt32(product)
        if terminals.contains(numbers) { return .zkTerminal }
        let text = words.joined(separator: " ").lowercased()
        let isReader = vendor == 0x1B55 && readerNames.contains(where: text.contains)
        if isReader || readers.contains(numbers) { return .enrolmentReader }
        let isOpen = interfaces.contains { $0.isVendorSpecific && !$0.hasDriver }
        return isOpen || vendor == 0x1B55 ? .unknown : nil
    }
}
