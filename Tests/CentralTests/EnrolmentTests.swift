import Attendance
import Central
import Exchange
import Testing

@Suite struct `An enrolment code` {
    let centre: Centre

    init() async throws {
        centre = try await Centre()
    }

    private func code(days: Int = 30) async throws -> NewCode {
        try await centre.central.makeCode(
            office: OfficeID(Centre.north), days: days, by: tester, at: moment())
    }

    private func enrol(_ box: Box, _ secret: [UInt8], at now: UTCTime = moment()) async
        -> SyncRefusal?
    {
        await refusal {
            _ = try await centre.central.enrol(
                box.request(secret: secret), pins: ["sha256//x"], from: "10.0.0.1", at: now)
        }
    }

    @Test func `gives a bridge its office, its zone and the centre's key`() async throws {
        let box = try Box(seed: 5)
        let answer = try await centre.central.enrol(
            box.request(secret: try await code().secret), pins: ["sha256//a", "sha256//b"],
            from: "10.0.0.1", at: moment())
        #expect(answer.office == Centre.north)
        #expect(answer.zone == "Asia/Makassar")
        #expect(answer.bridge == box.key.verifying.id)
        #expect(answer.centreKey == centre.central.receiptKey.verifying.bytes.base64)
        #expect(answer.pins == ["sha256//a", "sha256//b"])
        #expect(try await centre.central.key(box.key.verifying.id) == box.key.verifying)
    }

    @Test func `is good for one of a hundred that race for it`() async throws {
        let secret = try await code().secret
        let granted = try await withThrowingTaskGroup(of: Bool.self) { group in
            for seed in 1...100 as ClosedRange<UInt64> {
                group.addTask { await enrol(try Box(seed: seed), secret) == nil }
            }
            return try await group.reduce(into: 0) { if $1 { $0 += 1 } }
        }
        #expect(granted == 1)
        #expect(try await centre.central.bridges(of: OfficeID(Centre.north)).count == 1)
    }

    @Test func `is good for one even if two processes race for it`() async throws {
        let secret = try await code().secret
        let other = try centre.reopened()
        let boxes = [try Box(seed: 1), try Box(seed: 2)]
        async let first = refusal {
            _ = try await centre.central.enrol(
                boxes[0].request(secret: secret), pins: [], from: "", at: moment())
        }
        async let second = refusal {
            _ = try await other.enrol(
                boxes[1].request(secret: secret), pins: [], from: "", at: moment())
        }
        let refusals = await [first, second].compactMap(\.self)
        #expect(refusals == [SyncRefusal(.codeUsed)])
    }

    @Test func `answers the bridge that used it again, whose answer may have been lost`()
        async throws
    {
        let secret = try await code().secret
        let box = try Box(seed: 1)
        #expect(await enrol(box, secret) == nil)
        #expect(await enrol(box, secret, at: moment(90 * 86_400)) == nil)
        #expect(await enrol(try Box(seed: 2), secret) == SyncRefusal(.codeUsed))
    }

    @Test func `is refused when it has expired`() async throws {
        let box = try Box(seed: 1)
        #expect(await enrol(box, try await code(days: 0).secret) == SyncRefusal(.codeExpired))
        let secret = try await code(days: 1).secret
        #expect(await enrol(box, secret, at: moment(86_400)) == SyncRefusal(.codeExpired))
        #expect(await enrol(box, secret, at: moment(86_399)) == nil)
    }

    @Test func `is refused when it is wrong`() async throws {
        _ = try await code()
        let box = try Box(seed: 1)
        let wrong = [UInt8](repeating: 7, count: 16)
        #expect(await enrol(box, wrong) == SyncRefusal(.codeUnknown))
        #expect(await enrol(box, []) == SyncRefusal(.codeUnknown))
    }

