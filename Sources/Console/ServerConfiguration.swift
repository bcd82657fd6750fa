import Attendance
import FoundationEssentials
internal import TOML

/// What `server.toml` says: where to listen, where the books are, and who the centre is.
///
/// Every default is safe, so the smallest file is empty. Each key is explained in
/// `docs/reference/configuration-server.md`; an unknown key is an error that names the nearest
/// known one, because a mistyped key that is silently ignored is found a month later.
public struct ServerConfiguration: Hashable, Sendable {
    /// Where to listen.
    public var host = "0.0.0.0"
    /// 0 lets the system choose; the address file then tells which.
    public var port = 8443
    /// The folder of the books and the keys.
    public var data = "/var/lib/titian-server"
    /// The address offices use, where it differs from the one listened at; no slash at its end.
    public var publicURL: String?
    /// A certificate of one's own instead of the one that is made.
    public var tls: Files?
    /// After how many days `retention` forgets a line; nil: only where a command says so.
    public var keepLinesDays: Int?

    public struct Files: Hashable, Sendable {
        public var certificate: String
        public var key: String

        public init(certificate: String, key: String) {
            self.certificate = certificate
            self.key = key
        }
    }

    /// As long as a bridge keeps a line at least.
    public static let fewestDays = 90

    public init() {}

    /// Reads a file.
    ///
    /// - Throws: ``ConfigurationError`` naming the file, the key and the rule.
    public init(file: String) throws(ConfigurationError) {
        guard let bytes = FileManager.default.contents(atPath: file) else {
            throw .unreadable(file)
        }
        try self.init(toml: String(decoding: bytes, as: UTF8.self), file: file)
    }

    /// - Parameters:
    ///   - toml: The text of a file.
    ///   - file: Only named in errors.
    public init(toml: String, file: String) throws(ConfigurationError) {
        let document: TOMLNode
        do {
            document = try TOMLNode(parsing: toml)
        } catch {
            throw .notTOML(file, line: error.line, said: error.reason)
        }
        try self.init(Keys(document, file: file, inside: nil))
    }

    /// Every key there is, by section.
    static let keys = [
        "": [
            SettingKey("listen", .text, #""0.0.0.0:8443""#),
            SettingKey("data", .text, #""/var/lib/titian-server""#),
            SettingKey("public_url", .text, "the address in data/address"),
            SettingKey("store", .text, #""sqlite""#),
            SettingKey("keep_lines_days", .number(90...100_000), "none"),
            SettingKey("tls", .section, "none"),
        ],
        "tls": [
            SettingKey("certificate", .text, "needed"),
            SettingKey("key", .text, "needed"),
        ],
    ]

    private init(_ keys: Keys) throws(ConfigurationError) {
        try keys.refuseUnknown(Self.keys["", default: []])
        if let listen = try keys.text("listen") {
            guard let (host, port) = Self.hostAndPort(listen) else {
                throw .wrongValue(
                    keys.file, key: "listen",
                    rule: Text(
                        id: "ditulis ALAMAT:PORT, misalnya 0.0.0.0:8443",
                        en: "is written HOST:PORT, such as 0.0.0.0:8443"))
            }
            (self.host, self.port) = (host, port)
        }
        if let data = try keys.text("data") { self.data = data }
        if let url = try keys.text("public_url") {
            publicURL = try Self.publicURL(url, file: keys.file)
        }
        if let store = try keys.text("store"), store != "sqlite" {
            throw .storeUnsupported(keys.file, store: store)
        }
        keepLinesDays = try keys.number("keep_lines_days", in: Self.fewestDays...100_000)
        if let tls = try keys.table("tls") { self.tls = try Files(tls) }
    }

    /// `host:port`, where an IPv6 host stands in brackets.
    static func hostAndPort(_ text: String) -> (String, Int)? {
        guard let colon = text.lastIndex(of: ":"),
            let port = Int(text[text.index(after: colon)...]), (0...65_535).contains(port)
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        return host.isEmpty ? nil : (String(host), port)
    }

    private static func publicURL(_ text: String, file: String) throws(ConfigurationError) -> String
    {
        let address = text.hasSuffix("/") ? String(text.dropLast()) : text
        guard address.hasPrefix("https://"), address.utf8.count > 8,
            !address.contains(where: \.isWhitespace)
        else {
            throw .wrongValue(
                file, key: "public_url",
                rule: Text(
                    id: "adalah alamat yang diawali https://",
                    en: "is an address that begins with https://"))
        }
        return address
    }
}

extension ServerConfiguration.Files {
    init(_ keys: Keys) throws(ConfigurationError) {
        try keys.refuseUnknown(ServerConfiguration.keys["tls", default: []])
        guard let certificate = try keys.text("certificate"), let key = try keys.text("key") else {
            throw .wrongValue(
                keys.file, key: "tls",
                rule: Text(
                    id: "memerlukan 'certificate' dan 'key', keduanya berkas PEM",
                    en: "needs 'certificate' and 'key', both PEM files"))
        }
        self.init(certificate: certificate, key: key)
    }
}

/// One table of a TOML file, read with errors that name the key.
struct Keys {
    let file: String
    private let entries: [String: TOMLNode]
    private let prefix: String

    /// - Parameter document: A table; anything else has no keys.
    init(_ document: TOMLNode, file: String, inside name: String?) {
        if case .table(let entries) = document { self.entries = entries } else { entries = [:] }
        self.file = file
        prefix = name.map { $0 + "." } ?? ""
    }

    func refuseUnknown(_ keys: [SettingKey]) throws(ConfigurationError) {
        let known = keys.map(\.name)
        for key in entries.keys.sorted() where !known.contains(key) {
            let nearest = known.min { key.distance(to: $0) < key.distance(to: $1) }
            throw .unknownKey(file, key: prefix + key, nearest: prefix + (nearest ?? ""))
        }
    }

    func text(_ key: String) throws(ConfigurationError) -> String? {
        guard let value = entries[key] else { return nil }
        guard case .string(let text) = value, !text.isEmpty else {
            throw .wrongValue(
                file, key: prefix + key,
                rule: Text(
                    id: "adalah teks dalam tanda kutip", en: "is a text in quotation marks"))
        }
        return text
    }

    func number(_ key: String, in range: ClosedRange<Int>) throws(ConfigurationError) -> Int? {
        guard let value = entries[key] else { return nil }
        guard case .integer(let number) = value, let number = Int(exactly: number),
            range.contains(number)
        else {
            throw .wrongValue(
                file, key: prefix + key,
                rule: Text(
                    id: "adalah bilangan bulat dari \(range.lowerBound) sampai \(range.upperBound)",
                    en: "is a whole number from \(range.lowerBound) to \(range.upperBound)"))
        }
        return number
    }

    func table(_ key: String) throws(ConfigurationError) -> Keys? {
        guard let value = entries[key] else { return nil }
        guard case .table = value else {
            throw .wrongValue(
                file, key: prefix + key,
                rule: Text(
                    id: "adalah tabel: [\(key)]", en: "is a table: [\(key)]"))
        }
        return Keys(value, file: file, inside: prefix + key)
    }
}

extension String {
    /// How many letters to insert, remove or exchange to get from one word to the other.
    func distance(to other: String) -> Int {
        let target = Array(other.utf8)
        var row = Array(0...target.count)
        for (index, letter) in utf8.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in target.indices {
                let above = row[column + 1]
                let exchanged = diagonal + (letter == target[column] ? 0 : 1)
                row[column + 1] = Swift.min(above + 1, row[column] + 1, exchanged)
                diagonal = above
            }
        }
        return row[target.count]
    }
}
