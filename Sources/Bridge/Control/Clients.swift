import Glibc

/// The clients of a control socket: what they have sent so far and what waits to be sent to them.
///
/// Belongs to the thread of a ``SocketLoop``.
struct Clients {
    private struct Client {
        let number: UInt64
        var received: [UInt8] = []
        var outgoing: ArraySlice<UInt8> = []
    }

    private var clients: [Int32: Client] = [:]
    private var lastNumber: UInt64 = 0

    /// What the kernel is to watch.
    var polled: [pollfd] {
        clients.map { file, client in
            let events = client.outgoing.isEmpty ? POLLIN : POLLIN | POLLOUT
            return pollfd(fd: file, events: Int16(events), revents: 0)
        }
    }

    mutating func accept(from listener: Int32) {
        while true {
            let file = Glibc.accept(listener, nil, nil)
            guard file >= 0 else { return }
            setUpForPolling(file)
            guard clients.count < SocketLoop.mostClients else {
                close(file)
                continue
            }
            lastNumber += 1
            clients[file] = Client(number: lastNumber)
        }
    }

    /// Takes what is there from a client and sends it what waits.
    ///
    /// - Returns: The whole lines that came.
    mutating func serve(_ file: Int32, _ events: Int16) -> [SocketLoop.Request] {
        guard clients[file] != nil else { return [] }
        if events & Int16(POLLOUT) != 0 { flush(file) }
        guard events & Int16(POLLIN | POLLHUP | POLLERR) != 0 else { return [] }
        var page = [UInt8](repeating: 0, count: 16_384)
        let count = recv(file, &page, page.count, 0)
        if count < 0, errno == EAGAIN || errno == EINTR { return [] }
        guard count > 0 else {
            drop(file)
            return []
        }
        return lines(page.prefix(count), from: file)
    }

    mutating func queue(_ bytes: [UInt8], for number: UInt64) {
        guard let file = clients.first(where: { $0.value.number == number })?.key else { return }
        clients[file]?.outgoing += bytes
        flush(file)
    }

    mutating func closeAll() {
        for file in clients.keys { close(file) }
        clients = [:]
    }

    private mutating func lines(
        _ bytes: ArraySlice<UInt8>, from file: Int32
    ) -> [SocketLoop.Request] {
        guard var client = clients[file] else { return [] }
        client.received += bytes
        var requests: [SocketLoop.Request] = []
        while let end = client.received.firstIndex(of: UInt8(ascii: "\n")) {
            requests.append(
                SocketLoop.Request(client: client.number, line: Array(client.received[..<end])))
            client.received.removeFirst(end + 1)
        }
        clients[file] = client
        if client.received.count > SocketLoop.longestLine { drop(file) }
        return requests
    }

    private mutating func flush(_ file: Int32) {
        while let rest = clients[file]?.outgoing, !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                send(file, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return }
            guard count > 0 else { return drop(file) }
            clients[file]?.outgoing.removeFirst(count)
        }
    }

    private mutating func drop(_ file: Int32) {
        close(file)
        clients[file] = nil
    }
}
