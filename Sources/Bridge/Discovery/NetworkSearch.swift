public import Attendance
public import TerminalKit
import Transports

/// Looks for terminals in a range of addresses.
///
/// Politely: each address is connected to once a port, a port that takes the connection hears its
/// make's greeting and good-bye (a K40 restarts when a connection is dropped without), and where
/// a terminal was found the other ports are left alone.
///
/// Source: docs/reference/protocols/zkteco.md, anviz.md and soyal.md, "Ports".
public struct NetworkSearch: Sendable {
    /// What a search tells while it runs.
    public enum Event: Sendable {
        case terminal(FoundTerminal)
        /// Somebody listens on a terminal's port and is none that is known.
        case stranger(host: String, port: Int, Problem)
        /// So many of so many questions are done.
        case progress(done: Int, of: Int)
    }

    /// Terminals spoken with at the same time.
    private static let atOnce = 8
    private static let datagramsAtOnce = 32

    /// How long a connection is listened to, and an address that a datagram was sent to.
    var limits = ShortLink.Limits()
    var datagramLimits = Self.usualDatagramLimits

    private let hosts: [String]
    private let zone: Zone
    private let now: @Sendable () -> UTCTime

    /// - Parameters:
    ///   - hosts: IPv4 addresses; those that the daemon reads now are left out by the caller.
    ///   - zone: The office's zone, for the clocks' offsets.
    ///   - now: The host's clock.
    public init(
        _ hosts: [String], zone: Zone, now: @escaping @Sendable () -> UTCTime = Host.system.now
    ) {
        self.hosts = hosts
        self.zone = zone
        self.now = now
    }

    /// - Throws: `LinkError` only if no socket can be made at all, or the task was cancelled.
    public func run(_ tell: @escaping @Sendable (Event) -> Void) async throws(LinkError) {
        let ports = KnownDrivers.searchedPorts
        let datagrams = KnownDrivers.searchedDatagrams
        let total = hosts.count * (ports.count + datagrams.count)
        var done = 0
        var heard: Set<String> = []
        for (port, make) in ports {
            let rest = hosts.filter { !heard.contains($0) }
            done += hosts.count - rest.count
            let met = try await sweep(rest, port, make, tell) { count in
                done += count
                tell(.progress(done: done, of: total))
            }
            heard.formUnion(met)
        }
        for (port, make) in datagrams {
            let rest = hosts.filter { !heard.contains($0) }
            done += hosts.count - rest.count
            await sendDatagrams(to: rest, port, make, tell) {
                done += 1
                tell(.progress(done: done, of: total))
            }
        }
        if Task.isCancelled { throw .cancelled }
    }

    // MARK: Streams

    /// - Returns: The hosts that took the connection.
    private func sweep(
        _ hosts: [String], _ port: Int, _ make: String, _ tell: @escaping @Sendable (Event) -> Void,
        done: (Int) -> Void
    ) async throws(LinkError) -> Set<String> {
        var met: Set<String> = []
        var open: [(host: String, link: any Link)] = []
        try await Sweep(hosts, port: port).run(done: { count in
            // Whoever took a connection is spoken to at once, before the next round.
            await speak(with: open, port, make, tell)
            open = []
            done(count)
        }) { host, link in
            met.insert(host)
            open.append((host, link))
        }
        return met
    }

    private func speak(
        with open: [(host: String, link: any Link)], _ port: Int, _ make: String,
        _ tell: @escaping @Sendable (Event) -> Void
    ) async {
        // Who only answers to a number is asked by the one that controllers leave the factory with.
        let station = KnownDrivers.tellsWhoItIs(make) ? "" : "?station=1"
        await inParallel(open, atOnce: Self.atOnce) { host, link in
            let address = "tcp://\(host):\(port)\(station)"
            guard let asking = asking(address, make, limits) else {
                return await link.close()
            }
            self.tell(await asking.ask(over: link), host, port, tell)
        }
    }

    // MARK: Datagrams

    private func sendDatagrams(
        to hosts: [String], _ port: Int, _ make: String,
        _ tell: @escaping @Sendable (Event) -> Void,
        done: () -> Void
    ) async {
        var rest = hosts[...]
        while !rest.isEmpty, !Task.isCancelled {
            let round = Array(rest.prefix(Self.datagramsAtOnce))
            rest = rest.dropFirst(round.count)
            await inParallel(round, atOnce: Self.datagramsAtOnce) { host in
                guard let asking = asking("udp://\(host):\(port)", make, datagramLimits),
                    let link = try? await asking.address.open(within: .seconds(1))
                else { return }
                self.tell(await asking.ask(over: link), host, port, tell)
            }
            for _ in round { done() }
        }
    }

    private static var usualDatagramLimits: ShortLink.Limits {
        var limits = ShortLink.Limits()
        limits.answer = .milliseconds(700)
        limits.silences = 1
        return limits
    }

    // MARK: Both

    private func asking(
        _ link: String, _ make: String, _ limits: ShortLink.Limits
    ) -> Asking? {
        (try? Address(link)).map {
            Asking(make: make, address: $0, limits: limits, zone: zone, now: now)
        }
    }

    private func tell(
        _ outcome: Asking.Outcome, _ host: String, _ port: Int,
        _ tell: @escaping @Sendable (Event) -> Void
    ) {
        switch outcome {
        case .terminal(let found): tell(.terminal(found))
        case .other(let problem, _): tell(.stranger(host: host, port: port, problem))
        case .nobody: break
        }
    }

    private func inParallel<Item: Sendable>(
        _ items: [Item], atOnce: Int, _ work: @Sendable @escaping (Item) async -> Void
    ) async {
        await withTaskGroup(of: Void.self) { group in
            for (index, item) in items.enumerated() {
                if index >= atOnce { await group.next() }
                group.addTask { await work(item) }
            }
        }
    }
}
