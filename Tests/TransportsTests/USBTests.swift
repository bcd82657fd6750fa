import Attendance
import TerminalKit
import Testing

@testable import Transports

private func bulk(_ number: UInt8, _ packet: Int = 64) -> USBLayout.Endpoint {
    USBLayout.Endpoint(number: number, isBulk: true, packet: packet)
}

private func interrupt(_ number: UInt8) -> USBLayout.Endpoint {
    USBLayout.Endpoint(number: number, isBulk: false, packet: 8)
}

private func interface(
    _ number: UInt8, _ kind: UInt8, _ subkind: UInt8 = 0, _ endpoints: [USBLayout.Endpoint]
) -> USBLayout.Interface {
    USBLayout.Interface(number: number, kind: kind, subkind: subkind, endpoints: endpoints)
}

private let disk = interface(0, 0x08, 6, [bulk(0x81), bulk(0x01)])
private let keyboard = interface(1, 0x03, 1, [interrupt(0x84)])
private let vendor = interface(2, 0xFF, 0, [bulk(0x82, 512), bulk(0x02, 512), interrupt(0x83)])

private func pipe(
    _ interfaces: [USBLayout.Interface], _ link: String = "usb://1b55:b400"
) throws -> Result<USBLayout.Pipe, USBLayout.Misfit> {
    guard case .usb(let address) = try Address(link).line else { throw CancellationError() }
    return USBLayout(interfaces: interfaces).pipe(for: address)
}

@Suite struct `The endpoints of a USB device` {
    @Test func `are those of a vendor's own class, never a disk's or a keyboard's`() throws {
        let found = try pipe([disk, keyboard, vendor]).get()
        let wanted = USBLayout.Pipe(
            interface: 2, incoming: 0x82, packet: 512, outgoing: 0x02, control: nil)
        #expect(found == wanted)
        #expect(try pipe([disk, keyboard]) == .failure(USBLayout.Misfit(option: "in, out")))
    }

    @Test func `are CDC data's, with the interface that takes its requests`() throws {
        let modems = [
            interface(0, 0x02, 2, [interrupt(0x81)]), interface(1, 0x0A, 0, [bulk(0x82)]),
            interface(2, 0x02, 2, [interrupt(0x83)]),
            interface(3, 0x0A, 0, [bulk(0x84), bulk(0x04)]),
        ]
        let found = try pipe(modems).get()
        #expect(found.interface == 3)
        #expect(found.control == 2)
    }

    @Test func `are not guessed where there are two of a kind`() throws {
        let twin = interface(0, 0xFF, 0, [bulk(0x81), bulk(0x82), bulk(0x01)])
        #expect(try pipe([twin]) == .failure(USBLayout.Misfit(option: "in, out")))
        #expect(try pipe([twin], "usb://1b55:b400?in=82").get().incoming == 0x82)
        #expect(try pipe([twin, vendor]).get().interface == 2)
    }

    @Test(arguments: [
        ("usb://1b55:b400?interface=9", "interface"),
        ("usb://1b55:b400?interface=1", "in, out"),
        ("usb://1b55:b400?in=83", "in, out"),  // interrupt, not bulk
        ("usb://1b55:b400?out=07", "in, out"),
    ])
    func `that are asked for and not there are named`(link: String, option: String) throws {
        #expect(
            try pipe([disk, keyboard, vendor], link)
                == .failure(USBLayout.Misfit(option: option)))
    }

    @Test func `without a packet size carry nothing`() throws {
        let empty = interface(0, 0xFF, 0, [bulk(0x81, 0), bulk(0x01)])
        #expect(try pipe([empty]) == .failure(USBLayout.Misfit(option: "in, out")))
    }
}

@Suite struct `A CDC-ACM request` {
    @Test(arguments: [
        ("usb://1b55:b400", "80250000" + "00" + "00" + "08"),
        ("usb://1b55:b400?baud=115200&format=7E2", "00c20100" + "02" + "02" + "07"),
        ("usb://1b55:b400?baud=19200&format=8O1", "004b0000" + "00" + "01" + "08"),
    ])
    func `holds speed, stop bits, parity and data bits`(link: String, bytes: String) throws {
        guard case .usb(let address) = try Address(link).line else {
            Issue.record("not a usb link")
            return
        }
        let request = CDCRequest.lineCoding(address.settings)
        #expect(request.request == 0x20)
        #expect(request.data.hex == bytes)
    }
}

@Suite struct `What is said of a USB line` {
    private let name = "usb://1b55:b400?interface=1"

    @Test func `has codes of its own and names the device`() {
        let problems = [
            LinkError.missing(path: name), .busy(path: name), .forbidden(path: name),
            .unsettable(path: name, setting: "in, out"),
            .unreachable(address: name, reason: "no memory"),
        ].map(\.problem)
        #expect(
            problems.map(\.code) == [
                "line.no-usb-device", "line.usb-busy", "line.usb-forbidden",
                "line.usb-unsuitable", "line.usb-unusable",
            ])
        for problem in problems {
            #expect(problem.line(.english).contains(name))
            #expect(problem.line(.indonesian).contains(name))
        }
        #expect(LinkError.missing(path: "/dev/ttyUSB0").problem.code == "line.missing")
    }

    @Test func `tells the udev rule and the group`() {
        let text = LinkError.forbidden(path: name).problem.remedy(.english)
        let rule =
            #"SUBSYSTEM=="usb", ATTR{idVendor}=="1b55", ATTR{idProduct}=="b400", MODE="0660", GROUP="dialout""#
        #expect(text.contains(rule))
    }
}
