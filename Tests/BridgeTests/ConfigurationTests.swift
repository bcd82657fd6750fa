import Attendance
import Foundation
import TerminalKit
import TOML
import TestSupport
import Testing
import Transports

@testable import Bridge

/// The root of the project.
private let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

private let head = "office = \"upt-contoh\"\ntimezone = \"Asia/Makassar\"\n"
private let terminal =
    "[[terminal]]\nname = \"lobi\"\ndriver = \"zkteco\"\nlink = \"tcp://192.168.1.201:4370\"\n"

private func problems(in text: String) -> [Problem] {
    do throws(ConfigurationProblems) {
        _ = try Configuration(parsing: text, path: "bridge.toml")
        return []
    } catch {
        return error.problems
    }
}

@Suite struct `A configuration` {
    @Test func `of two lines and one terminal is enough`() throws {
        let configuration = try Configuration(parsing: head + terminal, path: "bridge.toml")
        #expect(configuration.office.description == "upt-contoh")
        #expect(configuration.zone == .wita)
        #expect(configuration.server == Configuration.Server())
        let lobi = try #require(configuration.terminals.first)
        #expect(lobi.poll == .seconds(30))
        #expect(lobi.live)
        #expect(lobi.confirm == .never)
        #expect(lobi.commKeyFile == nil)
    }

