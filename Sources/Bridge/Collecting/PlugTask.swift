public import ServiceLifecycle
import Transports

/// Listens for cables that are plugged in or pulled out, until the daemon stops.
public struct PlugTask: Service {
    private let watch: PlugWatch

    /// - Returns: nil if no line of the configuration has a cable that Linux reports.
    init?(for configuration: Configuration, ringing bell: PlugBell) {
        let addresses = configuration.terminals.map(\.address).filter(\.isPlugged)
        guard !addresses.isEmpty else { return nil }
        watch = PlugWatch(ringing: bell, hasUSB: addresses.contains(where: \.isUSB))
    }

    public func run() async {
        await cancelWhenGracefulShutdown { [watch] in await watch.run() }
    }
}
