import Testing
import Transports

@Suite struct `What is attached over USB` {
    private let machine: FakeMachine
    private var found: [AttachedUSB] { AttachedUSB.all(root: machine.path) }

    init() throws {
        machine = try FakeMachine()
    }

    private func attach(
        _ socket: String, _ vendor: String, _ product: String, text: String = "",
        interfaceClass: String = "ff", driver: String? = nil
    ) throws {
        let place = "sys/bus/usb/devices/\(socket)"
        try machine.write("\(place)/idVendor", vendor)
        try machine.write("\(place)/idProduct", product)
        try machine.write("\(place)/product", text)
        let face = "sys/bus/usb/devices/\(socket):1.0"
        try machine.write("\(face)/bInterfaceClass", interfaceClass)
        if let driver { try machine.link("\(face)/driver", to: "../../drivers/\(driver)") }
    }

    @Test func `may be a ZKTeco terminal's cable`() throws {
        try attach("1-2", "1b55", "b400", interfaceClass: "02", driver: "cdc_acm")
        #expect(found.map(\.kind) == [.zkTerminal])
        #expect(found.first?.numbers == "1b55:b400")
        #expect(found.first?.socket == "1-2")
    }

    @Test func `is no terminal if it is a reader for a desk`() throws {
        try attach(
            "1-1", "0483", "5720", text: "U-Bio", interfaceClass: "08", driver: "usb-storage")
        try attach("1-3", "1b55", "0124", text: "ZK9500")
        #expect(found.map(\.kind) == [.enrolmentReader, .enrolmentReader])
        #expect(found.last?.text == "ZK9500")
    }

    @Test func `is only named where nothing is known of it`() throws {
        try attach("1-4", "1234", "5678", text: "Bulk thing")
        #expect(found.map(\.kind) == [.unknown])
    }

    @Test func `is nobody's business if the kernel serves it`() throws {
        try attach("1-5", "0403", "6001", text: "FT232R", driver: "ftdi_sio")
        try attach("1-6", "046d", "c31c", text: "Keyboard", interfaceClass: "03", driver: "usbhid")
        try attach("usb1", "1d6b", "0002", text: "Hub", interfaceClass: "09", driver: "hub")
        #expect(found == [])
        #expect(AttachedUSB.all(root: "/nowhere") == [])
    }
}