    @Test func `is read whole`() throws {
        let text =
            head + """
                [server]
                url = "https://bkd.example.go.id/"
                pin = ["sha256//AAAA", "sha256//BBBB"]
                retry_base_s = 2
                heartbeat_s = 60
                proxy = "http://192.168.1.1:3128"
                proxy_login_file = "proxy.login"
                [[terminal]]
                name = "gudang"
                driver = "anviz"
                link = "serial:///dev/ttyUSB0?baud=9600"
                poll_s = 5
                live = false
                serial_number = "3005000012345678"
                confirm = "flags"
                station = 3
                [stick]
                import = false
                watch = ["/media/", "/srv/stik"]
                """
        let configuration = try Configuration(parsing: text, path: "bridge.toml")
        #expect(configuration.server.url == "https://bkd.example.go.id")
        #expect(configuration.server.pins == ["sha256//AAAA", "sha256//BBBB"])
        #expect(configuration.server.retryBase == .seconds(2))
        #expect(configuration.server.heartbeat == .seconds(60))
        #expect(
            configuration.server.proxy
                == .init("http://192.168.1.1:3128", loginFile: "proxy.login"))
        let gudang = try #require(configuration.terminals.first)
        #expect(gudang.poll == .seconds(5))
        #expect(!gudang.live)
        #expect(gudang.serialNumber == "3005000012345678")
        #expect(gudang.confirm == .flags)
        #expect(gudang.station == 3)
        #expect(configuration.stick == .init(isOn: false, watch: ["/media", "/srv/stik"]))
    }

    @Test func `takes a proxy's name and password from a file, and a password may hold a colon`()
        async throws
    {
        try await withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("proxy.login")
            let proxy = try #require(
                Configuration.Proxy("http://10.0.0.1:3128", loginFile: file.path))
            #expect(throws: SyncError.self) { try proxy.login() }
            try Data("titian:a:b\n".utf8).write(to: file)
            let login = try #require(try proxy.login())
            #expect(login.name == "titian" && login.password == "a:b")
            for text in ["", "rahasia\n", ":x\n"] {
                try Data(text.utf8).write(to: file)
                let error = #expect(throws: SyncError.self) { try proxy.login() }
                #expect(error?.problem.code == "sync.proxy-login")
                #expect(error.map { "\($0)".contains("rahasia") } == false)
            }
        }
    }

    /// Text, the problem's code, and words it says in Indonesian and in English.
    static let bad: [(text: String, code: String, id: String, en: String)] = [
        ("office = = \n", "config.syntax", "toml yang benar, baris 1", "valid toml, line 1"),
        (
            "timezone = \"Asia/Jakarta\"\n", "config.missing", "'office' belum",
            "'office' is missing"
        ),
        ("office = \"a\"\n", "config.missing", "'timezone' belum", "'timezone' is missing"),
        (head + "ofice = \"b\"\n", "config.unknown-key", "'office'", "'office'"),
        (head + "[sever]\n", "config.unknown-key", "'server'", "'server'"),
        (head + "[server]\nulr = \"https://a\"\n", "config.unknown-key", "'url'", "'url'"),
        (
            head + "[server]\nproxy = \"http://titian:rahasia@10.0.0.1:3128\"\n", "config.invalid",
            "proxy_login_file", "proxy_login_file"
        ),
        (
            head + "[server]\nproxy_login_file = \"proxy.login\"\n", "config.missing",
            "'server.proxy' belum", "'server.proxy' is missing"
        ),
        (head + terminal + "pol_s = 5\n", "config.unknown-key", "'poll_s'", "'poll_s'"),
        (
            head + terminal + "comkey_file = \"a\"\n", "config.unknown-key", "'comm_key_file'",
            "'comm_key_file'"
        ),
        (
            head + terminal + "poll_s = \"often\"\n", "config.wrong-type", "bilangan bulat",
            "whole number"
        ),
        (
            head + terminal + "poll_s = 2.5\n", "config.wrong-type", "'terminal[1].poll_s'",
            "(line 7)"
        ),
        (
            head + terminal + "live = \"yes\"\n", "config.wrong-type", "true atau false",
            "true or false"
        ),
        (head + terminal + "serial_number = 12\n", "config.wrong-type", "tanda kutip", "in quotes"),
        ("office = 3\ntimezone = \"WIT\"\n", "config.wrong-type", "(baris 1)", "(line 1)"),
        (head + "terminal = \"lobi\"\n", "config.wrong-type", "[[terminal]]", "[[terminal]]"),
        (head + "server = 3\n", "config.wrong-type", "[server]", "[server]"),
        (head + terminal + "poll_s = 0\n", "config.invalid", "1 sampai 3600", "from 1 to 3600"),
        (head + terminal + "confirm = \"flags\"\n", "config.invalid", "\"never\"", "\"never\""),
        (
            head + "[stick]\nwatch = [\"media\"]\n", "config.invalid", "dimulai dengan /",
            "begin with /"
        ),
        (head + "[stick]\nimport = 1\n", "config.wrong-type", "true atau false", "true or false"),
        (head + "[server]\nurl = \"http://a\"\n", "config.invalid", "https://", "https://"),
        (head + "[server]\npin = \"md5\"\n", "config.invalid", "sha256//", "sha256//"),
        ("office = \"UPT\"\ntimezone = \"WIB\"\n", "config.invalid", "huruf kecil", "lower-case"),
        (
            "office = \"a\"\ntimezone = \"Asia/Mars\"\n", "config.invalid", "timezone",
            "Asia/Jayapura"
        ),
        (
            head + terminal.replacingOccurrences(of: "zkteco", with: "zktecco"),
            "config.unknown-driver", "'zkteco'", "'zkteco'"
        ),
        (
            head + terminal.replacingOccurrences(of: "tcp:", with: "carrier-pigeon:"),
            "config.invalid", "tcp://", "tcp://"
        ),
        (
            head + terminal.replacingOccurrences(of: "lobi", with: "Lobi Timur"), "config.invalid",
            "huruf kecil", "lower-case"
        ),
        (
            head + terminal + terminal.replacingOccurrences(of: "201", with: "202"),
            "config.duplicate", "mesin lain", "another terminal"
        ),
        (
            head + terminal + terminal.replacingOccurrences(of: "lobi", with: "aula"),
            "config.duplicate", "(baris 10)", "(line 10)"
        ),
    ]

    @Test(arguments: bad)
    func `is refused in both languages with the nearest right word`(
        text: String, code: String, id: String, en: String
    ) {
        let found = problems(in: text)
        #expect(found.map(\.code) == [code])
        #expect(found.first?.line(.indonesian).contains(id) == true, "\(found)")
        #expect(found.first?.line(.english).contains(en) == true, "\(found)")
    }

    @Test func `has to say who a SOYAL controller is, and its number on the line`() throws {
        func gate(_ keys: String, link: String = "tcp://192.168.1.127", name: String = "gerbang")
            -> String
        {
            "[[terminal]]\nname = \"\(name)\"\ndriver = \"soyal\"\nlink = \"\(link)\"\n\(keys)"
        }
        let missing = problems(in: head + gate("")).map { $0.line(.english) }
        #expect(missing.count == 2)
        #expect(missing.first?.contains("'terminal[1].serial_number' is missing") == true)
        #expect(missing.last?.contains("'terminal[1].station' is missing") == true)
        let serial = "serial_number = \"821EF0001\"\n"
        #expect(
            problems(in: head + gate(serial + "station = 255\n")).map(\.code) == ["config.invalid"])
        let blank = problems(in: head + gate("serial_number = \"a b\"\nstation = 1\n"))
        #expect(blank.map(\.code) == ["config.invalid"])
        let twice = gate(serial + "station = 1\n") + gate(serial + "station = 2\n", name: "pagar")
        #expect(problems(in: head + twice).map(\.code) == ["config.duplicate"])
        let good = gate(
            serial + "confirm = \"delete-oldest\"\n", link: "tcp://192.168.1.127?station=3")
        let terminal = try #require(
            try Configuration(parsing: head + good, path: "bridge.toml").terminals.first)
        let options = try terminal.driverOptions()
        #expect(options.serialNumber == "821EF0001")
        #expect(options.station == 3)
        #expect(options.confirm == .deleteOldest)
        #expect("\(terminal.address)" == "tcp://192.168.1.127:1621?station=3")
    }

    @Test func `tells everything that is wrong with it at once`() {
        let text = "timezone = \"Mars\"\n[server]\nheartbeat = 3\n" + terminal + "live = 1\nx = 2\n"
        #expect(
            problems(in: text).map(\.code) == [
                "config.missing", "config.invalid", "config.unknown-key", "config.unknown-key",
                "config.wrong-type",
            ])
    }

    @Test func `that is not there is told with its path`() {
        let error = #expect(throws: ConfigurationProblems.self) {
            try Configuration.load(path: "/nowhere/bridge.toml")
        }
        #expect(error?.problem.code == "config.unreadable")
        #expect(error?.report(.english).contains("/nowhere/bridge.toml") == true)
    }

    @Test func `takes a communication key from its file and never shows it`() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("lobi.key")
            try Data("4711\n".utf8).write(to: file)
            let text = head + terminal + "comm_key_file = \"\(file.path)\"\n"
            let lobi = try #require(
                try Configuration(parsing: text, path: "bridge.toml").terminals.first)
            #expect(try lobi.driverOptions().commKey == 4_711)
            try Data("secret".utf8).write(to: file)
            let error = #expect(throws: ConfigurationError.self) { try lobi.driverOptions() }
            #expect(error?.problem.code == "config.comm-key")
            #expect(error?.problem.line(.english).contains("secret") == false)
        }
    }
}

