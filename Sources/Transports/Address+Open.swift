public import TerminalKit

extension Address {
    /// Opens the line. A serial line that is open already refuses a second opener.
    ///
    /// Where terminals dial in, this waits for the first that does; the bridge, which may expect
    /// several, has a ``Listener`` of its own.
    ///
    /// - Parameter limit: How long to look up the name and to connect, or to wait for a caller.
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
                try Socket.connectTCP(
                    host, port, segment: maximumSegment, within: limit, cancellation)
            }
            return StreamLink(file, waiter: waiter, closedReason: "end of stream")
        case .udp(let host, let port):
            let file = try await waiter.perform { (_: Cancellation) throws(LinkError) in
                try Socket.connectUDP(host, port)
            }
            return DatagramLink(file, waiter: waiter)
        case .listen(let host, let port):
            return try await firstCaller(host, port, within: limit)
        case .http:
            return HTTPLink(lineName, waiter: waiter)
        }
    }

    private func firstCaller(
        _ host: String, _ port: Int, within limit: Duration
    ) async throws(LinkError) -> any Link {
        let listener = try await Listener.open(host: host, port: port)
        defer { listener.close() }
        let caller = await withTaskGroup(of: Result<any Link, LinkError>.self) { group in
            group.addTask {
                do throws(LinkError) {
                    return .success(try await listener.accept().link)
                } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                try? await Task.sleep(for: limit)
                return .failure(.notCalled(address: self.lineName))
            }
            defer { group.cancelAll() }
            return await group.next() ?? .failure(.cancelled)
        }
        guard !Task.isCancelled else { throw .cancelled }
        return try caller.get()
    }
}
