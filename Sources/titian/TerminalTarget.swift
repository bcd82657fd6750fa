import ArgumentParser
import Attendance
import Bridge
import Speech
import TerminalKit
import Transports

/// The terminal a command speaks with: an address, or a name of the configuration.
struct TerminalTargetOptions: ParsableArguments {
    @Argument(
        help: help(
            id: "Alamat mesin, atau namanya pada konfigurasi.",
            en: "The terminal's address, or its name in the configuration.", value: "link"))
    var link: String

    @Option(
        help: help(
            id: "Merek: \(KnownDrivers.names.joined(separator: ", ")).",
            en: "The make: \(KnownDrivers.names.joined(separator: ", ")).", value: "make"))
    var driver: String?

    @Option(
        help: help(
            id: "Berkas berisi kunci komunikasi (menu Comm mesin).",
            en: "A file with the communication key (the terminal's Comm menu).", value: "file"))
    var commKeyFile: String?

    @Option(
        help: help(
            id: "Panjang satu rekaman log, bila mesin tidak memberitahukannya.",
            en: "Bytes in a log record, where the terminal does not tell.", value: "bytes"))
    var recordSize: Int?

    @Option(
        help: help(
            id: "Nomor seri, untuk merek yang tidak menyebutnya sendiri (soyal).",
            en: "The serial number, for a make that cannot tell its own (soyal).", value: "number"))
    var serialNumber: String?

    func validate() throws {
        if let recordSize, !(8...64).contains(recordSize) {
            throw ValidationError("--record-size 8…64")
        }
    }

    /// - Parameter configuration: Read only when ``link`` is a name.
    func target(configuration path: String) throws -> TerminalTarget {
        link.contains("://") ? try addressed() : try named(in: path)
    }

    /// The line alone, for listening to whoever is there.
    func bareAddress() throws -> Address {
        do throws(InvalidValue) {
            return try Address(link)
        } catch {
            throw CommandError.badLink(error)
        }
    }

    private func addressed() throws -> TerminalTarget {
        guard let driver else { throw CommandError.driverMissing }
        guard let port = KnownDrivers.defaultPort(of: driver) else {
            throw CommandError.unknownDriver(driver, nearest: KnownDrivers.nearest(to: driver))
        }
        if let obstacle = KnownDrivers.obstacle(for: driver, over: link) {
            throw obstacle.problem.about(link)
        }
        let address: Address
        do throws(InvalidValue) {
            address = try Address(link, defaultPort: port)
        } catch {
            throw CommandError.badLink(error)
        }
        var options = DriverOptions()
        options.station = address.station
        return try target(make: driver, at: address, with: options)
    }

    private func named(in path: String) throws -> TerminalTarget {
        let configuration = try Configuration.load(path: path)
        guard let terminal = configuration.terminals.first(where: { $0.name == link }) else {
            throw CommandError.unknownTerminal(link, known: configuration.terminals.map(\.name))
        }
        var options = try terminal.driverOptions()
        options.confirm = .never
        return try target(make: driver ?? terminal.driver, at: terminal.address, with: options)
    }

    private func target(
        make: String, at address: Address, with options: DriverOptions
    ) throws -> TerminalTarget {
        var options = options
        if let commKeyFile {
            options.commKey = try CommKeyFile.read(commKeyFile, for: "--comm-key-file")
        }
        if let recordSize { options.recordSize = recordSize }
        if let serialNumber { options.serialNumber = serialNumber }
        options.usesWebService = address.isWebService
        if let obstacle = KnownDrivers.obstacle(for: make, over: address.lineName) {
            throw obstacle.problem.about(address.lineName)
        }
        guard let driver = KnownDrivers.driver(named: make, options: options) else {
            throw CommandError.unknownDriver(make, nearest: KnownDrivers.nearest(to: make))
        }
        return TerminalTarget(address: address, driver: driver, options: options)
    }
}

/// A line and the make at its end.
struct TerminalTarget {
    let address: Address
    let driver: any TerminalDriver
    /// What the driver was told.
    let options: DriverOptions

    /// `serial`, `usb`, `tcp` or `udp`.
    var kind: String { Self.kind(of: address) }

    static func kind(of address: Address) -> String {
        address.lineName.split(separator: ":").first.map(String.init) ?? ""
    }

    /// Opens the line, speaks, and leaves the terminal as it was.
    ///
    /// - Throws: The line's or the driver's error, with the address in front.
    func talk<Result>(_ body: (any TerminalSession) async throws -> Result) async throws -> Result {
        do {
            // Who dials in does so when it likes.
            let patience = Duration.seconds(address.isListening ? 120 : 10)
            let link = try await address.open(within: patience)
            do {
                let result = try await driver.talk(over: link, body)
                await link.close()
                return result
            } catch {
                await link.close()
                throw error
            }
        } catch {
            throw namesItsLine(error) ? error : Problem(explaining: error).about(address.lineName)
        }
    }

    private func namesItsLine(_ error: any Error) -> Bool {
        switch error as? LinkError {
        case .unreachable, .missing, .busy, .forbidden, .unsettable, .cannotListen, .notCalled: true
        case .silent, .closed, .cancelled, nil: false
        }
    }
}
