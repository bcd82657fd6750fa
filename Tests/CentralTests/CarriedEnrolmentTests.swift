import Attendance
import Central
import Exchange
import Testing

@Suite struct `A request that came on a stick` {
    let centre: Centre

    init() async throws {
        centre = try await Centre()
    }

    private func code(days: Int = 30) async throws -> EnrolmentCode {
        let made = try await centre.central.makeCode(
            office: OfficeID(Centre.north), days: days, by: tester, at: moment())
        return EnrolmentCode(
            secret: made.secret, office: made.office.id, zone: made.office.zone,
            pins: ["sha256//x"],
            expires: made.expires)
    }

    private func request(of box: Box, with code: EnrolmentCode) throws -> SignedText {
        let plain = EnrolmentRequest(
            secret: code.secret, journal: box.journal, publicKey: box.key.verifying,
            hostname: "kotak", version: "1")
        let carried = try #require(plain.carried(with: code))
        let text = String(decoding: try WireJSON.encode(carried), as: UTF8.self)
        return try SignedText(text, key: box.key, purpose: .enrolment)
    }

    private func enrol(_ signed: SignedText) async throws -> CarriedAnswer {
        try await centre.central.enrolCarried(
            signed, pins: ["sha256//x"], from: "courier", at: moment())
    }

    @Test func `is granted and answered with a proof, as often as it comes`() async throws {
        let (box, code) = (try Box(seed: 5), try await code())
        let proof = try #require(CodeProof(code))
        for _ in 0..<2 {
            let answer = try await enrol(try request(of: box, with: code))
            #expect(proof.proves(answer))
            let granted = try WireJSON.decode(EnrolmentAnswer.self, from: answer.text.utf8)
            #expect(granted.office == Centre.north && granted.bridge == box.key.verifying.id)
        }
        #expect(try await centre.central.bridges(of: OfficeID(Centre.north)).count == 1)
    }

    @Test func `with a code of nobody, or another's used one, is refused`() async throws {
        let code = try await code()
        var other = code
        other.secret = String(repeating: "ab", count: 16)
        let stranger = try request(of: try Box(seed: 5), with: other)
        #expect(await refusal { _ = try await enrol(stranger) } == SyncRefusal(.codeUnknown))
        _ = try await enrol(try request(of: try Box(seed: 5), with: code))
        let second = try request(of: try Box(seed: 6), with: code)
        #expect(await refusal { _ = try await enrol(second) } == SyncRefusal(.codeUsed))
    }

    @Test func `found by somebody enrols no other key`() async throws {
        let (box, thief) = (try Box(seed: 5), try Box(seed: 6))
        let found = try request(of: box, with: try await code())
        var stolen = try WireJSON.decode(EnrolmentRequest.self, from: found.text.utf8)
        stolen.publicKey = thief.key.verifying.bytes.base64
        let text = String(decoding: try WireJSON.encode(stolen), as: UTF8.self)
        let signed = try SignedText(text, key: thief.key, purpose: .enrolment)
        #expect(await refusal { _ = try await enrol(signed) } == SyncRefusal(.codeUnknown))
    }

    @Test func `over the line, without its secret, is refused`() async throws {
        let carried = try request(of: try Box(seed: 5), with: try await code())
        let refused = await refusal {
            _ = try await centre.central.enrol(carried, pins: [], from: "10.0.0.1", at: moment())
        }
        #expect(refused == SyncRefusal(.codeUnknown))
    }
}