    @Test func `needs the signature of the key it is asked for`() async throws {
        let box = try Box(seed: 1)
        let text = try box.request(secret: try await code().secret).text
        let forged = try SignedText(text, key: SigningKey(), purpose: .enrolment)
        let refused = await refusal {
            _ = try await centre.central.enrol(forged, pins: [], from: "", at: moment())
        }
        #expect(refused == SyncRefusal(.badSignature))
        let junk = try SignedText("{}", key: box.key, purpose: .enrolment)
        let unread = await refusal {
            _ = try await centre.central.enrol(junk, pins: [], from: "", at: moment())
        }
        #expect(unread == SyncRefusal(.notOurs))
    }

    @Test func `is not made for an office that nobody knows`() async throws {
        await #expect(
            throws: CentralError.unknownOffice("upt-contoh-timur", nearest: Centre.north)
        ) {
            try await centre.central.makeCode(
                office: OfficeID("upt-contoh-timur"), days: 30, by: tester, at: moment())
        }
    }

    @Test func `moves a box to another office, and its earlier punches stay`() async throws {
        var box = try await centre.box()
        box.write(try punch("17", 1))
        _ = try await centre.central.accept(try box.call(0..<1), at: moment())
        try await centre.enrol(box, in: Centre.school)
        box.write(try punch("18", 2, of: "SCHOOL1"))
        _ = try await centre.central.accept(try box.call(1..<2), at: moment())
        #expect(try await centre.punches(Centre.north).map(\.pin) == ["17"])
        #expect(try await centre.punches(Centre.school).map(\.pin) == ["18"])
        #expect(try await centre.central.verify().findings == [])
    }
}

@Suite struct `The receipt key` {
    @Test func `is the same for all that make the folder at once`() async throws {
        let folder = try TemporaryFolder()
        let keys = try await withThrowingTaskGroup(of: VerifyingKey.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let central = try Central(folder: folder.path)
                    try await central.record(tester, "sign-in", at: moment())
                    return central.receiptKey.verifying
                }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(keys.count == 1)
        let central = try Central(folder: folder.path)
        #expect(try await central.auditRows(limit: 99).count == 8)
        #expect(try await central.auditIsWhole())
    }

    @Test func `is made once and kept`() async throws {
        let folder = try TemporaryFolder()
        let first = try Central(folder: folder.path).receiptKey.verifying
        #expect(try Central(folder: folder.path).receiptKey.verifying == first)
    }

    @Test func `that is damaged stops the centre and is not replaced`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/receipt.key"
        try Support.write("kurang", to: path)
        #expect(throws: CentralError.badReceiptKey(path: path)) {
            try Central(folder: folder.path)
        }
        #expect(try Support.read(path) == "kurang")
    }
}

@Suite struct `The list of offices at the centre` {
    @Test func `can be imported again and again, and removes nobody`() async throws {
        let centre = try await Centre()
        let list = """
            id,name,zone,stage,contact
            upt-contoh-utara,UPT Contoh Utara,WITA,aktif,Pak Anwar 0812-0000-0001
            sdn-contoh-dua,SDN Contoh Dua,WITA,aktif,Bu Rini
            sdn-contoh-tiga,SDN Contoh 3,WITA,rencana,
            """
        let done = try await centre.central.importOffices(
            csv: Array(list.utf8), by: tester, at: moment())
        #expect((done.added, done.changed, done.unchanged) == (1, 1, 1))
        let again = try await centre.central.importOffices(
            csv: Array(list.utf8), by: tester, at: moment(9))
        #expect((again.added, again.changed, again.unchanged) == (0, 0, 3))
        #expect(try await centre.central.offices().count == 4)
        let school = try await centre.central.office(OfficeID(Centre.school))
        #expect(school?.contact == "Bu Rini")
        #expect(school?.addedAt == moment(-86_400))
    }

    @Test func `with one bad line changes nothing`() async throws {
        let centre = try await Centre()
        let list = "id,name,zone,stage\nbaru,Baru,WITA,aktif\nlain,Lain,UTC,aktif\n"
        await #expect(throws: CentralError.self) {
            try await centre.central.importOffices(
                csv: Array(list.utf8), by: tester, at: moment())
        }
        #expect(try await centre.central.office(OfficeID("baru")) == nil)
    }
}