@Suite struct `The section for pushes` {
    private let push = "[push]\nlisten = \"0.0.0.0:8081\"\n"

    @Test func `is off unless it is there`() throws {
        #expect(try Configuration(parsing: head + terminal, path: "bridge.toml").push == nil)
    }

    @Test func `is read whole`() throws {
        let text =
            head + push + """
                set_clock = true
                [[push.terminal]]
                name = "aula"
                serial_number = "CGKA203560123"
                """
        let read = try #require(try Configuration(parsing: text, path: "bridge.toml").push)
        #expect(read.host == "0.0.0.0" && read.port == 8_081 && read.setsClock)
        #expect(read.place == "http://0.0.0.0:8081")
        #expect(read.terminals.map(\.name) == ["aula"])
        #expect(read.terminals.map(\.id.description) == ["zkteco:CGKA203560123"])
        let plain = try #require(
            try Configuration(parsing: head + push, path: "bridge.toml").push)
        #expect(!plain.setsClock && plain.terminals.isEmpty)
    }

    @Test(arguments: [
        ("[push]\nset_clock = false\n", "config.missing", "push.listen"),
        ("[push]\nlisten = \"8081\"\n", "config.invalid", "push.listen"),
        ("[push]\nlisten = \"0.0.0.0:99999\"\n", "config.invalid", "push.listen"),
        (
            "[push]\nlisten = \"0.0.0.0:8081\"\nset_clok = true\n", "config.unknown-key",
            "push.set_clok"
        ),
        (
            "[push]\nlisten = \"[::]:8081\"\n[[push.terminal]]\nname = \"aula\"\n",
            "config.missing",
            "push.terminal[1].serial_number"
        ),
        (
            "[push]\nlisten = \"[::]:8081\"\n[[push.terminal]]\nname = \"lobi\"\nserial_number = \"A1\"\n",
            "config.duplicate", "push.terminal[1].name"
        ),
        (
            "[push]\nlisten = \"[::]:8081\"\n[[push.terminal]]\nname = \"a\"\nserial_number = \"A 1\"\n",
            "config.invalid", "push.terminal[1].serial_number"
        ),
        (
            "[push]\nlisten = \"[::]:8081\"\n[[push.terminal]]\nname = \"a\"\nserial_number = \"A1\"\n"
                + "[[push.terminal]]\nname = \"b\"\nserial_number = \"A1\"\n",
            "config.duplicate", "push.terminal[2].serial_number"
        ),
    ])
    func `says what is wrong with it`(section: String, code: String, key: String) throws {
        let found = problems(in: head + terminal + section)
        #expect(found.map(\.code) == [code], "\(found)")
        let sentence = try #require(found.first).line(.english)
        #expect(sentence.contains("'\(key)'"), "\(sentence)")
        #expect(code == "config.missing" || sentence.contains("(line "), "\(sentence)")
    }
}

