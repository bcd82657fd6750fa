import Attendance
import Testing
import Transports

@Suite struct `A link address` {
    @Test(arguments: [
        ("tcp://192.168.1.201:4370", "tcp://192.168.1.201:4370"),
        ("tcp://192.168.1.201", "tcp://192.168.1.201:5010"),
        ("TCP://mesin.upt.example:5010/", "tcp://mesin.upt.example:5010"),
        ("tcp://[fd00::17]:5010", "tcp://[fd00::17]:5010"),
        ("tcp://[::1]", "tcp://[::1]:5010"),
        ("tcp://10.0.0.9:5010?station=3", "tcp://10.0.0.9:5010?station=3"),
        ("tcp://10.0.0.9?station=3&mss=1200", "tcp://10.0.0.9:5010?mss=1200&station=3"),
        ("udp://192.168.1.201:4370", "udp://192.168.1.201:4370"),
        ("serial:///dev/ttyUSB0", "serial:///dev/ttyUSB0?baud=9600&format=8N1"),
        (
            "serial:///dev/serial/by-id/usb-1a86_USB_Serial-if00-port0?baud=19200&format=7e1",
            "serial:///dev/serial/by-id/usb-1a86_USB_Serial-if00-port0?baud=19200&format=7E1"
        ),
        (
            "serial:///dev/ttyUSB0?station=16140011",
            "serial:///dev/ttyUSB0?baud=9600&format=8N1&station=16140011"
        ),
        ("usb://1b55:b400", "usb://1b55:b400"),
        ("USB://1B55:B400", "usb://1b55:b400"),
        ("usb://1b55:b400?station=3", "usb://1b55:b400?station=3"),
        (
            "usb://1b55:b400?out=01&in=8F&interface=1&serial=A%20b%261&baud=19200&format=8e1&station=2",
            "usb://1b55:b400?serial=A%20b%261&interface=1&in=8f&out=01&baud=19200&format=8E1&station=2"
        ),
        ("usb://1b55:b400?baud=9600&format=8N1", "usb://1b55:b400"),
    ])
    func `is printed as it can be read again`(text: String, printed: String) throws {
        let address = try Address(text, defaultPort: 5010)
        #expect(address.description == printed)
        #expect(try Address(printed) == address)
    }

