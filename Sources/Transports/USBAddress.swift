import Attendance

/// A terminal on a USB cable without a serial port: which device, and where on it the bytes flow.
///
/// ```
/// usb://1b55:b400    usb://1b55:b400?serial=A1&interface=1&in=82&out=01
/// ```
public struct USBAddress: Hashable, Sendable {
    public let vendor: UInt16
    public let product: UInt16
    /// Which of several devices with the same numbers; nil takes the first that is free.
    public var serial: String?
    /// The number of the interface; nil chooses, see `USBLayout`.
    public var interface: UInt8?
    /// The endpoint that gives bytes, 0x81 to 0x8F; nil for the only one there is.
    public var incoming: UInt8?
    /// The endpoint that takes bytes, 0x01 to 0x0F; nil for the only one there is.
    public var outgoing: UInt8?
    /// What a CDC-ACM device is told of the serial line behind it; others are not told.
    public var settings = SerialSettings()

    public init(vendor: UInt16, product: UInt16) {
        self.vendor = vendor
        self.product = product
    }

    /// `1b55:b400`, as `lsusb` prints it.
    public var numbers: String { "\(SerialPorts.hex(vendor)):\(SerialPorts.hex(product))" }
}

extension USBAddress: CustomStringConvertible {
    /// As it stands in a link; what is chosen by itself is left out.
    public var description: String {
        let defaults = SerialSettings()
        let options: [(String, String?)] = [
            ("serial", serial.map(Self.escaped)),
            ("interface", interface.map { String($0) }),
            ("in", incoming.map(Self.endpoint)),
            ("out", outgoing.map(Self.endpoint)),
            ("baud", settings.baud == defaults.baud ? nil : "\(settings.baud)"),
            ("format", settings.format == defaults.format ? nil : "\(settings.format)"),
        ]
        let written = options.compactMap { name, value in value.map { "\(name)=\($0)" } }
        let query = written.joined(separator: "&")
        return query.isEmpty ? "usb://\(numbers)" : "usb://\(numbers)?\(query)"
    }

    private static func endpoint(_ number: UInt8) -> String { [number].hex }

    /// Letters, digits and a few marks stand for themselves, the rest as `%20`.
    static func escaped(_ serial: String) -> String {
        serial.utf8.reduce(into: "") { text, byte in
            let character = Character(Unicode.Scalar(byte))
            let isPlain =
                character.isASCII
                && (character.isLetter || character.isNumber || "-._~:/".contains(character))
            text += isPlain ? String(character) : "%" + [byte].hex.uppercased()
        }
    }

    /// Two hexadecimal digits.
    static func byte(_ digits: String) -> UInt8? {
        digits.utf8.count == 2 ? [UInt8](hex: digits)?.first : nil
    }

    /// - Returns: nil if a `%` is not followed by two hexadecimal digits, or it is no UTF-8.
    static func unescaped(_ text: String) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            guard let value = Self.byte(digits) else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

extension AddressParts {
    func usbAddress() throws(InvalidValue) -> USBAddress {
        guard let vendor = Self.number16(host), let product = portText.flatMap(Self.number16) else {
            throw InvalidValue(
                text, rule: "a usb link names vendor and product as lsusb does: usb://1b55:b400")
        }
        var address = USBAddress(vendor: vendor, product: product)
        address.settings = try serialSettings()
        if let value = option("serial") {
            guard let serial = USBAddress.unescaped(value) else {
                throw InvalidValue(text, rule: "a serial number is written plainly, or with %20")
            }
            address.serial = serial
        }
        if let value = option("interface") {
            guard let number = number(value), let interface = UInt8(exactly: number) else {
                throw InvalidValue(text, rule: "an interface is a number from 0 to 255")
            }
            address.interface = interface
        }
        address.incoming = try endpoint("in", 0x81...0x8F)
        address.outgoing = try endpoint("out", 0x01...0x0F)
        return address
    }

    private func endpoint(
        _ name: String, _ range: ClosedRange<UInt8>
    ) throws(InvalidValue) -> UInt8? {
        guard let value = option(name) else { return nil }
        guard let number = USBAddress.byte(value), range.contains(number) else {
            throw InvalidValue(
                text, rule: "an endpoint has two hexadecimal digits: in=81 to 8f, out=01 to 0f")
        }
        return number
    }

    private static func number16(_ digits: String) -> UInt16? {
        guard digits.utf8.count == 4, digits.allSatisfy({ $0.isHexDigit }) else { return nil }
        return UInt16(digits, radix: 16)
    }
}
