public import Central
import Attendance
import FoundationEssentials
import Glibc

/// What a configuration names, opened: the folder, the keys and the books.
///
/// Every command of `titian-server` begins here, `serve` and those beside it alike.
public struct Centre: Sendable {
    public let configuration: ServerConfiguration
    public let folder: DataFolder
    public let keys: TLSKeys
    public let central: Central

    public init(_ configuration: ServerConfiguration) throws {
        self.configuration = configuration
        folder = try DataFolder(configuration.data)
        try folder.refuseUnfinished()
        keys = try TLSKeys(configuration, in: folder)
        central = try Central(folder: folder.path)
    }

    static let addressFile = "address"

    /// The address for enrolment codes: `public_url`, else where the server last listened, else
    /// where it is going to.
    public var url: String {
        if let url = configuration.publicURL { return url }
        if let bytes = folder.read(Self.addressFile) {
            let text = String(decoding: bytes, as: UTF8.self)
            return text.filter { !$0.isWhitespace }
        }
        return Self.url(host: configuration.host, port: configuration.port)
    }

    /// Where everybody is listened to, the machine's own name is the only address to tell.
    static func url(host: String, port: Int) -> String {
        var name = host
        if host == "0.0.0.0" || host == "::" {
            name = ProcessInfo.processInfo.hostName
        }
        return "https://\(name.contains(":") ? "[\(name)]" : name):\(port)"
    }
}
