/// The chips that make a serial port of a USB socket, as the field calls them.
///
/// An adapter names the cable, never the terminal behind it. Source of the numbers:
/// docs/reference/protocols/serial-lines.md, "USB adapters".
public enum AdapterFamily: String, Hashable, Sendable, CaseIterable {
    case ftdi = "FTDI"
    case ch340 = "CH340"
    case cp210x = "CP210x"
    case pl2303 = "PL2303"
    case exar = "Exar XR21V"
    case moxa = "Moxa UPort"
    case fintek = "Fintek F81232"
    case cdcACM = "CDC-ACM"
    /// A port of the machine itself.
    case uart = "UART"
    case other = "USB-serial"

    /// - Parameter driver: The kernel's driver of the port.
    init(driver: String?, vendor: UInt16?) {
        switch driver {
        case "ftdi_sio": self = .ftdi
        case "ch341", "ch341-uart", "usb_ch343", "ch34x": self = .ch340
        case "cp210x": self = .cp210x
        case "pl2303": self = .pl2303
        case "xr_serial", "cdc_xr_usb_serial", "xr_usb_serial_common": self = .exar
        case "mxuport": self = .moxa
        case "f81232", "f81534a_serial": self = .fintek
        case "cdc_acm": self = vendor == 0x1A86 ? .ch340 : .cdcACM
        default: self = .other
        }
    }

    /// The chip, as far as the numbers tell: `FTDI FT232R`, `CH340`.
    static func words(_ family: AdapterFamily, vendor: UInt16?, product: UInt16?) -> String {
        guard let vendor, let product else { return family.rawValue }
        return chips[UInt32(vendor) << 16 | UInt32(product)] ?? family.rawValue
    }

    private static let chips: [UInt32: String] = [
        0x0403_6001: "FTDI FT232R", 0x0403_6010: "FTDI FT2232", 0x0403_6011: "FTDI FT4232",
        0x0403_6014: "FTDI FT232H", 0x0403_6015: "FTDI FT-X",
        0x1A86_7523: "CH340", 0x1A86_7522: "CH340", 0x1A86_5523: "CH341", 0x4348_5523: "CH341",
        0x1A86_55D3: "CH343", 0x1A86_55D4: "CH9102",
        0x10C4_EA60: "CP2102/CP2104", 0x10C4_EA70: "CP2105", 0x10C4_EA71: "CP2108",
        0x067B_2303: "PL2303", 0x067B_2304: "PL2303", 0x067B_23A3: "PL2303G",
        0x067B_23C3: "PL2303G", 0x0557_2008: "ATEN UC-232A (PL2303)",
    ]

    /// Serial numbers with which a chip leaves its factory: they tell no two adapters apart.
    static let dummySerials: Set<String> = [
        "0001", "0", "00000000", "0000", "1", "123456", "12345678", "A", "Serial",
    ]
}
