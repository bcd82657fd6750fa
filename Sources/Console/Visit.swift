import Attendance
internal import Crypto
internal import HTTPTypes
internal import Hummingbird

/// The cookies of a visit, and the token a form must carry.
///
/// A page of another site can make a browser send a form, and SameSite=Strict keeps the cookie
/// from going with it; the token is the second lock. It is derived from the cookie's value, so
/// nothing has to be stored, and whoever knows the token does not know the cookie.
enum Visit {
    /// The session of somebody signed in.
    static let session = "titian"
    /// Stands in for it on the sign-in page.
    static let door = "titian-pintu"

    static func formToken(for cookie: String) -> String {
        String([UInt8](SHA256.hash(data: Array("titian form \(cookie)".utf8))).hex.prefix(40))
    }

    /// Compares in a time that tells nothing of where the two differ.
    static func isSame(_ given: String, _ expected: String) -> Bool {
        let (given, expected) = (Array(given.utf8), Array(expected.utf8))
        guard expected.count == given.count else { return false }
        return zip(expected, given).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// What the books keep of a session: whoever reads the books cannot take it over.
    static func stored(_ cookie: String) -> [UInt8] {
        Array(SHA256.hash(data: Array("titian session \(cookie)".utf8)))
    }

    /// - Parameter seconds: How long the browser keeps it; 0 removes it.
    static func cookie(_ name: String, _ value: String, seconds: Int) -> Cookie {
        Cookie(
            name: name, value: value, maxAge: seconds, path: "/", secure: true, httpOnly: true,
            sameSite: .strict)
    }
}

/// The fields of a form that was sent.
struct Form {
    private let fields: [String: String]

    init(_ request: Request) async throws {
        let bytes = try await BodyReader.form.read(request)
        let text = String(decoding: bytes, as: UTF8.self)
        fields = (try? URLEncodedFormDecoder().decode([String: String].self, from: text)) ?? [:]
    }

    subscript(_ name: String) -> String { fields[name] ?? "" }

    /// Whether the form was made for the visit with this cookie.
    func isMade(for cookie: String?) -> Bool {
        guard let cookie else { return false }
        return Visit.isSame(self["token"], Visit.formToken(for: cookie))
    }

    /// Whether the form was made for this visitor.
    func isMade(for visitor: Visitor?) -> Bool {
        guard let visitor else { return false }
        return Visit.isSame(self["token"], visitor.token)
    }
}
