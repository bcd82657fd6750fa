import Attendance
import Exchange
import Testing

/// The centre's keys follow each other, and whoever knows one of them follows.
@Suite struct `The key of receipts` {
    private let at = UTCTime(milliseconds: 1_795_000_000_000)
    private let keys = (0..<4).map { _ in SigningKey() }

    private func statements(_ steps: [(Int, Int)]) throws -> [SignedText] {
        try steps.map { former, next in
            try KeySuccession(keys[next].verifying, at: at).signed(by: keys[former])
        }
    }

    private func answer(by key: SigningKey, _ statements: [SignedText]) throws -> SyncAnswer {
        var random = SystemRandomNumberGenerator()
        let journal = JournalID(using: &random)
        let head = Chain(journal: journal, publicKey: key.verifying.bytes).head
        let receipt = Receipt(
            journal: journal, ackedThrough: 5, head: head, safeThrough: 0, serverTime: at)
        return try SyncAnswer(receipt, key: key, successions: statements)
    }

    @Test func `is followed over every change since`() throws {
        let told = try statements([(0, 1), (1, 2), (2, 3)])
        let answer = try answer(by: keys[3], told)
        for known in 0..<4 {
            let found = try #require(answer.verifiedReceipt(from: keys[known].verifying))
            #expect(found.way == keys[known...].map(\.verifying))
            #expect(found.receipt.ackedThrough == 5)
        }
    }

    @Test func `is the one of before until a change has taken place`() throws {
        // Stated twice, because the first change was cut short; still signed with the old one.
        let told = try statements([(0, 1), (0, 2)])
        #expect(try answer(by: keys[0], told).verifiedReceipt(from: keys[0].verifying) != nil)
        #expect(try answer(by: keys[2], told).verifiedReceipt(from: keys[0].verifying) != nil)
    }

    @Test func `is nobody's whom the one of before did not name`() throws {
        let unsaid = try answer(by: keys[3], statements([(0, 1), (2, 3)]))
        #expect(unsaid.verifiedReceipt(from: keys[0].verifying) == nil)
        // A statement for itself, signed by the forger, in the name of the known key.
        var forged = try KeySuccession(keys[3].verifying, at: at).signed(by: keys[3])
        forged.key = keys[0].verifying.id
        #expect(
            try answer(by: keys[3], [forged]).verifiedReceipt(from: keys[0].verifying) == nil)
        // A receipt is no statement.
        let receipt = try SignedText(
            forged.text, key: keys[0], purpose: .receipt)
        #expect(
            try answer(by: keys[3], [receipt]).verifiedReceipt(from: keys[0].verifying) == nil)
    }

    @Test func `goes round in no circle`() throws {
        let round = try statements([(0, 1), (1, 0)])
        #expect(try answer(by: keys[3], round).verifiedReceipt(from: keys[0].verifying) == nil)
    }

    @Test func `is not spoken of where it never changed`() throws {
        let wire = String(decoding: try WireJSON.encode(answer(by: keys[0], [])), as: UTF8.self)
        #expect(!wire.contains("key_successions"))
    }
}
