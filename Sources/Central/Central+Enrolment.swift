public import Attendance
public import Exchange
import SQLite

extension Central {
    /// Makes a code with which one bridge may be enrolled for an office, once.
    ///
    /// - Parameters:
    ///   - days: How long the code is good for.
    ///   - doer: Who does it, for the audit trail.
    ///   - id: The office.
    ///   - now: The moment it happens.
    ///   - secret: 16 random bytes.
    public func makeCode(
        office id: OfficeID, days: Int, by doer: Doer, at now: UTCTime,
        secret: [UInt8] = Central.freshSecret()
    ) throws -> NewCode {
        let row = try officeRow(id)
        guard let office = try office(id) else {
            throw CentralError.unknownOffice(id.description, nearest: nil)
        }
        let length = Int64(max(0, min(days, 3_650))) * 86_400_000
        let expires = now.advanced(byMilliseconds: length)
        try database.transaction {
            try database.run(
                "INSERT INTO code VALUES (?, ?, ?, ?, NULL, NULL)",
                .blob(Chain.digest(ofLine: secret).bytes), .int(row), .int(now.milliseconds),
                .int(expires.milliseconds))
            try audit(doer, "make-code", id.description, at: now)
        }
        return NewCode(secret: secret, office: office, expires: expires)
    }

    public static func freshSecret() -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        return (0..<16).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    /// Grants a request that carries a valid code.
    ///
    /// A bridge that asks again with the code it used itself gets the same answer: the first one
    /// may have been lost on the way.
    public nonisolated func enrol(
        _ signed: SignedText, pins: [String], from address: String, at now: UTCTime
    ) async throws(SyncRefusal) -> EnrolmentAnswer {
        let (request, key) = try Self.request(in: signed)
        guard let secret = [UInt8](hex: request.secret) else { throw SyncRefusal(.notOurs) }
        let hash = Chain.digest(ofLine: secret).bytes
        return try await answer(request, key, hash: hash, pins: pins, from: address, at: now)
    }

    /// Grants a request that came in a courier file: it proves its code and does not tell it.
    ///
    /// - Returns: The same answer as over the line, with a proof of its own.
    public nonisolated func enrolCarried(
        _ signed: SignedText, pins: [String], from address: String, at now: UTCTime
    ) async throws(SyncRefusal) -> CarriedAnswer {
        let (request, key) = try Self.request(in: signed)
        let hash: [UInt8]?
        do {
            hash = try await codeHash(provedBy: request)
        } catch {
            throw Self.refusal(error)
        }
        guard let hash else { throw SyncRefusal(.codeUnknown) }
        let answer = try await answer(
            request, key, hash: hash, pins: pins, from: address, at: now)
        do {
            return try CarriedAnswer(answer, proof: CodeProof(codeHash: hash))
        } catch {
            throw SyncRefusal(.storeFailed)
        }
    }

    private static func request(
        in signed: SignedText
    ) throws(SyncRefusal) -> (EnrolmentRequest, VerifyingKey) {
        guard
            let request = try? WireJSON.decode(
                EnrolmentRequest.self, fromOutside: signed.text.utf8),
            let bytes = [UInt8](base64: request.publicKey),
            let key = try? VerifyingKey(bytes: bytes)
        else { throw SyncRefusal(.notOurs) }
        guard signed.isSigned(by: key, purpose: .enrolment) else {
            throw SyncRefusal(.badSignature)
        }
        return (request, key)
    }

    private nonisolated func answer(
        _ request: EnrolmentRequest, _ key: VerifyingKey, hash: [UInt8], pins: [String],
        from address: String, at now: UTCTime
    ) async throws(SyncRefusal) -> EnrolmentAnswer {
        let office: Office
        do {
            office = try await grant(
                hash: hash, key: key, hostname: request.hostname, from: address, at: now)
        } catch {
            throw Self.refusal(error)
        }
        CrashPoint.enrolmentGranted.reached()
        return EnrolmentAnswer(
            office: office.id, zone: office.zone, bridge: key, centreKey: receiptKey.verifying,
            pins: pins, serverTime: now)
    }

    /// The code a carried request was made with; a few thousand codes are tried in milliseconds.
    private func codeHash(provedBy request: EnrolmentRequest) throws -> [UInt8]? {
        var found: [UInt8]?
        try database.rows("SELECT secret FROM code") { row in
            let hash = row.blob(0)
            if found == nil, CodeProof(codeHash: hash).proves(request) { found = hash }
        }
        return found
    }

    private func grant(
        hash code: [UInt8], key: VerifyingKey, hostname: String, from address: String,
        at now: UTCTime
    ) throws -> Office {
        try database.transaction {
            let hash = Value.blob(code)
            let code = try database.first(
                "SELECT office, expires_at, used_by FROM code WHERE secret = ?", hash
            ) { (office: $0.int(0), expires: $0.int(1), usedBy: $0.optionalBlob(2)) }
            guard let code else { throw SyncRefusal(.codeUnknown) }
            guard code.usedBy == nil || code.usedBy == key.bytes else {
                throw SyncRefusal(.codeUsed)
            }
            let office =
                try database.first(
                    "SELECT \(Self.officeColumns) FROM office WHERE id = ?", .int(code.office)
                ) { Self.office($0) } ?? nil
            guard let office else { throw SyncRefusal(.codeUnknown) }
            if code.usedBy != nil {
                // A code that was used brings nobody back who was shut out since.
                let revoked = try database.int(
                    "SELECT 1 FROM bridge WHERE name = ? AND revoked_at IS NOT NULL",
                    .text(key.id))
                guard revoked == nil else { throw SyncRefusal(.revokedKey) }
                return office
            }
            guard code.expires > now.milliseconds else { throw SyncRefusal(.codeExpired) }
            try database.run(
                "UPDATE code SET used_at = ?, used_by = ? WHERE secret = ? AND used_at IS NULL",
                .int(now.milliseconds), .blob(key.bytes), hash)
            CrashPoint.codeUsed.reached()
            try keep(key, office: code.office, hostname: hostname, at: now)
            CrashPoint.bridgeEnrolled.reached()
            try audit(
                Doer(name: "bridge \(key.id)", address: address), "enrol-bridge",
                office.id.description, at: now)
            return office
        }
    }

    /// A key that is known already moves to the new office, or comes back after it was revoked.
    private func keep(_ key: VerifyingKey, office: Int64, hostname: String, at now: UTCTime) throws
    {
        let hostname = String(hostname.prefix(100))
        try database.run(
            """
            INSERT INTO bridge (name, key, office, hostname, enrolled_at) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (name) DO UPDATE SET office = excluded.office, hostname = excluded.hostname,
                enrolled_at = excluded.enrolled_at, revoked_at = NULL, revoked_by = NULL,
                revoked_why = NULL
            """, .text(key.id), .blob(key.bytes), .int(office), .text(hostname),
            .int(now.milliseconds))
        try event("bridge-enrolled", office: office, at: now, now: now, detail: hostname)
    }
}
