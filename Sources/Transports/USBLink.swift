import Synchronization
import TerminalKit

/// A line over the bulk endpoints of a USB device: a stream, like a serial port.
///
/// Facts and their sources: docs/reference/protocols/serial-lines.md, "A terminal on a USB cable".
final class USBLink: Link {
    /// The kernel's own limit for one piece of a bulk transfer.
    private static let longestWrite = 16_384
    private static let writeLimit = Duration.seconds(20)
    private static let requestLimit = Duration.seconds(2)
    /// A close that the kernel does not finish must not hold up the end of the daemon.
    private static let closeLimit = Duration.seconds(2)

    private let device: USBDevice
    private let waiter: Waiter
    /// What came with a transfer that was cancelled: no byte that has left the device is lost.
    private let early = Mutex<[UInt8]>([])

    private init(_ device: USBDevice, _ waiter: Waiter) {
        self.device = device
        self.waiter = waiter
    }

    /// Opens and claims the device, and makes a CDC-ACM one ready.
    static func open(_ address: USBAddress, _ waiter: Waiter) async throws(LinkError) -> USBLink {
        let device = try await waiter.perform { (_: Cancellation) throws(LinkError) in
            try USBDevice.open(address)
        }
        let link = USBLink(device, waiter)
        do {
            try await link.prepare(address)
            return link
        } catch {
            await link.close()
            throw error
        }
    }

    var isDatagram: Bool { false }

    func send(_ bytes: [UInt8]) async throws(LinkError) {
        let deadline = ContinuousClock.now + Self.writeLimit
        var rest = bytes[...]
        var isSecondTry = false
        while !rest.isEmpty {
            let left = max(.zero, ContinuousClock.now.duration(to: deadline))
            let piece = Array(rest.prefix(Self.longestWrite))
            let outcome = try await transfer(device.pipe.outgoing, piece, within: left).outcome
            rest = rest.dropFirst(outcome.count)
            switch outcome.ending {
            case .completed, .timedOut:
                guard rest.isEmpty || ContinuousClock.now < deadline else {
                    throw .silent(after: Self.writeLimit)
                }
            case .stalled where !isSecondTry:
                isSecondTry = true
                try await clearHalt(of: device.pipe.outgoing)
            default:
                throw await failure(outcome.ending)
            }
        }
    }

    func receive(within limit: Duration) async throws(LinkError) -> [UInt8] {
        if let bytes = takeEarly() { return bytes }
        let deadline = ContinuousClock.now + limit
        // One packet, so that a full one is handed over at once: a device need not say that
        // nothing follows it.
        let room = [UInt8](repeating: 0, count: device.pipe.packet)
        var isSecondTry = false
        while true {
            let left = max(.zero, ContinuousClock.now.duration(to: deadline))
            let (outcome, bytes) = try await transfer(device.pipe.incoming, room, within: left)
            if outcome.ending == .cancelled {
                early.withLock { $0 += bytes }
            } else if !bytes.isEmpty {
                return bytes
            }
            switch outcome.ending {
            case .completed where ContinuousClock.now < deadline:
                continue  // an empty packet says nothing
            case .completed, .timedOut:
                throw .silent(after: limit)
            case .stalled where !isSecondTry:
                isSecondTry = true
                try await clearHalt(of: device.pipe.incoming)
            default:
                throw await failure(outcome.ending)
            }
        }
    }

    func close() async {
        await waiter.finish(within: Self.closeLimit) { [device] in device.close() }
    }

    private func takeEarly() -> [UInt8]? {
        early.withLock { early in
            defer { early = [] }
            return early.isEmpty ? nil : early
        }
    }

    private func transfer(
        _ endpoint: UInt8, _ bytes: [UInt8], within limit: Duration
    ) async throws(LinkError) -> (outcome: USBTransfer.Outcome, bytes: [UInt8]) {
        let transfer = try device.transfer(endpoint, bytes, within: limit)
        let outcome = await transfer.run()
        return (outcome, transfer.bytes(outcome.count))
    }

    private func clearHalt(of endpoint: UInt8) async throws(LinkError) {
        do {
            try await waiter.perform { [device] _ throws(LinkError) in
                try device.clearHalt(of: endpoint)
            }
        } catch {
            if error != .cancelled { await close() }
            throw error
        }
    }

    /// A device that is gone is closed at once, or it comes back under another number.
    private func failure(_ ending: USBTransfer.Ending) async -> LinkError {
        if ending == .cancelled, Task.isCancelled { return .cancelled }
        await close()
        switch ending {
        case .gone(let reason): return .closed(reason: reason)
        case .stalled: return .closed(reason: "endpoint halted again")
        default: return .closed(reason: "transfer ended")
        }
    }

    // MARK: CDC-ACM

    /// Many such devices have no serial line behind them and refuse its settings; that matters
    /// only where somebody has asked for others than the usual ones.
    private func prepare(_ address: USBAddress) async throws(LinkError) {
        guard let control = device.pipe.control else { return }
        let isTaken = try await self.isTaken(.lineCoding(address.settings), by: control)
        guard isTaken || address.settings == SerialSettings() else {
            throw .unsettable(path: "\(address)", setting: "\(address.settings)")
        }
        _ = try await self.isTaken(.ready, by: control)
    }

    private func isTaken(
        _ request: CDCRequest, by interface: UInt8
    ) async throws(LinkError) -> Bool {
        let setup: [UInt8] = [
            CDCRequest.requestType, request.request,
            UInt8(truncatingIfNeeded: request.value), UInt8(truncatingIfNeeded: request.value >> 8),
            interface, 0, UInt8(request.data.count), 0,
        ]
        let ending = try await transfer(0, setup + request.data, within: Self.requestLimit)
            .outcome.ending
        switch ending {
        case .completed: return true
        case .stalled, .timedOut: return false
        default: throw await failure(ending)
        }
    }
}