@Suite struct `A link of the configuration` {
    private func section(_ driver: String, _ link: String, _ more: String = "") -> String {
        "[[terminal]]\nname = \"lobi\"\ndriver = \"\(driver)\"\nlink = \"\(link)\"\n\(more)"
    }

    @Test(arguments: [
        ("zkteco", "serial:///dev/ttyUSB0", "line.unpublished"),
        ("zkteco", "usb://1b55:b400", "line.unpublished"),
        ("anviz", "http://192.168.1.201", "line.unfit"),
        ("zkteco", "http://192.168.1.201", "config.missing"),
    ])
    func `over which nothing can be read is named`(driver: String, link: String, code: String)
        throws
    {
        let found = problems(in: head + section(driver, link))
        #expect(found.map(\.code) == [code])
        let sentence = try #require(found.first).line(.english)
        #expect(sentence.contains("terminal[1]."), "\(sentence)")
    }

    @Test func `to a web server names whose it is, and is visited seldom`() throws {
        let serial = "serial_number = \"X100C0001\"\n"
        let text = head + section("zkteco", "http://192.168.1.201", serial)
        let lobi = try #require(
            try Configuration(parsing: text, path: "bridge.toml").terminals.first)
        #expect(lobi.address.description == "http://192.168.1.201:80")
        #expect(lobi.poll == .seconds(300))
        let options = try lobi.driverOptions()
        #expect(options.usesWebService && options.serialNumber == "X100C0001")
    }
}

@Suite struct `A key where its file belongs` {
    @Test func `is shown to nobody`() {
        let error = #expect(throws: ConfigurationError.self) {
            try CommKeyFile.read("48151623", for: "lobi.comm_key_file")
        }
        #expect(error.map { !$0.problem.line(.english).contains("48151623") } == true)
        #expect(CommKeyFile.shown("/etc/titian/lobi.key") == "/etc/titian/lobi.key")
    }
}

