import Attendance
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// A form with a courier file, taken from a request as it arrives.
///
/// What cannot be used is read to its end all the same: a browser that is cut off in the middle of
/// an upload shows an error of its own instead of our page.
struct CourierUpload {
    enum Trouble: Error, Hashable {
        /// The form is not of this visit.
        case formTooOld
        case noFile
        case tooLarge
        case noRoom
        case busy
    }

    let spool: Spool
    /// Whether the form's token is this visit's.
    let isToken: (String) -> Bool

    /// What is thrown away at most, as a multiple of what is allowed.
    private static let patience = 4
    private static let longestToken = 200

    private var field = ""
    private var token = ""
    private var name: String?
    private var file: UploadedFile?
    private var trouble: Trouble?

    init(spool: Spool, isToken: @escaping (String) -> Bool) {
        self.spool = spool
        self.isToken = isToken
    }

    /// - Returns: The file, which the caller removes, and its name.
    /// - Throws: ``Trouble`` or `BodyReader.Failure`; nothing is left on disk then.
    mutating func read(_ request: Request) async throws -> (file: UploadedFile, name: String) {
        do {
            try await takeAll(of: request)
            if let trouble { throw trouble }
            guard isToken(token) else { throw Trouble.formTooOld }
            guard let file, let name, file.size > 0 else { throw Trouble.noFile }
            return (file, name)
        } catch {
            file?.remove()
            throw error
        }
    }

    private mutating func takeAll(of request: Request) async throws {
        guard var form = MultipartReader(contentType: request.headers[.contentType]) else {
            throw BodyReader.Failure.unreadable
        }
        var rest = Self.patience * CourierIntake.longest
        var isWhole = false
        for try await part in request.body {
            rest -= part.readableBytes
            guard rest > 0 else { throw BodyReader.Failure.tooLarge }
            form.feed(part.readableBytesView)
            while let event = try next(of: &form) {
                if event == .end { isWhole = true }
                try take(event)
            }
        }
        guard isWhole else { throw BodyReader.Failure.interrupted }
    }

    private func next(
        of form: inout MultipartReader
    ) throws(BodyReader.Failure) -> MultipartReader.Event? {
        do {
            return try form.next()
        } catch {
            throw .unreadable
        }
    }

    private mutating func take(_ event: MultipartReader.Event) throws {
        switch event {
        case .field(let name, let file):
            field = name
            if name == "berkas", self.file == nil { try begin(file) }
        case .content(let bytes) where field == "token":
            let room = max(0, Self.longestToken - token.utf8.count)
            token += String(decoding: bytes.prefix(room), as: UTF8.self)
        case .content(let bytes) where field == "berkas" && trouble == nil:
            do {
                try file?.append(bytes)
            } catch let failure as Spool.Failure {
                note(failure)
            }
        case .content, .end:
            break
        }
    }

    /// The token stands before the file: what a stranger sends is not even written down.
    private mutating func begin(_ name: String?) throws {
        guard isToken(token) else { return trouble = .formTooOld }
        self.name = Self.plain(name ?? "")
        do {
            file = try spool.begin()
        } catch let failure as Spool.Failure {
            note(failure)
        }
    }

    private mutating func note(_ failure: Spool.Failure) {
        trouble =
            switch failure {
            case .tooLarge: .tooLarge
            case .noRoom: .noRoom
            case .busy: .busy
            }
    }

    /// A file's name without folders, for a page and for a header.
    static func plain(_ name: String) -> String {
        let last = name.split { $0 == "/" || $0 == "\\" }.last ?? ""
        let letters = last.unicodeScalars.map { scalar -> Character in
            let isPlain =
                scalar.isASCII
                && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
            return isPlain || "._-".unicodeScalars.contains(scalar) ? Character(scalar) : "-"
        }
        let plain = String(letters.prefix(100))
        return plain.isEmpty ? "titian.courier" : plain
    }
}
