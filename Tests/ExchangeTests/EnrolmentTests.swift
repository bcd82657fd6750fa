import Attendance
import Exchange
import Testing

@Suite struct `An enrolment code` {
    @Test func `is the same after writing and reading`() throws {
        let code = try Samples.code()
        #expect(try EnrolmentCode(text: code.text) == code)
    }

    @Test func `may be pasted with blanks and line ends in it`() throws {
        let text = try Samples.code().text
        let wrapped = text.enumerated().map {
            $0.offset % 40 == 39 ? "\($0.element)\r\n  " : "\($0.element)"
        }
        #expect(try EnrolmentCode(text: " " + wrapped.joined() + "\n") == Samples.code())
    }

    @Test func `is refused at every length it can be cut to`() throws {
        let text = try Samples.code().text
        for length in 0..<text.count {
            #expect(throws: InvalidValue.self, "\(length) characters") {
                try EnrolmentCode(text: String(text.prefix(length)))
            }
        }
    }

    @Test func `is refused with any character mistyped`() throws {
        let text = try Samples.code().text
        for index in text.indices {
            var mistyped = text
            let other: Character = text[index] == "A" ? "B" : "A"
            mistyped.replaceSubrange(index...index, with: String(other))
            #expect(throws: InvalidValue.self) { try EnrolmentCode(text: mistyped) }
        }
    }

    @Test(arguments: ["", "titian1.", "titian1.abc", "titian1..", "titian2.abc.00000000", "…"])
    func `is not just any text`(text: String) {
        #expect(throws: InvalidValue.self) { try EnrolmentCode(text: text) }
    }

    @Test func `needs only characters that survive a chat message`() throws {
        let allowed = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")
        #expect(try Samples.code().text.allSatisfy(allowed.contains))
    }

    @Test func `never repeats a wrong text in its error`() {
        let error = #expect(throws: InvalidValue.self) { try EnrolmentCode(text: "titian1.secret") }
        #expect(error?.description.contains("secret") == false)
    }
}

@Suite struct `A request to be enrolled` {
    @Test func `proves that its sender holds the key`() throws {
        let signed = try Samples.request()
        let request = try WireJSON.decode(EnrolmentRequest.self, from: signed.text.utf8)
        let key = try VerifyingKey(bytes: try #require([UInt8](base64: request.publicKey)))
        #expect(signed.isSigned(by: key, purpose: .enrolment))
        #expect(!signed.isSigned(by: key, purpose: .sync))
        #expect(!signed.isSigned(by: try Samples.centreKey().verifying, purpose: .enrolment))
    }
}
