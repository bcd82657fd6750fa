public import Attendance

/// The centre's word that another key signs its receipts from now on.
///
/// Signed with the key before, so that a bridge that has been away for a year follows from the key it
/// knows to the one of today, without a human and without a certificate.
public struct KeySuccession: Hashable, Sendable, Codable {
    /// Base64 of the key that follows.
    public var key: String
    /// When, by the centre's clock.
    public var at: String

    public init(_ key: VerifyingKey, at: UTCTime) {
        self.key = key.bytes.base64
        self.at = at.description
    }

    /// The statement as it is kept and sent.
    public func signed(by former: SigningKey) throws -> SignedText {
        try SignedText(
            String(decoding: try WireJSON.encode(self), as: UTF8.self), key: former,
            purpose: .succession)
    }

    /// The key that a statement names, if `former` signed it.
    public static func next(after former: VerifyingKey, in statement: SignedText) -> VerifyingKey? {
        guard statement.key == former.id, statement.isSigned(by: former, purpose: .succession),
            let said = try? WireJSON.decode(Self.self, fromOutside: statement.text.utf8)
        else { return nil }
        return [UInt8](base64: said.key).flatMap { try? VerifyingKey(bytes: $0) }
    }

    /// How many keys may follow each other before a bridge gives up: one a year for a lifetime.
    static let most = 64

    /// The keys on the way from one that is known to the one with this id, both included; nil if no
    /// statements lead there.
    ///
    /// A key may have signed two statements where a change was cut short: each is tried.
    public static func way(
        from known: VerifyingKey, to id: String, by statements: [SignedText]
    ) -> [VerifyingKey]? {
        var ways = [[known]]
        for _ in 0..<most {
            if let way = ways.first(where: { $0.last?.id == id }) { return way }
            ways = ways.flatMap { way in
                statements.compactMap { statement in
                    way.last.flatMap { next(after: $0, in: statement) }
                        .flatMap { way.contains($0) ? nil : way + [$0] }
                }
            }
            guard !ways.isEmpty, ways.count <= most else { return nil }
        }
        return nil
    }
}

extension SyncAnswer {
    /// The receipt, and the keys on the way from one that is known to the one that signed it.
    public func verifiedReceipt(
        from known: VerifyingKey
    ) -> (receipt: Receipt, way: [VerifyingKey])? {
        guard let way = KeySuccession.way(from: known, to: receipt.key, by: successions ?? []),
            let signer = way.last, let receipt = verifiedReceipt(by: signer)
        else { return nil }
        return (receipt, way)
    }
}