@Suite struct `Files for others than the BKD` {
    private let head = "office = \"upt-contoh-utara\"\ntimezone = \"Asia/Makassar\"\n"

    @Test func `may be elsewhere, or nowhere`() throws {
        let text = head + "[page]\nfile = \"\"\n[metrics]\nfile = \"/srv/titian.prom\"\n"
        let configuration = try Configuration(parsing: text, path: "bridge.toml")
        #expect(configuration.page.file == nil)
        #expect(configuration.metricsFile == "/srv/titian.prom")
    }

    @Test(arguments: [
        ("[page]\nfile = \"status.html\"", "page.file"),
        ("[page]\ncontact = \"\"", "page.contact"),
        ("[page]\ncontact = \"a\\nb\"", "page.contact"),
        ("[page]\ncontcat = \"x\"", "contact"), ("[metrics]\nfile = 7", "metrics.file"),
    ])
    func `are refused where they make no sense`(section: String, named: String) throws {
        let error = #expect(throws: ConfigurationProblems.self) {
            try Configuration(parsing: head + section, path: "bridge.toml")
        }
        #expect(try #require(error).report(.english).contains(named))
    }
}

@Suite struct `The keys of the configuration` {
    /// What a section needs before a key of it can be tried.
    private static let before = [
        "": "", "server": "[server]\n", "stick": "[stick]\n", "page": "[page]\n",
        "metrics": "[metrics]\n", "terminal": terminal,
        "push": "[push]\nlisten = \"0.0.0.0:8081\"\n",
    ]

    @Test func `are all in the example`() throws {
        let example = try text("config/bridge.example.toml")
        for key in Configuration.keys.values.joined() {
            switch key.value {
            case .section, .sections: #expect(example.contains("[\(key.name)]"), "\(key.name)")
            default:
                #expect(
                    example.contains("\(key.name) ") || example.contains("\(key.name)="),
                    "\(key.name)")
            }
        }
    }

    @Test func `say what holds where they are not written`() throws {
        var tried = 0
        for (section, keys) in Configuration.keys {
            for key in keys {
                let value = String(key.otherwise.prefix { $0 != ";" })
                let isValue = Int64(value) != nil || ["true", "false"].contains(value)
                guard isValue || value.hasPrefix("\"") || value.hasPrefix("[") else { continue }
                let without = head + (try #require(Self.before[section]))
                let written = without + "\(key.name) = \(value)\n"
                #expect(
                    try Configuration(parsing: written, path: "a")
                        == Configuration(parsing: without, path: "a"), "\(section).\(key.name)")
                tried += 1
            }
        }
        #expect(tried == 10)
    }

    @Test func `has an example that is a good configuration, its comments included`() throws {
        let example = try text("config/bridge.example.toml")
        _ = try Configuration(parsing: example, path: "bridge.example.toml")
        let everything = example.replacingOccurrences(of: "\n#! ", with: "\n")
        let configuration = try Configuration(parsing: everything, path: "bridge.example.toml")
        #expect(configuration.terminals.count == 3)
        #expect(configuration.push?.terminals.count == 1)
        #expect(configuration.page.contact == "Pak Anwar 0812-0000-0001")
        let plain = try Configuration(parsing: example, path: "bridge.example.toml")
        #expect(plain.page == Configuration.Page())
        #expect(plain.metricsFile == "/run/titian/titian.prom")
        #expect(plain.push == nil)
    }

    private func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }
}

@Suite struct `The nearest word` {
    @Test(arguments: [
        ("pol_s", "poll_s"), ("heartbeat", "heartbeat_s"), ("drivr", "driver"), ("", "url"),
    ])
    func `is the one with the fewest letters to change`(typed: String, meant: String) {
        let known = ["url", "poll_s", "heartbeat_s", "driver", "retry_base_s"]
        #expect(NearestWord.to(typed, in: known) == meant)
    }
}
