/// One message of the kernel or of udev about a device.
///
/// Sources: kernel `lib/kobject_uevent.c`; systemd `src/libsystemd/sd-device/device-monitor.c`.
struct UEvent: Hashable, Sendable {
    /// `add`, `remove`, `bind`, `change` and others.
    let action: String
    /// `tty`, `usb`, `block` and others; empty if the message names none.
    let subsystem: String

    /// What udev's messages begin with.
    private static let udevMark = Array("libudev\0".utf8)
    private static let udevMagic: [UInt8] = [0xFE, 0xED, 0xCA, 0xFE]
    private static let shortestUdev = 24

    /// Reads a message; nil if it is none of the two kinds.
    init?(_ message: [UInt8]) {
        guard let start = Self.propertiesStart(message) else { return nil }
        var found: [String: String] = [:]
        for field in message[start...].split(separator: 0) {
            guard let mark = field.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let name = String(decoding: field[..<mark], as: UTF8.self)
            found[name] = String(decoding: field[(mark + 1)...], as: UTF8.self)
        }
        guard let action = found["ACTION"] else { return nil }
        self.action = action
        subsystem = found["SUBSYSTEM"] ?? ""
    }

    /// Whether a line may have come or gone with it.
    var isAboutLines: Bool {
        ["tty", "usb", "usb-serial"].contains(subsystem)
            && ["add", "remove", "change", "bind", "unbind"].contains(action)
    }

    private static func propertiesStart(_ message: [UInt8]) -> Int? {
        if message.starts(with: udevMark) {
            guard message.count >= shortestUdev, Array(message[8..<12]) == udevMagic else {
                return nil
            }
            // The offset is in the byte order of this machine; both were seen to be little.
            let offset = message[16..<20].reversed().reduce(0) { $0 << 8 | Int($1) }
            return (shortestUdev...message.count).contains(offset) ? offset : nil
        }
        // The kernel's: add@/devices/…, a zero, then the properties.
        guard let end = message.firstIndex(of: 0), message[..<end].contains(UInt8(ascii: "@"))
        else { return nil }
        return end + 1
    }
}
