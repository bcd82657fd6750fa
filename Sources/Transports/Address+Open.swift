public import TerminalKit

extension Address {
    /// Opens the line. A serial line that is open already refuses a second opener.
    ///
    /// - Parameter limit: How long to look up the name and to connect.
    /// - Throws: `LinkError` naming what is in the way, or `cancelled`.
    public func open(within limit: Duration) async throws(LinkError) -> any Link {
        let waiter = Waiter(label: lineName)
        switch line {
        case .serial(let path, let settings):
            let file = try await waiter.perform { (_: Cancellation) throws(LinkError) in
                try SerialPort.open(path, settings)
            }
            return StreamLink(file, waiter: waiter, closedReason: "unplugged")
        case .usb(let address):
            return try await USBLink.open(address, waiter)
        case .tcp(let host, let port):
            let file = try await waiter.perform { (cancellation: Cancellation) throws(LinkError) in
                try Socket.connectTCP(host, port, within: limit, cancellation)
            }
            return StreamLink(file, waiter: waiter, closedReason: "end of stream")
        case .udp(let host, let port):
            let file = try await waiter.perform { (_: Cancellation) throws(LinkError) in
                try Socket.connectUDP(host, port)
            }
            return DatagramLink(file, waiter: waiter)
        }
    }
}
