import Attendance
import Exchange
import FoundationEssentials
import Glibc

/// What kind of box this is, for somebody far away: the machine, its versions, what is plugged in.
///
/// Nothing that names a person, and no network address.
public struct BoxFacts: Sendable {
    /// Where `/proc`, `/sys` and `/etc` are; a test brings its own.
    private let root: String

    public init(root: String = "") {
        self.root = root
    }

    public var json: [UInt8] {
        var line = JSONLine()
        line.add("titian", TitianVersion.current)
        line.add("kernel", ifPresent: file("/proc/sys/kernel/osrelease"))
        line.add("system", ifPresent: system)
        line.add("machine", ifPresent: machine)
        line.add("processors", sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        line.add("load", ifPresent: file("/proc/loadavg"))
        line.add(
            "uptime_s",
            ifPresent: file("/proc/uptime")?.split(separator: " ").first.map(String.init))
        line.add("memory", json: JSONLine.array(memory))
        line.add("temperatures", json: JSONLine.array(temperatures))
        line.add("usb", json: Self.array(folders("/sys/bus/usb/devices").compactMap(usbDevice)))
        line.add("serial_ports", json: Self.array(folders("/sys/class/tty").compactMap(serialPort)))
        line.add("network", json: Self.array(folders("/sys/class/net").map(interface)))
        return line.finished
    }

    private var system: String? {
        let lines = file("/etc/os-release", limit: 8_192, wholly: true)?.split(separator: "\n")
        return lines?.first { $0.hasPrefix("PRETTY_NAME=") }.map {
            String($0.dropFirst("PRETTY_NAME=".count).filter { $0 != "\"" })
        }
    }

    private var machine: String? {
        file("/sys/class/dmi/id/product_name")
            ?? file("/proc/device-tree/model").map { String($0.filter { $0 != "\0" }) }
    }

    private var memory: [String] {
        let lines = file("/proc/meminfo", limit: 65_536, wholly: true)?.split(separator: "\n") ?? []
        return lines.filter {
            $0.hasPrefix("MemTotal") || $0.hasPrefix("MemAvailable") || $0.hasPrefix("SwapFree")
        }.map { $0.split(separator: " ").joined(separator: " ") }
    }

    private var temperatures: [String] {
        folders("/sys/class/thermal").compactMap { file("\($0)/temp") }
    }

    private func usbDevice(_ folder: String) -> [UInt8]? {
        guard let vendor = file("\(folder)/idVendor"), let product = file("\(folder)/idProduct")
        else { return nil }
        var line = JSONLine()
        line.add("place", Self.name(of: folder))
        line.add("id", "\(vendor):\(product)")
        line.add("maker", ifPresent: file("\(folder)/manufacturer"))
        line.add("product", ifPresent: file("\(folder)/product"))
        line.add("speed", ifPresent: file("\(folder)/speed"))
        return line.finished
    }

    /// Ports behind which there is a device; a kernel names many more.
    private func serialPort(_ folder: String) -> [UInt8]? {
        let name = Self.name(of: folder)
        guard name.hasPrefix("ttyUSB") || name.hasPrefix("ttyACM") || name.hasPrefix("ttyAMA")
        else { return nil }
        var line = JSONLine()
        line.add("name", name)
        let target = try? FileManager.default.destinationOfSymbolicLink(
            atPath: "\(root)\(folder)/device/driver")
        line.add("driver", ifPresent: target.map(Self.name))
        return line.finished
    }

    private func interface(_ folder: String) -> [UInt8] {
        var line = JSONLine()
        line.add("name", Self.name(of: folder))
        line.add("state", ifPresent: file("\(folder)/operstate"))
        line.add("mtu", ifPresent: file("\(folder)/mtu"))
        return line.finished
    }

    private func folders(_ path: String) -> [String] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: root + path)
        return (names ?? []).sorted().map { "\(path)/\($0)" }
    }

    /// - Parameter wholly: More than the first line.
    private func file(_ path: String, limit: Int = 4_096, wholly: Bool = false) -> String? {
        let text = TextFile.read(root + path, limit: limit)
        return wholly ? text : text?.trimmedLine
    }

    private static func name(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    private static func array(_ objects: [[UInt8]]) -> [UInt8] {
        [UInt8(ascii: "[")] + objects.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "]")]
    }
}
