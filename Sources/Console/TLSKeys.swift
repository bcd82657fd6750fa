internal import Crypto
import FoundationEssentials
internal import HummingbirdTLS
internal import NIOSSL
internal import SwiftASN1
internal import X509

/// The centre's TLS key: made on first start together with a spare one, or given as files.
///
/// Offices trust the keys' pins, which their enrolment codes carry, and never a certificate's
/// dates: a wrong clock or a forgotten renewal cannot cut an office off. The certificate exists
/// because TLS wants one; if it is removed, another is made for the same key.
///
/// A current key that is lost or damaged is replaced by the spare one, which every office knows
/// already, and a new spare is made.
/// The decision: `docs/decisions/0004-keys-instead-of-certificates.md`.
public struct TLSKeys: Sendable {
    /// `sha256//…` of the current and the spare key, as libcurl wants them.
    public let pins: [String]
    let certificatePEM: [UInt8]
    let keyPEM: [UInt8]
    private let files: ServerConfiguration.Files

    static let keyFile = "tls-key.pem"
    static let spareFile = "tls-spare-key.pem"
    static let certificateFile = "tls-certificate.pem"

    /// Reads the keys, and makes those that are missing.
    public init(_ configuration: ServerConfiguration, in folder: DataFolder) throws(ServerError) {
        if let files = configuration.tls {
            try self.init(given: files)
        } else {
            try self.init(own: folder)
        }
    }

    private init(given files: ServerConfiguration.Files) throws(ServerError) {
        self.files = files
        certificatePEM = try Self.contents(files.certificate)
        keyPEM = try Self.contents(files.key)
        do {
            let certificates = try NIOSSLCertificate.fromPEMBytes(certificatePEM)
            guard let leaf = certificates.first else { throw NIOSSLError.failedToLoadCertificate }
            pins = [Self.pin(try leaf.extractPublicKey().toSPKIBytes())]
        } catch {
            throw .tlsFile(files.certificate, why: "\(error)")
        }
    }

    private init(own folder: DataFolder) throws(ServerError) {
        files = ServerConfiguration.Files(
            certificate: folder.file(Self.certificateFile), key: folder.file(Self.keyFile))
        let (current, spare) = try folder.locked { () throws(ServerError) in
            try Self.promoteSpare(in: folder)
            return (
                try Self.key(Self.keyFile, in: folder), try Self.key(Self.spareFile, in: folder)
            )
        }
        pins = [current, spare].map { Self.pin(Array($0.publicKey.derRepresentation)) }
        keyPEM = Array(current.pemRepresentation.utf8)
        certificatePEM = try Self.certificate(for: current, in: folder)
    }

    /// What Hummingbird needs; checks that certificate and key belong together.
    func serverConfiguration() throws(ServerError) -> TLSConfiguration {
        do {
            let chain = try NIOSSLCertificate.fromPEMBytes(certificatePEM)
            let key = try NIOSSLPrivateKey(bytes: keyPEM, format: .pem)
            var tls = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
            tls.minimumTLSVersion = .tlsv12
            _ = try NIOSSLContext(configuration: tls)
            return tls
        } catch {
            throw .tlsFile(files.key, why: "\(error)")
        }
    }

    private static func contents(_ path: String) throws(ServerError) -> [UInt8] {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw .tlsFile(path, why: "it cannot be read")
        }
        return Array(bytes)
    }

    /// Puts the spare key where the current one is missing or no key any more. Cut short at any
    /// point, the next start ends it.
    private static func promoteSpare(in folder: DataFolder) throws(ServerError) {
        guard let spare = folder.read(spareFile), isKey(spare) else { return }
        let current = folder.read(keyFile)
        if current == nil, folder.has(keyFile) {
            throw .tlsFile(folder.file(keyFile), why: "it cannot be read")
        }
        if current.map(isKey) != true {
            if current != nil { try folder.setAside(keyFile) }
            try folder.writeOnce(keyFile, spare)
        } else if current != spare {
            return
        }
        // One that is in use is no spare.
        let new = P256.Signing.PrivateKey().pemRepresentation
        try folder.replace(spareFile, new, mode: 0o600)
    }

    /// Lets the spare key take the place of the current one, which is kept nowhere, and makes a new spare.
    ///
    /// - Throws: ``ServerError`` where the keys are given as files: whoever made them changes them.
    static func rotate(
        _ configuration: ServerConfiguration, in folder: DataFolder
    ) throws(ServerError) -> TLSKeys {
        if let files = configuration.tls { throw .givenKey(files.key) }
        try folder.locked { () throws(ServerError) in
            guard let spare = folder.read(spareFile), isKey(spare) else {
                throw .tlsFile(folder.file(spareFile), why: "it holds no P-256 key")
            }
            try folder.replace(keyFile, String(decoding: spare, as: UTF8.self), mode: 0o600)
        }
        return try TLSKeys(configuration, in: folder)
    }

    private static func isKey(_ bytes: [UInt8]) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        return (try? P256.Signing.PrivateKey(pemRepresentation: text)) != nil
    }

    private static func key(
        _ name: String, in folder: DataFolder
    ) throws(ServerError) -> P256.Signing.PrivateKey {
        if folder.read(name) == nil {
            try folder.writeOnce(name, Array(P256.Signing.PrivateKey().pemRepresentation.utf8))
        }
        do {
            let text = String(decoding: folder.read(name) ?? [], as: UTF8.self)
            return try P256.Signing.PrivateKey(pemRepresentation: text)
        } catch {
            throw .tlsFile(folder.file(name), why: "it holds no P-256 key")
        }
    }

    private static func certificate(
        for key: P256.Signing.PrivateKey, in folder: DataFolder
    ) throws(ServerError) -> [UInt8] {
        if !isCertificate(folder.read(certificateFile) ?? [], of: key) {
            try folder.remove(certificateFile)
            do {
                let certificate = try selfSigned(key).serializeAsPEM().pemString
                try folder.writeOnce(certificateFile, Array(certificate.utf8))
            } catch let error as ServerError {
                throw error
            } catch {
                throw .tlsFile(folder.file(certificateFile), why: "\(error)")
            }
        }
        return folder.read(certificateFile) ?? []
    }

    private static func isCertificate(_ pem: [UInt8], of key: P256.Signing.PrivateKey) -> Bool {
        let leaf = try? NIOSSLCertificate.fromPEMBytes(pem).first
        return (try? leaf?.extractPublicKey().toSPKIBytes())
            == Array(key.publicKey.derRepresentation)
    }

    /// A certificate whose dates no clock falls out of, right or wrong: 1970 to 2100.
    private static func selfSigned(_ key: P256.Signing.PrivateKey) throws -> Certificate {
        let name = try DistinguishedName { CommonName("titian-server") }
        return try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(),
            publicKey: Certificate.PublicKey(key.publicKey),
            notValidBefore: Date(timeIntervalSince1970: 0),
            notValidAfter: Date(timeIntervalSince1970: 4_102_444_800),
            issuer: name, subject: name, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames([.dnsName("titian-server"), .dnsName("localhost")])
            },
            issuerPrivateKey: Certificate.PrivateKey(key))
    }

    /// `sha256//` and the base64 of the SHA-256 of the public key (SPKI, DER).
    static func pin(_ spki: [UInt8]) -> String {
        "sha256//" + Data(SHA256.hash(data: spki)).base64EncodedString()
    }
}
