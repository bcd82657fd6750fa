import Attendance
import Crypto

/// Proofs that somebody holds a one-time code, for ways on which a code must not be seen.
///
/// A stick may be lost, so a carried request names no secret: it and its answer are
/// authenticated with HMAC-SHA256 under the SHA-256 of the secret, which the centre keeps and
/// the bridge can compute. Neither text is of use with another key or for another answer.
public struct CodeProof: Sendable {
    private let key: SymmetricKey

    /// - Parameter codeHash: SHA-256 of the code's 16 secret bytes.
    public init(codeHash: [UInt8]) {
        key = SymmetricKey(data: codeHash)
    }

    /// Hashes the secret first.
    ///
    /// - Returns: nil if the code's secret is no hexadecimal text.
    public init?(_ code: EnrolmentCode) {
        guard let secret = [UInt8](hex: code.secret) else { return nil }
        self.init(codeHash: Chain.digest(ofLine: secret).bytes)
    }

    /// The proof of a request, as hexadecimal digits.
    public func proof(of request: EnrolmentRequest) -> String {
        hex(Self.requestWords + request.publicKey + request.journal)
    }

    /// The proof of an answer's exact text.
    public func proof(ofAnswer text: String) -> String { hex(Self.answerWords + text) }

    public func proves(_ request: EnrolmentRequest) -> Bool {
        isValid(request.proof, for: Self.requestWords + request.publicKey + request.journal)
    }

    public func proves(_ answer: CarriedAnswer) -> Bool {
        isValid(answer.proof, for: Self.answerWords + answer.text)
    }

    private static let requestWords = "titian carried enrol v1"
    private static let answerWords = "titian carried answer v1"

    private func hex(_ text: String) -> String {
        [UInt8](HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key)).hex
    }

    private func isValid(_ proof: String?, for text: String) -> Bool {
        guard let proof, let code = [UInt8](hex: proof) else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(
            code, authenticating: Array(text.utf8), using: key)
    }
}

/// The centre's answer to a carried request: no TLS stands behind it, so the proof does.
public struct CarriedAnswer: Hashable, Sendable, Codable {
    /// ``EnrolmentAnswer`` as JSON.
    public var text: String
    /// ``CodeProof/proof(ofAnswer:)``.
    public var proof: String

    public init(_ answer: EnrolmentAnswer, proof: CodeProof) throws {
        text = String(decoding: try WireJSON.encode(answer), as: UTF8.self)
        self.proof = proof.proof(ofAnswer: text)
    }
}
