import TerminalKit

/// What a USB device says of itself: its interfaces and their endpoints, as plain values.
struct USBLayout: Hashable, Sendable {
    struct Endpoint: Hashable, Sendable {
        /// Bit 7 is set on those that give bytes.
        let number: UInt8
        let isBulk: Bool
        /// Bytes.
        let packet: Int

        var isIncoming: Bool { number & 0x80 != 0 }
    }

    struct Interface: Hashable, Sendable {
        let number: UInt8
        /// Class numbers: USB-IF, "Defined Class Codes".
        let kind: UInt8
        let subkind: UInt8
        let endpoints: [Endpoint]
    }

    /// Where the bytes flow.
    struct Pipe: Hashable, Sendable {
        let interface: UInt8
        let incoming: UInt8
        /// The size of a packet of ``incoming``: whatever is read into must be a multiple.
        let packet: Int
        let outgoing: UInt8
        /// The interface that takes CDC-ACM requests; nil if the device is no such one.
        let control: UInt8?
    }

    static let communications: UInt8 = 0x02
    static let abstractControl: UInt8 = 0x02
    static let communicationsData: UInt8 = 0x0A
    static let vendorSpecific: UInt8 = 0xFF

    /// In the order of the descriptors, without alternate settings.
    let interfaces: [Interface]

    /// The interface that the address names, else the first of a vendor's own class or of CDC
    /// data; never a disk, a keyboard or a camera unasked. It must leave no choice of endpoints.
    ///
    /// - Returns: The name of the option that does not fit, where there is no such pipe.
    func pipe(for address: USBAddress) -> Result<Pipe, Misfit> {
        let candidates = interfaces.filter { interface in
            if let wanted = address.interface { return interface.number == wanted }
            return [Self.communicationsData, Self.vendorSpecific].contains(interface.kind)
        }
        for interface in candidates {
            guard
                let incoming = Self.only(
                    address.incoming, interface.endpoints.filter(\.isIncoming)),
                let outgoing = Self.only(
                    address.outgoing, interface.endpoints.filter { !$0.isIncoming })
            else { continue }
            return .success(
                Pipe(
                    interface: interface.number, incoming: incoming.number,
                    packet: incoming.packet, outgoing: outgoing.number,
                    control: controlInterface(of: interface)))
        }
        let isThere = address.interface == nil || !candidates.isEmpty
        return .failure(Misfit(option: isThere ? "in, out" : "interface"))
    }

    struct Misfit: Error, Hashable {
        let option: String
    }

    /// The endpoint that is asked for, else the only bulk one; an endpoint of no size carries
    /// nothing.
    private static func only(_ wanted: UInt8?, _ endpoints: [Endpoint]) -> Endpoint? {
        let bulk = endpoints.filter { $0.isBulk && $0.packet > 0 }
        guard let wanted else { return bulk.count == 1 ? bulk.first : nil }
        return bulk.first { $0.number == wanted }
    }

    /// A data interface stands behind the communications interface that it belongs to.
    private func controlInterface(of data: Interface) -> UInt8? {
        guard data.kind == Self.communicationsData else { return nil }
        let before = interfaces.prefix { $0.number != data.number }
        let isControl = { (interface: Interface) in
            interface.kind == Self.communications && interface.subkind == Self.abstractControl
        }
        return (before.last(where: isControl) ?? interfaces.first(where: isControl))?.number
    }
}

/// The requests of CDC-ACM that set a serial line (USB-IF, PSTN120, 6.3.10 to 6.3.12).
struct CDCRequest: Hashable, Sendable {
    let request: UInt8
    let value: UInt16
    let data: [UInt8]

    /// Class request to an interface, from the host.
    static let requestType: UInt8 = 0x21

    static func lineCoding(_ settings: SerialSettings) -> CDCRequest {
        let parity: UInt8 =
            switch settings.format.parity {
            case .none: 0
            case .odd: 1
            case .even: 2
            }
        let speed = (0..<4).map { UInt8(truncatingIfNeeded: settings.baud >> ($0 * 8)) }
        let stop: UInt8 = settings.format.stopBits == 2 ? 2 : 0
        return CDCRequest(
            request: 0x20, value: 0, data: speed + [stop, parity, UInt8(settings.format.dataBits)])
    }

    /// DTR and RTS on: somebody listens.
    static let ready = CDCRequest(request: 0x22, value: 0x0003, data: [])
}
