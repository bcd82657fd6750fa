import ArgumentParser
import Attendance
import Dispatch
import Glibc
import Simulator
import Speech

@main
struct TitianSim: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "titian-sim",
            abstract: say(
                id: "Mesin absensi yang tidak ada, untuk latihan dan uji.",
                en: "A terminal that does not exist, for training and tests."),
            discussion: """
                titian-sim zkteco --listen tcp:127.0.0.1:4370 --records 200 --live 1
                titian-sim anviz --listen pty:/tmp/ttyANVIZ --records 100 --control 127.0.0.1:4371
                titian-sim soyal --listen pty:/tmp/ttySOYAL --device-number 3
                """,
            version: TitianVersion.current)
    }

    enum Make: String, ExpressibleByArgument, CaseIterable {
        case zkteco, anviz, soyal

        var serialNumber: String {
            switch self {
            case .zkteco: "BWXP20126001"
            case .anviz: "3005000012345678"
            case .soyal: "821EF0001"
            }
        }
    }

    @Argument(help: help(id: "zkteco, anviz atau soyal.", en: "zkteco, anviz or soyal."))
    var make: Make

    @Option(
        help: help(
            id:
                "Tempat mendengar: tcp:HOST:PORT, udp:HOST:PORT atau pty:PATH; dial:HOST:PORT menyambung sendiri ke listen://. Boleh diulang.",
            en:
                "Where to listen: tcp:HOST:PORT, udp:HOST:PORT or pty:PATH; dial:HOST:PORT dials in at a listen://. May be given again."
        ),
        transform: { try ListenAddress($0) })
    var listen: [ListenAddress] = []

    @Option(
        help: help(
            id: "Mengirim sendiri (ADMS) ke http://HOST:PORT (zkteco).",
            en: "Sends by itself (ADMS) to http://HOST:PORT (zkteco)."),
        transform: { try PushAddress($0) })
    var push: PushAddress?

    @Option(help: help(id: "Rekaman dalam log saat mulai.", en: "Punches in the log at the start."))
    var records = 100

    @Option(
        help: help(
            id:
                "Rekaman yang muat dalam log; setelah penuh yang tertua ditimpa. Tanpa ini 50.000 (anviz), atau log hanya bertambah.",
            en:
                "Records the log has room for; in a full one the oldest is overwritten. Without it 50,000 (anviz), or the log only grows."
        ))
    var logSize: Int?

    @Option(help: help(id: "Orang dalam daftar pengguna.", en: "People in the user table."))
    var users = 20

    @Option(
        help: help(
            id: "Benih yang sama memberi orang dan log yang sama.",
            en: "The same seed gives the same people and the same log."))
    var seed: UInt64 = 1

    @Option(help: help(id: "Nomor seri mesin.", en: "Serial number of the terminal."))
    var serialNumber: String?

    @Option(
        help: help(
            id: "Rekaman per detik yang terjadi sendiri.",
            en: "Punches a second that happen by themselves."))
    var live = 0.0

    @Option(
        help: help(
            id: "Kunci komunikasi (zkteco) atau sandi sambungan (anviz); 0 bila tidak ada.",
            en: "Communication key (zkteco) or connection password (anviz); 0 for none."))
    var commKey: UInt32 = 0

    @Option(
        help: help(
            id: "Bita per rekaman log (zkteco): 8, 16, 22, 40 atau 49.",
            en: "Bytes in a log record (zkteco): 8, 16, 22, 40 or 49."))
    var recordSize = 40

    @Option(
        help: help(
            id: "Nomor mesin pada jalurnya (anviz, soyal).",
            en: "Number of the terminal on its line (anviz, soyal)."))
    var deviceNumber: UInt32 = 1

    @Option(
        help: help(
            id: "Beberapa mesin pada satu jalur (anviz), misalnya 1,2,3.",
            en: "Several terminals on one line (anviz), such as 1,2,3."),
        transform: { text in
            let numbers = text.split(separator: ",").map { UInt32($0) }
            guard !numbers.isEmpty, numbers.allSatisfy({ $0 != nil && $0 != 0 }) else {
                throw ValidationError("--stations 1,2,3")
            }
            return numbers.compactMap(\.self)
        })
    var stations: [[UInt32]] = []

    @Option(
        help: help(
            id: "Detik di antara dua tanda hidup mesin yang menyambung sendiri (anviz).",
            en: "Seconds between two signs of life of a terminal that dials in (anviz)."))
    var heartbeat = 300

    @Option(
        help: help(id: "Zona jam mesin.", en: "Zone of the terminal's clock."),
        transform: { try Zone($0) })
    var timezone = Zone.wita

    @Option(
        help: help(
            id: "HOST:PORT port kendali: satu objek JSON per baris.",
            en: "HOST:PORT of the control port: one JSON object a line."))
    var control: String?

    @Option(
        help: help(
            id: "Kesalahan yang dibuat mesin, misalnya silence atau lose-datagram. Boleh diulang.",
            en:
                "What the terminal does wrong, such as silence or lose-datagram. May be given again."
        ))
    var fault: [String] = []

    @Option(
        help: help(
            id: "Bahasa: id atau en. Tanpa ini, menurut LANG.",
            en: "Language: id or en. Without it, as LANG says."))
    var lang: Language?

    func validate() throws {
        guard [8, 16, 22, 40, 49].contains(recordSize) else {
            throw ValidationError("--record-size: 8, 16, 22, 40, 49")
        }
        guard (0...2_000_000).contains(records), (1...10_000).contains(users) else {
            throw ValidationError("--records: 0 … 2,000,000; --users: 1 … 10,000")
        }
        guard logSize.map({ $0 >= max(1, records) }) ?? true else {
            throw ValidationError("--log-size: --records …")
        }
        guard !listen.isEmpty || push != nil else {
            throw ValidationError("--listen tcp:HOST:PORT | udp:HOST:PORT | pty:PATH")
        }
        guard push == nil || make == .zkteco else { throw ValidationError("--push: zkteco") }
        let numbers = stations.flatMap(\.self)
        guard numbers.isEmpty || (make != .zkteco && Set(numbers).count == numbers.count) else {
            throw ValidationError("--stations 1,2,3: anviz, soyal")
        }
        guard (1...86_400).contains(heartbeat) else { throw ValidationError("--heartbeat: 1 …") }
        guard (0...10_000).contains(live) else { throw ValidationError("--live: 0 … 10,000") }
        guard make != .soyal || (1...254).contains(deviceNumber) else {
            throw ValidationError("--device-number: 1 … 254")
        }
        for name in fault where Fault.Name(rawValue: name) == nil {
            let names = Fault.Name.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--fault \(name)? \(names)")
        }
    }

    func run() throws {
        var settings = SimulatorSettings(serialNumber: serialNumber ?? make.serialNumber)
        settings.records = records
        settings.logSize = logSize
        settings.users = users
        settings.seed = seed
        settings.live = live
        settings.commKey = commKey
        settings.recordSize = recordSize
        settings.deviceNumber = deviceNumber
        settings.stations = stations.flatMap(\.self)
        settings.heartbeat = heartbeat
        settings.zone = timezone
        settings.faults = fault.compactMap { Fault.Name(rawValue: $0) }.map(Fault.init)
        let simulation: Simulation
        do {
            simulation = try Simulation(
                make: make.rawValue, settings: settings, listen: listen, control: control,
                push: push)
        } catch {
            let words = Problem(explaining: error).line(Speech.language) + "\n"
            _ = write(STDERR_FILENO, words, words.utf8.count)
            throw ExitCode(71)  // EX_OSERR
        }
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
