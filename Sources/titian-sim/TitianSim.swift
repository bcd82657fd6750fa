import ArgumentParser
import Attendance
import Dispatch
import Glibc
import Simulator

@main
struct TitianSim: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "titian-sim",
        abstract: "A fingerprint terminal that does not exist, for training and tests.",
        discussion: """
            Terminal absensi tiruan untuk latihan dan uji. Examples:

              titian-sim zkteco --listen tcp:127.0.0.1:4370 --records 200 --live 1
              titian-sim anviz --listen pty:/tmp/ttyANVIZ --records 100 --control 127.0.0.1:4371
            """,
        version: TitianVersion.current)

    enum Make: String, ExpressibleByArgument, CaseIterable {
        case zkteco, anviz

        var serialNumber: String { self == .zkteco ? "BWXP20126001" : "3005000012345678" }
    }

    @Argument(help: "zkteco or anviz.")
    var make: Make

    @Option(
        help: "Where to listen: tcp:HOST:PORT, udp:HOST:PORT or pty:PATH. May be given again.",
        transform: { try ListenAddress($0) })
    var listen: [ListenAddress]

    @Option(help: "Punches in the log at the start.")
    var records = 100

    @Option(help: "People in the user table.")
    var users = 20

    @Option(help: "The same seed gives the same people and the same log.")
    var seed: UInt64 = 1

    @Option(help: "Serial number of the terminal.")
    var serialNumber: String?

    @Option(help: "Punches a second that happen by themselves.")
    var live = 0.0

    @Option(help: "Communication key (zkteco); 0 for none.")
    var commKey: UInt32 = 0

    @Option(help: "Bytes in a log record (zkteco): 8, 16, 22, 40 or 49.")
    var recordSize = 40

    @Option(help: "Number of the terminal on its line (anviz).")
    var deviceNumber: UInt32 = 1

    @Option(help: "Zone of the terminal's clock.", transform: { try Zone($0) })
    var timezone = Zone.wita

    @Option(help: "HOST:PORT of the control port: one JSON object a line.")
    var control: String?

    @Option(help: "What the terminal does wrong, such as silence or lose-datagram.")
    var fault: [String] = []

    func validate() throws {
        guard [8, 16, 22, 40, 49].contains(recordSize) else {
            throw ValidationError("a record has 8, 16, 22, 40 or 49 bytes")
        }
        guard records >= 0, (1...10_000).contains(users) else {
            throw ValidationError("there are 0 or more records and 1 to 10,000 users")
        }
        for name in fault where Fault.Name(rawValue: name) == nil {
            let names = Fault.Name.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("there is no fault '\(name)'; there are: \(names)")
        }
    }

    func run() throws {
        var settings = SimulatorSettings(serialNumber: serialNumber ?? make.serialNumber)
        settings.records = records
        settings.users = users
        settings.seed = seed
        settings.live = live
        settings.commKey = commKey
        settings.recordSize = recordSize
        settings.deviceNumber = deviceNumber
        settings.zone = timezone
        settings.faults = fault.compactMap { Fault.Name(rawValue: $0) }.map(Fault.init)
        let simulation = try Simulation(
            make: make.rawValue, settings: settings, listen: listen, control: control)
        let signals = [SIGTERM, SIGINT].map { (number: Int32) -> any DispatchSourceSignal in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { @Sendable in
                simulation.end()
                Glibc.exit(0)
            }
            source.activate()
            return source
        }
        print(simulation.readyLine)
        fflush(nil)
        withExtendedLifetime(signals) { dispatchMain() }
    }
}
