import Foundation

/// A folder with the parts of `/sys`, `/dev` and `/proc` that discovery looks at, linked together
/// as the kernel and udev link them. Gone with the test.
final class FakeMachine {
    private let root: URL
    var path: String { root.path }

    init() throws {
        root = FileManager.default.temporaryDirectory
            .appendingPathComponent("titian-machine-\(UUID().uuidString)", isDirectory: true)
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: root) }

    /// An adapter in a USB socket, with the links udev would make.
    ///
    /// - Parameters:
    ///   - socket: As the kernel counts: `1-2`.
    ///   - isACM: The device is the interface itself, without a usb-serial port below it.
    func plug(
        _ name: String, into socket: String, vendor: String, product: String, driver: String,
        serial: String? = nil, text: String? = nil, byID: String?, byPath: String?,
        interface: String = "00", port: Int? = 0, isACM: Bool = false
    ) throws {
        let usb = "sys/devices/pci0000:00/usb1/\(socket)"
        try write("\(usb)/idVendor", vendor)
        try write("\(usb)/idProduct", product)
        if let serial { try write("\(usb)/serial", serial) }
        if let text { try write("\(usb)/product", text) }
        let face = "\(usb)/\(socket):1.\(Int(interface, radix: 16) ?? 0)"
        try write("\(face)/bInterfaceNumber", interface)
        let device = isACM ? face : "\(face)/\(name)"
        if let port, !isACM { try write("\(device)/port_number", "\(port)") }
        try link("\(device)/driver", to: "../../../../bus/drivers/\(driver)")
        try folder("\(device)/tty/\(name)")
        try link("\(device)/tty/\(name)/device", to: "../..")
        let up = "../../devices/pci0000:00/usb1/\(socket)/" + face.dropFirst(usb.count + 1)
        try link("sys/class/tty/\(name)", to: up + (isACM ? "" : "/\(name)") + "/tty/\(name)")
        try write("dev/\(name)", "")
        if let byID { try link("dev/serial/by-id/\(byID)", to: "../../\(name)") }
        if let byPath { try link("dev/serial/by-path/\(byPath)", to: "../../\(name)") }
    }

    /// A port of the machine itself.
    ///
    /// - Parameter type: 0 is a number the kernel only reserved.
    func solder(_ name: String, type: Int, driver: String = "serial8250") throws {
        try folder("sys/devices/platform/\(driver)/tty/\(name)")
        try link("sys/devices/platform/\(driver)/driver", to: "../../../bus/drivers/\(driver)")
        try link("sys/devices/platform/\(driver)/tty/\(name)/device", to: "../..")
        try write("sys/devices/platform/\(driver)/tty/\(name)/type", "\(type)")
        try link("sys/class/tty/\(name)", to: "../../devices/platform/\(driver)/tty/\(name)")
        try write("dev/\(name)", "")
    }

    func run(_ program: String, process: Int, holding nodes: [String] = []) throws {
        try write("proc/\(process)/comm", program)
        for (index, node) in nodes.enumerated() {
            try link("proc/\(process)/fd/\(index + 3)", to: node)
        }
    }

    func write(_ path: String, _ text: String) throws {
        let file = root.appendingPathComponent(path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data("\(text)\n".utf8).write(to: file)
    }

    func folder(_ path: String) throws {
        try FileManager.default.createDirectory(
            at: root.appendingPathComponent(path), withIntermediateDirectories: true)
    }

    func link(_ path: String, to target: String) throws {
        let place = root.appendingPathComponent(path)
        try FileManager.default.createDirectory(
            at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
        try? FileManager.default.removeItem(at: place)
        try FileManager.default.createSymbolicLink(
            atPath: place.path, withDestinationPath: target)
    }
}
