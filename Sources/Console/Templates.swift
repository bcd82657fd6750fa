import Attendance
import Central
import Foundation
internal import Crypto
internal import HTTPTypes
internal import Hummingbird
internal import Mustache
internal import NIOCore

/// The pages' templates, compiled into the program.
struct Templates: Sendable {
    private let library: MustacheLibrary
    let styleSheet: [UInt8]
    /// Part of the style sheet's address, so that a new version of it is fetched at once.
    let styleVersion: String

    init() throws {
        var library = MustacheLibrary()
        for (name, bytes) in Self.sources {
            try library.register(String(decoding: bytes, as: UTF8.self), named: name)
        }
        self.library = library
        styleSheet = PackageResources.gaya_css
        styleVersion = String([UInt8](SHA256.hash(data: styleSheet)).hex.prefix(8))
    }

    static let sources: [(name: String, bytes: [UInt8])] = [
        ("layout", PackageResources.layout_mustache),
        ("masuk", PackageResources.masuk_mustache),
        ("pesan", PackageResources.pesan_mustache),
        ("armada", PackageResources.armada_mustache),
        ("baris", PackageResources.baris_mustache),
        ("kantor", PackageResources.kantor_mustache),
        ("audit", PackageResources.audit_mustache),
        ("cabut", PackageResources.cabut_mustache),
        ("tempatkan", PackageResources.tempatkan_mustache),
        ("kurir", PackageResources.kurir_mustache),
        ("kurir-hasil", PackageResources.kurir_hasil_mustache),
    ]

    func response(
        _ name: String, _ content: [String: Any], frame: Frame,
        status: HTTPResponse.Status = .ok
    ) -> Response {
        Response(
            status: status, headers: [.contentType: "text/html; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: html(name, content, frame: frame))))
    }

    func html(_ name: String, _ content: [String: Any], frame: Frame) -> String {
        var values = content
        values["frame"] = frame
        values["word"] = Word.all(frame.language)
        return library.render(values, withTemplate: name) ?? ""
    }
}

/// What stands around every page: who looks, when, in which language.
struct Frame: Sendable {
    enum Place {
        case fleet, office, courier, audit, elsewhere
    }

    struct User: Sendable {
        let name: String
        let role: String
        let isAdministrator: Bool
    }

    let language: Language
    let lang: String
    let isIndonesian: Bool
    let title: String
    let style: String
    let version = TitianVersion.current
    let time: String
    let machineTime: String
    let token: String
    let user: User?
    let isFleet: Bool
    let isAudit: Bool
    let isCourier: Bool
    /// What the address keeps beside the language, such as a page's number.
    var keep = ""
    /// The line in the foot that says how complete the page's data are.
    var complete: String?

    init(
        _ title: String, place: Place, formats: Formats, style: String, token: String,
        visitor: Visitor?
    ) {
        language = formats.language
        lang = language.rawValue
        isIndonesian = language == .indonesian
        self.title = title
        self.style = style
        time = formats.full(formats.now, seconds: true)
        machineTime = formats.machine(formats.now)
        self.token = token
        user = visitor.map {
            User(
                name: $0.name, role: StateWords.role($0.role)(formats.language),
                isAdministrator: $0.role == .administrator)
        }
        isFleet = place == .fleet
        isAudit = place == .audit
        isCourier = place == .courier
    }
}
