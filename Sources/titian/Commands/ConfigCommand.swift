import ArgumentParser
import Attendance
import Bridge
import Exchange
import Speech
import TerminalKit
import Transports

struct ConfigCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "config",
            abstract: say(id: "Konfigurasi jembatan.", en: "The bridge's configuration."),
            subcommands: [ConfigCheckCommand.self, ConfigShowCommand.self])
    }
}

struct ConfigCheckCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "check",
            abstract: say(
                id: "Memeriksa berkas konfigurasi dan menyebut semua kesalahannya.",
                en: "Checks the configuration file and names all that is wrong."),
            discussion: "titian config check --config /etc/titian/bridge.toml")
    }

    @OptionGroup var places: PlaceOptions
    @OptionGroup var speech: SpeechOptions

    func run() async throws {
        let configuration = try Configuration.load(path: places.config)
        // A key file that cannot be read stops a terminal as surely as a wrong word does.
        for terminal in configuration.terminals { _ = try terminal.driverOptions() }
        let output = Output()
        if speech.json {
            output.line(ConfigurationText.json(configuration, path: places.config))
        } else {
            let mark = say(id: "● Konfigurasi baik.", en: "● The configuration is good.")
            output.text("\(ConfigurationText.text(configuration, path: places.config))\(mark)\n")
        }
    }
}

struct ConfigShowCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "show",
            abstract: say(
                id: "Semua nilai yang berlaku, bawaan ikut; tanpa rahasia.",
                en: "Every value in force, defaults included; no secrets."))
    }

    @OptionGroup var places: PlaceOptions
    @OptionGroup var speech: SpeechOptions

    func run() async throws {
        let configuration = try Configuration.load(path: places.config)
        let output = Output()
        if speech.json {
            output.line(ConfigurationText.json(configuration, path: places.config))
        } else {
            output.text(ConfigurationText.text(configuration, path: places.config))
        }
    }
}

/// A configuration's effective values. Keys are named by their file and never read.
enum ConfigurationText {
    static func text(_ configuration: Configuration, path: String) -> String {
        let server = configuration.server
        var rows = [
            (say(id: "Berkas", en: "File"), path),
            (
                say(id: "Kantor", en: "Office"),
                "\(configuration.office) (\(configuration.zone.rawValue))"
            ),
            (
                "BKD",
                "\(server.url ?? "-")  retry_base_s \(server.retryBase.components.seconds)"
                    + "  heartbeat_s \(server.heartbeat.components.seconds)"
                    + (server.proxy.map { "  proxy \($0.address)" } ?? "")
            ),
        ]
        let stick = configuration.stick
        rows.append(
            (
                say(id: "Stik", en: "Sticks"),
                "import \(stick.isOn)  watch \(stick.watch.joined(separator: " "))"
            ))
        for terminal in configuration.terminals {
            rows.append((say(id: "Mesin", en: "Terminal"), words(of: terminal)))
        }
        return rows.map { "\($0.0.padded(to: 9)) \($0.1)\n" }.joined()
    }

    private static func words(of terminal: Configuration.Terminal) -> String {
        var words = [
            terminal.name, terminal.driver, terminal.address.description,
            "poll_s \(terminal.poll.components.seconds)", "live \(terminal.live)",
            "confirm \(terminal.confirm.rawValue)",
        ]
        if let file = terminal.commKeyFile {
            words.append("comm_key_file \(CommKeyFile.shown(file))")
        }
        if let serial = terminal.serialNumber { words.append("serial_number \(serial)") }
        if let station = terminal.station { words.append("station \(station)") }
        if let size = terminal.recordSize { words.append("record_size \(size)") }
        return words.joined(separator: "  ")
    }

    static func json(_ configuration: Configuration, path: String) -> [UInt8] {
        var server = JSONLine()
        server.add("url", ifPresent: configuration.server.url)
        server.add("pin", json: JSONLine.array(configuration.server.pins))
        server.add("retry_base_s", configuration.server.retryBase.components.seconds)
        server.add("heartbeat_s", configuration.server.heartbeat.components.seconds)
        let proxy = configuration.server.proxy
        server.add("proxy", ifPresent: proxy?.address)
        server.add("proxy_login_file", ifPresent: proxy?.loginFile.map(CommKeyFile.shown))
        var stick = JSONLine()
        stick.add("import", configuration.stick.isOn)
        stick.add("watch", json: JSONLine.array(configuration.stick.watch))
        var line = JSONLine()
        line.add("file", path)
        line.add("office", configuration.office.description)
        line.add("timezone", configuration.zone.ianaName)
        line.add("server", json: server.finished)
        line.add("stick", json: stick.finished)
        line.add("terminals", json: JSONLine.array(json: configuration.terminals.map(json)))
        return line.finished
    }

    private static func json(_ terminal: Configuration.Terminal) -> [UInt8] {
        var line = JSONLine()
        line.add("name", terminal.name)
        line.add("driver", terminal.driver)
        line.add("link", terminal.address.description)
        line.add("poll_s", terminal.poll.components.seconds)
        line.add("live", terminal.live)
        line.add("confirm", terminal.confirm.rawValue)
        line.add("comm_key_file", ifPresent: terminal.commKeyFile.map(CommKeyFile.shown))
        line.add("serial_number", ifPresent: terminal.serialNumber)
        line.add("station", ifPresent: terminal.station.map(Int.init))
        line.add("record_size", ifPresent: terminal.recordSize)
        return line.finished
    }
}