    @Test(arguments: [
        ("", "a link is written scheme://…, such as tcp://host"),
        ("/dev/ttyUSB0", "a link is written scheme://…, such as tcp://host"),
        (
            "ftp://mesin",
            """
            a link begins with serial:///dev/…, usb://, tcp://host, udp://host, http://host or \
            listen://host
            """
        ),
        ("tcp://mesin:1?mss=535", "a segment (mss) is a number from 536 to 1460"),
        ("tcp://mesin:1?mss=big", "a segment (mss) is a number from 536 to 1460"),
        ("udp://mesin:1?mss=1200", "a udp link takes only station"),
        ("usb://1b55", "a usb link names vendor and product as lsusb does: usb://1b55:b400"),
        ("usb://1b55:b4000", "a usb link names vendor and product as lsusb does: usb://1b55:b400"),
        ("usb://xyz0:b400", "a usb link names vendor and product as lsusb does: usb://1b55:b400"),
        ("usb:///dev/ttyUSB0", "a usb link names a device: usb://1b55:b400"),
        ("usb://1b55:b400/1", "a usb link has no path behind the numbers"),
        ("usb://1b55:b400?interface=256", "an interface is a number from 0 to 255"),
        (
            "usb://1b55:b400?in=01",
            "an endpoint has two hexadecimal digits: in=81 to 8f, out=01 to 0f"
        ),
        (
            "usb://1b55:b400?out=1",
            "an endpoint has two hexadecimal digits: in=81 to 8f, out=01 to 0f"
        ),
        ("usb://1b55:b400?serial=%2", "a serial number is written plainly, or with %20"),
        ("usb://1b55:b400?serial=%FF", "a serial number is written plainly, or with %20"),
        ("usb://1b55:b400?baud=1", "a speed (baud) is a number from 50 to 4000000"),
        (
            "usb://1b55:b400?alt=1",
            "a usb link takes only serial, interface, in, out, baud, format, station"
        ),
        ("listen://:5010", "a listen link names a host: listen://host:port"),
        ("file:///media/stick", "a stick is not a link; 'titian import' reads its files"),
        ("tcp://", "a tcp link names a host: tcp://host:port"),
        ("tcp://mesin", "a tcp link ends with a port: …:4370"),
        ("tcp://mesin:0", "a port is a number from 1 to 65535"),
        ("tcp://mesin:65536", "a port is a number from 1 to 65535"),
        ("tcp://mesin:99999999999999999999", "a port is a number from 1 to 65535"),
        ("tcp://mesin:", "a port is a number from 1 to 65535"),
        ("tcp://fd00::17", "an IPv6 address stands in brackets: [fd00::17]"),
        ("tcp://[fd00::17", "an IPv6 address stands in brackets: [fd00::17]"),
        ("tcp://[fd00::17]4370", "an IPv6 address is followed by :port or nothing"),
        ("tcp://[mesin]:4370", "only an IPv6 address stands in brackets"),
        ("tcp://[[fd00::17]:4370", "only an IPv6 address stands in brackets"),
        ("tcp://budi@mesin:1", "a link holds no user name and no password"),
        ("tcp://mesin:1/log", "a tcp link has no path behind the port"),
        ("tcp://mesin:1?baud=9600", "a tcp link takes only mss, station"),
        ("tcp://mesin:1?station=0", "a station is a number from 1 to 4294967295"),
        ("tcp://mesin:1?station=4294967296", "a station is a number from 1 to 4294967295"),
        ("tcp://mesin:1?station", "an option of a link is written name=value"),
        ("tcp://mesin:1?station=1&station=2", "an option of a link stands there once"),
        ("tcp://me sin:1", "a link has only visible ASCII characters"),
        ("serial://ttyUSB0", "a serial link has three slashes and a path: serial:///dev/ttyUSB0"),
        ("serial:///", "a serial link has three slashes and a path: serial:///dev/ttyUSB0"),
        ("serial:///dev/ttyS0?speed=9600", "a serial link takes only baud, format, station"),
        ("serial:///dev/ttyS0?baud=49", "a speed (baud) is a number from 50 to 4000000"),
        ("serial:///dev/ttyS0?baud=-1", "a speed (baud) is a number from 50 to 4000000"),
        ("serial:///dev/ttyS0?format=9N1", "a format is 7 or 8, then N, E or O, then 1 or 2: 8N1"),
        ("serial:///dev/ttyS0?format=8N", "a format is 7 or 8, then N, E or O, then 1 or 2: 8N1"),
    ])
    func `is refused with the rule it breaks`(text: String, rule: String) {
        let error = #expect(throws: InvalidValue.self) { try Address(text) }
        #expect(error?.rule == rule)
    }

    @Test func `shares its line with the other stations on it`() throws {
        let third = try Address("serial:///dev/ttyUSB0?station=3")
        let fourth = try Address("serial:///dev/ttyUSB0?baud=9600&station=4")
        #expect(third != fourth)
        #expect(third.lineName == fourth.lineName)
    }

    @Test(arguments: [
        ("serial:///dev/ttyUSB0", true), ("usb://1b55:b400", true), ("tcp://10.0.0.9:1", false),
        ("udp://10.0.0.9:1", false),
    ])
    func `knows whether the kernel reports its cable`(text: String, isPlugged: Bool) throws {
        #expect(try Address(text).isPlugged == isPlugged)
    }

    @Test func `shares a USB cable with the other stations on it`() throws {
        let third = try Address("usb://1b55:b400?station=3")
        let fourth = try Address("usb://1b55:b400?station=4&baud=9600")
        #expect(third.lineName == fourth.lineName)
    }
}
