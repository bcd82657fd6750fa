import Attendance
import Central
import Glibc
internal import Hummingbird
internal import HummingbirdCore
internal import HummingbirdTLS
internal import Logging
internal import NIOCore
internal import ServiceLifecycle
internal import UnixSignals

extension Centre {
    /// Listens until SIGTERM or SIGINT.
    ///
    /// - Throws: ``ServerError`` if the port cannot be had or the keys cannot be used.
    public func serve() async throws {
        let logger = Self.logger
        let notifier = SystemdNotifier.ofThisProcess
        let console = try Console(
            central: central, pins: keys.pins, nextPins: try await pinsToAnnounce(), folder: folder)
        console.spool.sweep()
        console.door.know(
            try await central.bridges().filter { $0.revocation == nil }.map(\.id))
        let application = Application(
            router: console.router(),
            server: try .tls(
                .http1(configuration: HTTP1Channel.Configuration(idleTimeout: .seconds(75))),
                tlsConfiguration: keys.serverConfiguration()),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port)),
            onServerRunning: { channel in
                await announce(channel, logger)
                notifier.ready("listening")
            },
            logger: logger)
        let watched = SystemdService(
            notifier: notifier, central: central, loops: application.eventLoopGroup)
        do {
            try await Self.run([application, watched], logger)
        } catch is CancellationError {
            // The end of a graceful shutdown is no failure.
        } catch let error as IOError {
            throw ServerError.cannotListen(
                host: configuration.host, port: configuration.port,
                why: String(cString: strerror(error.errnoCode)))
        }
        logger.notice("stopped")
    }

    /// The pins every answer carries once the keys are not those of the beginning any more: a bridge
    /// that was enrolled before learns the new spare as soon as it calls.
    func pinsToAnnounce() async throws -> [String] {
        try await central.announce(keys.pins, by: Self.commandLine, at: Surroundings.host.now())
    }

    /// What is under way gets three seconds to end; a bridge that was cut off sends again.
    private static func run(_ services: [any Service], _ logger: Logger) async throws {
        var configuration = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(3)
        try await ServiceGroup(configuration: configuration).run()
    }

    private static var logger: Logger {
        var logger = Logger(label: "titian-server")
        logger.logLevel = .notice
        return logger
    }

    /// Writes where we listen: port 0 lets the system choose, and scripts have to know.
    private func announce(_ channel: any Channel, _ logger: Logger) async {
        let port = channel.localAddress?.port ?? configuration.port
        let url = Self.url(host: configuration.host, port: port)
        do {
            try folder.replace(Self.addressFile, url + "\n")
            logger.notice("listening", metadata: ["address": "\(url)", "data": "\(folder.path)"])
        } catch {
            logger.error("address not written", metadata: ["code": "\(error.problem.code)"])
        }
    }
}
