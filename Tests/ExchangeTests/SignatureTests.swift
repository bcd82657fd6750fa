import Attendance
import Exchange
import Testing

@Suite struct `A signature` {
    private let message = Array("lines".utf8)

    @Test func `is good for its bytes, its key and its purpose alone`() throws {
        let key = try Samples.bridgeKey()
        let signature = try key.signature(for: message, purpose: .sync)
        let verifying = key.verifying
        #expect(signature.count == 64)
        #expect(verifying.isValid(signature: signature, for: message, purpose: .sync))
        #expect(!verifying.isValid(signature: signature, for: message + [0], purpose: .sync))
        #expect(!verifying.isValid(signature: signature, for: message, purpose: .receipt))
        #expect(!verifying.isValid(signature: signature, for: message, purpose: .enrolment))
        #expect(
            !(try Samples.centreKey().verifying).isValid(
                signature: signature, for: message, purpose: .sync))
    }

    @Test(arguments: 0..<64)
    func `with one bit changed is worth nothing`(index: Int) throws {
        let key = try Samples.bridgeKey()
        var signature = try key.signature(for: message, purpose: .sync)
        signature[index] ^= 0x10
        #expect(!key.verifying.isValid(signature: signature, for: message, purpose: .sync))
    }

    @Test(arguments: [0, 1, 63, 65])
    func `of another length is refused and not read past its end`(length: Int) throws {
        let signature = [UInt8](repeating: 0, count: length)
        #expect(
            !(try Samples.bridgeKey().verifying).isValid(
                signature: signature, for: message, purpose: .sync))
    }

    @Test func `needs a key of 32 bytes`() {
        #expect(throws: InvalidValue.self) { try SigningKey(seed: [1, 2, 3]) }
        #expect(throws: InvalidValue.self) { try VerifyingKey(bytes: []) }
        #expect(throws: InvalidValue.self) {
            try VerifyingKey(bytes: Array(repeating: 0, count: 33))
        }
    }

    @Test func `comes from the same key after it was stored`() throws {
        let key = SigningKey()
        #expect(try SigningKey(seed: key.seed).verifying == key.verifying)
        #expect(key.verifying.id.utf8.count == 16)
    }
}

@Suite struct `A receipt` {
    @Test func `is believed only under the centre's key`() throws {
        let answer = try SyncAnswer(try Samples.receipt(), key: try Samples.centreKey())
        #expect(answer.verifiedReceipt(by: try Samples.centreKey().verifying) != nil)
        #expect(answer.verifiedReceipt(by: try Samples.bridgeKey().verifying) == nil)
    }

    @Test func `says the same as the fields beside it`() throws {
        let receipt = try Samples.receipt()
        let answer = try SyncAnswer(receipt, key: try Samples.centreKey(), retryAfterSeconds: 9)
        #expect(answer.verifiedReceipt(by: try Samples.centreKey().verifying) == receipt)
        #expect(answer.ackedThrough == receipt.ackedThrough && answer.head == receipt.head)
        #expect(answer.retryAfterSeconds == 9)
    }

    @Test func `is not believed once a word in it was changed`() throws {
        var answer = try SyncAnswer(try Samples.receipt(), key: try Samples.centreKey())
        answer.receipt.text = answer.receipt.text.replacing(
            "\"acked_through\":10", with: "\"acked_through\":99")
        #expect(answer.receipt.text.contains("99"))
        #expect(answer.verifiedReceipt(by: try Samples.centreKey().verifying) == nil)
    }

    @Test func `crosses the wire unchanged`() throws {
        let answer = try SyncAnswer(try Samples.receipt(), key: try Samples.centreKey())
        let back = try WireJSON.decode(SyncAnswer.self, from: try WireJSON.encode(answer))
        #expect(back == answer)
    }
}

@Suite struct `A problem document` {
    @Test(arguments: SyncProblem.allCases)
    func `speaks both languages and can be read again`(problem: SyncProblem) throws {
        let document = ProblemDocument(problem, sendFrom: 7)
        #expect(!document.title.isEmpty && !document.judul.isEmpty)
        #expect((400...599).contains(document.status))
        let back = try WireJSON.decode(
            ProblemDocument.self, from: try WireJSON.encode(document))
        #expect(back == document && SyncProblem(rawValue: back.code) == problem)
    }
}
