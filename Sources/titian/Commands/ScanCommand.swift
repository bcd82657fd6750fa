import ArgumentParser
import Attendance
import Bridge
import Exchange
import Glibc
import Speech
import TerminalKit
import Transports

struct ScanCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "scan",
            abstract: say(
                id:
                    "Mencari mesin di port serial, USB dan jaringan kantor; tidak mengubah apa pun.",
                en: "Looks for terminals on serial ports, USB and the LAN; changes nothing."),
            discussion: """
                titian scan
                titian scan --lan --subnet 192.168.1.0/24 --json
                titian scan --toml >> /etc/titian/bridge.toml
                """)
    }

    @Flag(help: help(id: "Port serial saja.", en: "Only serial ports."))
    var serial = false

    @Flag(help: help(id: "USB saja.", en: "Only USB."))
    var usb = false

    @Flag(help: help(id: "Jaringan saja.", en: "Only the network."))
    var lan = false

    @Option(
        help: help(
            id: "Rentang alamat, paling besar /22; tanpa ini jaringan kotak ini.",
            en: "A range of addresses, /22 at most; without it this box's own.", value: "cidr"))
    var subnet: [String] = []

    @Option(
        help: help(
            id: "Port serial ini, juga bila tidak terdaftar.",
            en: "This serial port, also if it is not listed.", value: "path"))
    var port: [String] = []

    @Flag(
        help: help(
            id: "Coba semua kecepatan dan nomor 1 sampai 8 pada jalur serial.",
            en: "Try every speed, and the numbers 1 to 8, on serial lines."))
    var deep = false

    @Flag(
        help: help(
            id: "Hanya bagian [[terminal]] untuk konfigurasi.",
            en: "Only sections [[terminal]] for the configuration."))
    var toml = false

    @Option(
        help: help(
            id: "Zona waktu kantor; tanpa ini dari konfigurasi, atau WITA.",
            en: "The office's zone; without it the configuration's, or WITA.", value: "zone"))
    var timezone: String?

    @OptionGroup var places: PlaceOptions
    @OptionGroup var speech: SpeechOptions

    func run() async throws {
        let configuration = try? Configuration.load(path: places.config)
        var scan = Scan(
            zone: try zone(configuration), configured: configuration?.terminals ?? [],
            isDaemonRunning: await isDaemonRunning())
        let subnets = try Scan.ranges(subnet)
        let progress = Progress(isShown: isatty(STDERR_FILENO) == 1 && !speech.json)
        let all = !serial && !usb && !lan && subnet.isEmpty && port.isEmpty
        if all || serial || !port.isEmpty {
            await scan.searchPorts(only: port, isThorough: deep, progress)
        }
        if all || usb { scan.searchUSB() }
        if all || lan || !subnet.isEmpty { try await scan.searchNetwork(subnets, progress) }
        progress.end()
        show(scan.report)
        try scan.report.verdict.conclude()
    }

    private func show(_ report: ScanReport) {
        let output = Output()
        if speech.json {
            for line in report.json { output.line(line) }
        } else if toml {
            output.write(report.toml.utf8)
        } else {
            output.text(report.text(configuration: places.config))
        }
    }

    private func isDaemonRunning() async -> Bool {
        // One that does not answer holds its lines all the same.
        do {
            _ = try await places.daemon.ask(.status, within: .seconds(5))
            return true
        } catch ControlError.notRunning {
            return false
        } catch {
            return true
        }
    }

    private func zone(_ configuration: Configuration?) throws -> Zone {
        guard let timezone else { return configuration?.zone ?? .wita }
        do throws(InvalidValue) {
            return try Zone(timezone)
        } catch {
            throw CommandError.usage("--timezone \(error)")
        }
    }
}
