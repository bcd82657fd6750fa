public import Attendance
import Exchange
import Glibc

/// A code that was typed where there was no line: `pending.json` in the state folder, mode 0600.
///
/// The daemon exchanges it at the first contact; until then it lets a courier file ask, and
/// an answer that comes back on a stick be believed. It goes once the bridge is enrolled.
public struct PendingEnrolment: Hashable, Sendable, Codable {
    public var url: String
    public var code: String

    /// - Throws: ``SyncError`` if it is no code, or another office's.
    public init(url: String, code: String, office: OfficeID) throws(SyncError) {
        let enroller = try Enroller(url: url, code: code, office: office)
        self.url = enroller.url
        self.code = code.filter { !$0.isWhitespace }
    }

    /// - Returns: nil if none waits, or the file cannot be read.
    public static func load(from folder: StateFolder) -> PendingEnrolment? {
        TextFile.bytes(folder.pendingFile, limit: 65_536)
            .flatMap { try? WireJSON.decode(PendingEnrolment.self, from: $0) }
    }

    public func save(to folder: StateFolder) throws {
        let text = String(decoding: try WireJSON.encode(self), as: UTF8.self) + "\n"
        do {
            try TextFile.write(text, to: folder.pendingFile, mode: 0o600)
        } catch {
            throw StateError.unusable(path: folder.pendingFile, reason: error.reason)
        }
    }

    /// The code has done its work.
    public static func remove(from folder: StateFolder) {
        unlink(folder.pendingFile)
        TextFile.flushFolder(of: folder.pendingFile)
    }

    /// The request for a courier file: it proves the code and does not tell it.
    func carriedRequest(
        key: SigningKey, journal: JournalID, hostname: String
    ) throws -> SignedText? {
        let code = try EnrolmentCode(text: code)
        let request = EnrolmentRequest(
            secret: code.secret, journal: journal, publicKey: key.verifying, hostname: hostname,
            version: TitianVersion.current)
        guard let carried = request.carried(with: code) else { return nil }
        let text = String(decoding: try WireJSON.encode(carried), as: UTF8.self)
        return try SignedText(text, key: key, purpose: .enrolment)
    }

    /// What a carried answer grants, if whoever gave it knows the code.
    ///
    /// - Throws: ``SyncError/badAnswer(_:reason:)``.
    func enrolment(
        from answer: CarriedAnswer, key: VerifyingKey, now: UTCTime
    ) throws -> Enrolment {
        let code = try EnrolmentCode(text: code)
        guard let proof = CodeProof(code), proof.proves(answer),
            let granted = try? WireJSON.decode(EnrolmentAnswer.self, fromOutside: answer.text.utf8)
        else { throw SyncError.badAnswer(url, reason: "proof") }
        return try Enrolment(granted, url: url, code: code, key: key, now: now)
    }
}
