import Testing
import Transports

@Suite struct `The serial ports of a machine` {
    private let machine: FakeMachine
    private var ports: [SerialPorts.Port] { SerialPorts(root: machine.path).all() }

    init() throws {
        machine = try FakeMachine()
    }

    private func plugFTDI(_ name: String = "ttyUSB0", socket: String = "1-2") throws {
        try machine.plug(
            name, into: socket, vendor: "0403", product: "6001", driver: "ftdi_sio",
            serial: "FT0001AB", text: "FT232R USB UART",
            byID: "usb-FTDI_FT232R_USB_UART_FT0001AB-if00-port0",
            byPath: "pci-0000:00:14.0-usb-0:2:1.0-port0")
    }

    @Test func `name an adapter with a number of its own by that number`() throws {
        try plugFTDI()
        let port = try #require(ports.first)
        #expect(ports.count == 1)
        #expect(port.node == "/dev/ttyUSB0")
        #expect(port.driver == "ftdi_sio")
        #expect(port.family == .ftdi)
        #expect(port.adapter == "FTDI FT232R")
        #expect(port.usb?.numbers == "0403:6001")
        #expect(port.usb?.serial == "FT0001AB")
        #expect(port.usb?.text == "FT232R USB UART")
        #expect(port.usb?.socket == "1-2")
        #expect(port.usb?.interface == 0)
        #expect(port.usb?.port == 0)
        #expect(port.stability == .byID)
        #expect(
            port.link
                == "serial:///dev/serial/by-id/usb-FTDI_FT232R_USB_UART_FT0001AB-if00-port0")
    }

    @Test func `name an adapter without a number by its socket`() throws {
        try machine.plug(
            "ttyUSB0", into: "1-1.4", vendor: "1a86", product: "7523", driver: "ch341",
            text: "USB Serial", byID: "usb-1a86_USB_Serial-if00-port0",
            byPath: "pci-0000:00:14.0-usb-0:1.4:1.0-port0")
        let port = try #require(ports.first)
        #expect(port.adapter == "CH340")
        #expect(port.stability == .byPath)
        #expect(port.stablePath == "/dev/serial/by-path/pci-0000:00:14.0-usb-0:1.4:1.0-port0")
    }

    @Test func `do not trust the number with which CP2102 leaves its factory`() throws {
        try machine.plug(
            "ttyUSB0", into: "1-1", vendor: "10c4", product: "ea60", driver: "cp210x",
            serial: "0001",
            byID: "usb-Silicon_Labs_CP2102_USB_to_UART_Bridge_Controller_0001-if00-port0",
            byPath: "pci-0000:00:14.0-usb-0:1:1.0-port0")
        #expect(ports.first?.stability == .byPath)
    }

    @Test func `tell two clones with one number apart by their sockets`() throws {
        try plugFTDI()
        try plugFTDI("ttyUSB1", socket: "1-3")
        try machine.link(
            "dev/serial/by-path/pci-0000:00:14.0-usb-0:3:1.0-port0", to: "../../ttyUSB1")
        try machine.link(
            "dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.0-port0", to: "../../ttyUSB0")
        #expect(ports.map(\.stability) == [.byPath, .byPath])
        #expect(Set(ports.map(\.stablePath)).count == 2)
    }

    @Test func `of an adapter with two ports are two names`() throws {
        for (index, interface) in ["00", "01"].enumerated() {
            try machine.plug(
                "ttyUSB\(index)", into: "1-2", vendor: "0403", product: "6010",
                driver: "ftdi_sio", serial: "FT77",
                byID: "usb-FTDI_Dual_RS232_FT77-if\(interface)-port0", byPath: nil,
                interface: interface)
        }
        #expect(ports.map(\.stability) == [.byID, .byID])
        #expect(ports.map(\.usb?.interface) == [0, 1])
    }

    @Test func `take the plain name where udev made no link`() throws {
        try machine.plug(
            "ttyCH343USB0", into: "1-2", vendor: "1a86", product: "55d3", driver: "usb_ch343",
            serial: "54D1", byID: nil, byPath: nil, isACM: true)
        #expect(ports.first?.stability == .plain)
        #expect(ports.first?.stablePath == "/dev/ttyCH343USB0")
        #expect(ports.first?.adapter == "CH343")
    }

    @Test func `know a CDC-ACM port by its interface`() throws {
        try machine.plug(
            "ttyACM0", into: "1-5", vendor: "0483", product: "5740", driver: "cdc_acm",
            serial: "205A", byID: "usb-ST_Port_205A-if00", byPath: nil, isACM: true)
        #expect(ports.first?.family == .cdcACM)
        #expect(ports.first?.driver == "cdc_acm")
        #expect(ports.first?.stability == .byID)
        #expect(ports.first?.usb?.port == nil)
    }

    @Test func `prefer the link that every udev makes`() throws {
        try machine.plug(
            "ttyUSB0", into: "1-1", vendor: "1a86", product: "7523", driver: "ch341", byID: nil,
            byPath: "pci-0000:00:14.0-usbv2-0:1:1.0-port0")
        try machine.link(
            "dev/serial/by-path/pci-0000:00:14.0-usb-0:1:1.0-port0", to: "../../ttyUSB0")
        #expect(
            ports.first?.stablePath == "/dev/serial/by-path/pci-0000:00:14.0-usb-0:1:1.0-port0")
    }

    @Test func `leave out numbers the kernel only reserved`() throws {
        try machine.solder("ttyS0", type: 4)
        try machine.solder("ttyS1", type: 0)
        try machine.solder("ttyAMA0", type: 32, driver: "uart-pl011")
        try machine.folder("sys/devices/virtual/tty/tty7")
        try machine.link("sys/class/tty/tty7", to: "../../devices/virtual/tty/tty7")
        #expect(ports.map(\.node) == ["/dev/ttyAMA0", "/dev/ttyS0"])
        #expect(ports.allSatisfy { $0.stability == .fixed && $0.family == .uart })
    }

    @Test func `come in the order of their numbers`() throws {
        for number in [10, 9, 2] {
            try machine.plug(
                "ttyUSB\(number)", into: "1-\(number)", vendor: "1a86", product: "7523",
                driver: "ch341", byID: nil, byPath: nil)
        }
        #expect(ports.map(\.node) == ["/dev/ttyUSB2", "/dev/ttyUSB9", "/dev/ttyUSB10"])
    }

    @Test func `are found by any path that leads to them`() throws {
        try plugFTDI()
        let all = SerialPorts(root: machine.path)
        let port = try #require(ports.first)
        #expect(all.port(at: "/dev/ttyUSB0") == port)
        #expect(all.port(at: port.stablePath) == port)
        #expect(all.port(at: "/dev/ttyUSB7") == nil)
    }

    @Test func `of a machine without any are none`() {
        #expect(ports == [])
        #expect(SerialPorts(root: "/nowhere/at/all").all() == [])
    }

    @Test func `of this machine can be listed`() {
        #expect(SerialPorts().all().allSatisfy { $0.node.hasPrefix("/dev/") })
    }
}

