import ArgumentParser
import Attendance
import Bridge
import Exchange
import Speech
import TerminalKit
import Transports

struct ProbeCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "probe",
            abstract: say(
                id:
                    "Menanyakan siapa satu mesin dan berapa selisih jamnya; tidak mengubah apa pun.",
                en: "Asks one terminal who it is and how wrong its clock is; changes nothing."),
            discussion: """
                titian probe tcp://192.168.1.201:4370 --driver zkteco
                titian probe lobi --json
                """)
    }

    @OptionGroup var terminal: TerminalTargetOptions

    @Option(
        help: help(
            id: "Zona waktu kantor; tanpa ini dari konfigurasi, atau WITA.",
            en: "The office's zone; without it the configuration's, or WITA.", value: "zone"))
    var timezone: String?

    @OptionGroup var places: PlaceOptions
    @OptionGroup var speech: SpeechOptions

    func run() async throws {
        let target = try terminal.target(configuration: places.config)
        let zone = try zone()
        let probe = try await target.talk { session in
            try await Probe(session, link: target.address.description, zone: zone, host: .system)
        }
        let output = Output()
        if speech.json {
            output.line(probe.json)
        } else {
            output.text(probe.text)
        }
    }

    private func zone() throws -> Zone {
        if let timezone {
            do throws(InvalidValue) {
                return try Zone(timezone)
            } catch {
                throw CommandError.usage("--timezone \(error)")
            }
        }
        return (try? Configuration.load(path: places.config))?.zone ?? .wita
    }
}

/// What one short talk finds out about a terminal.
struct Probe {
    let link: String
    let identity: TerminalIdentity
    /// Several comparisons of the clocks, in order.
    let samples: [ClockReading]
    /// The comparison that was quickest, and so the surest.
    let clock: ClockReading
    let zone: Zone
    let counters: LogCounters

    init(
        _ session: any TerminalSession, link: String, zone: Zone, host: Host
    ) async throws {
        func compared() async throws -> ClockReading {
            let asked = host.now()
            let device = try await session.readClock()
            return ClockReading(device: device, asked: asked, answered: host.now(), zone: zone)
        }
        self.link = link
        self.zone = zone
        identity = try await session.identify()
        let first = try await compared()
        let others = [try await compared(), try await compared()]
        samples = [first] + others
        clock = others.reduce(first) { $1.errorMilliseconds < $0.errorMilliseconds ? $1 : $0 }
        counters = try await session.counters()
    }

    var json: [UInt8] {
        var line = JSONLine()
        line.add("terminal", identity.id.description)
        line.add("serial", identity.serial)
        line.add("link", link)
        line.add("mac", ifPresent: identity.mac)
        line.add("model", ifPresent: identity.model)
        line.add("firmware", ifPresent: identity.firmware)
        line.add("platform", ifPresent: identity.platform)
        line.add("clock", clock.device.description)
        line.add("host", clock.host.description)
        line.add("timezone", zone.ianaName)
        line.add("offset_ms", clock.offsetMilliseconds)
        line.add("error_ms", clock.errorMilliseconds)
        line.add("samples", json: JSONLine.array(json: samples.map(Self.json)))
        line.add("records", ifPresent: counters.records)
        line.add("record_capacity", ifPresent: counters.recordCapacity)
        line.add("new_records", ifPresent: counters.newRecords)
        line.add("users", ifPresent: counters.users)
        line.add("user_capacity", ifPresent: counters.userCapacity)
        return line.finished
    }

    private static func json(_ sample: ClockReading) -> [UInt8] {
        var line = JSONLine()
        line.add("offset_ms", sample.offsetMilliseconds)
        line.add("error_ms", sample.errorMilliseconds)
        return line.finished
    }

    var text: String {
        let offset = Format.offset(clock.offsetMilliseconds, error: clock.errorMilliseconds)
        var rows = [
            (say(id: "Mesin", en: "Terminal"), identity.id.description),
            (say(id: "Alamat", en: "Address"), link),
            (say(id: "Model", en: "Model"), identity.model),
            (say(id: "Firmware", en: "Firmware"), identity.firmware),
            (say(id: "Papan", en: "Board"), identity.platform),
            (say(id: "MAC", en: "MAC"), identity.mac),
            (
                say(id: "Jam mesin", en: "Clock"),
                "\(clock.device.description.replacing("T", with: " ")) \(zone.rawValue)  \(offset)"
            ),
            (
                say(id: "Rekaman", en: "Records"),
                Format.filling(counters.records, of: counters.recordCapacity)
            ),
            (say(id: "Baru", en: "New"), counters.newRecords.map { Format.number($0) }),
            (
                say(id: "Pengguna", en: "Users"),
                Format.filling(counters.users, of: counters.userCapacity)
            ),
        ]
        rows.removeAll { $0.1 == nil }
        return rows.map { "\($0.0.padded(to: 10)) \($0.1 ?? "")\n" }.joined()
    }
}
