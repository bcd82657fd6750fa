import CTermios
import Glibc
import Synchronization
import TerminalKit

/// Rung when a device is plugged in or pulled out; whoever waits for a port tries it at once.
///
/// Rings are counted, so one that comes while nobody waits is not missed: whoever has seen `n`
/// waits for the next one after `n`.
public final class PlugBell: Sendable {
    private struct State {
        var rings = 0
        var nextWaiter = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    public init() {}

    /// How often it has been rung.
    public var rings: Int { state.withLock { $0.rings } }

    /// Whether anybody waits for a port just now.
    public var isAwaited: Bool { state.withLock { !$0.waiters.isEmpty } }

    public func ring() {
        let waiters = state.withLock { state in
            state.rings += 1
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Waits for a ring after the first `seen`, or until the task is cancelled.
    public func wait(after seen: Int) async {
        let number = state.withLock { state in
            defer { state.nextWaiter += 1 }
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDue = state.withLock { state in
                    if state.rings > seen || Task.isCancelled { return true }
                    state.waiters[number] = continuation
                    return false
                }
                if isDue { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
        }
    }
}

/// Rings a ``PlugBell`` whenever a serial port or a USB device comes or goes.
///
/// The kernel and udev tell it on a netlink socket. Where that is not allowed, and in containers
/// where it stays silent, the device folders are compared while somebody waits for a port.
public struct PlugWatch: Sendable {
    private static let longestMessage = 8_192

    private let bell: PlugBell
    private let tree: FileTree
    private let rescan: Duration
    /// What was there before anybody could wait.
    private let names: [String]

    /// - Parameters:
    ///   - bell: What is rung.
    ///   - root: Where `/dev` is; another folder in tests.
    ///   - rescan: How often folders are compared while somebody waits.
    ///   - hasUSB: Whether a usb:// line is configured: then libusb is asked too, once it has begun.
    public init(
        ringing bell: PlugBell, root: String = "/", rescan: Duration = .seconds(3),
        hasUSB: Bool = false
    ) {
        self.bell = bell
        tree = FileTree(root: root)
        self.rescan = rescan
        names = Self.names(in: tree)
        if hasUSB { USBContext.onPlug { bell.ring() } }
    }

    /// Watches until the task is cancelled.
    public func run() async {
        let waiter = Waiter(label: "plugs")
        let number = titian_open_uevents()
        let socket = number >= 0 ? OpenFile(number) : nil
        defer { socket?.close() }
        var before = names
        while !Task.isCancelled {
            do {
                let isNews = try await waiter.perform { [rescan] cancellation throws(LinkError) in
                    try Self.isNews(on: socket, within: rescan, cancellation)
                }
                guard !isNews else {
                    bell.ring()
                    continue
                }
            } catch {
                return  // cancelled
            }
            guard bell.isAwaited else { continue }
            let now = Self.names(in: tree)
            if now != before { bell.ring() }
            before = now
        }
    }

    /// - Returns: Whether something came or went; false when it is time to compare.
    private static func isNews(
        on socket: OpenFile?, within rescan: Duration, _ cancellation: Cancellation
    ) throws(LinkError) -> Bool {
        let deadline = ContinuousClock.now + rescan
        guard let socket else {
            try cancellation.rest(until: deadline)
            return false
        }
        do {
            let message = try socket.read(
                atMost: longestMessage, until: deadline, limit: rescan, cancellation)
            return UEvent(message)?.isAboutLines ?? false
        } catch .cancelled {
            throw .cancelled
        } catch .silent {
            return false
        } catch {
            // Messages were lost (ENOBUFS): anything may have happened. The next read waits again.
            try cancellation.rest(until: min(deadline, .now + .seconds(1)))
            return true
        }
    }

    /// The names under which ports and devices stand.
    private static func names(in tree: FileTree) -> [String] {
        let buses = tree.names(in: "/dev/bus/usb").flatMap { tree.names(in: "/dev/bus/usb/\($0)") }
        let names = ["ttyUSB", "ttyACM", "ttyCH", "ttyXR"]
        let ports = tree.names(in: "/dev").filter { port in names.contains { port.hasPrefix($0) } }
        return buses + ports
            + ["by-id", "by-path"].flatMap { tree.names(in: "/dev/serial/\($0)") }
    }
}