@Suite struct `Who holds a port` {
    private let machine: FakeMachine

    init() throws {
        machine = try FakeMachine()
        try machine.run("titiand", process: 812, holding: ["/dev/null", "/dev/ttyUSB0"])
        try machine.run("ModemManager", process: 640)
        try machine.run("bash", process: 900, holding: ["/dev/pts/3"])
    }

    @Test func `is the program that has it open`() {
        let holders = PortHolders(root: machine.path).holding("/dev/ttyUSB0")
        #expect(holders.map(\.program) == ["titiand"])
        #expect(holders.map(\.process) == [812])
    }

    @Test func `is nobody where nobody has it open`() {
        #expect(PortHolders(root: machine.path).holding("/dev/ttyUSB1") == [])
    }

    @Test func `may stand in a lock file of the older kind, if that program still runs`() throws {
        try machine.write("run/lock/LCK..ttyUSB1", "       900")
        try machine.write("run/lock/LCK..ttyUSB2", "       901")
        let holders = PortHolders(root: machine.path)
        #expect(holders.holding("/dev/ttyUSB1").map(\.program) == ["bash"])
        #expect(holders.holding("/dev/ttyUSB2") == [])
    }

    @Test
    func `keeps others off it, as the console of the machine does, and a stale lock file does not`()
        throws
    {
        try machine.write("sys/class/tty/console/active", "tty0 ttyS0")
        try machine.write("run/lock/LCK..ttyUSB1", "       900")
        let holders = PortHolders(root: machine.path)
        #expect(holders.isInUse("/dev/ttyUSB0"))
        #expect(holders.isInUse("/dev/ttyS0"))
        #expect(!holders.isInUse("/dev/ttyS1"))
        #expect(!holders.isInUse("/dev/ttyUSB1"))
    }

    @Test func `may be one of the programs that take ports which are not theirs`() {
        let running = PortHolders(root: machine.path).running()
        #expect(running.map(\.program) == ["ModemManager"])
    }
}
