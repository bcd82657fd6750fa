import Testing

@testable import Console

@Suite struct `A password hash` {
    @Test func `is written with its costs and salt, so that it can be read for ever`() throws {
        let salt = [UInt8](0..<16)
        let text = try Password.hash("jembatan-contoh-7", salt: salt, logRounds: 14)
        // Made with Python: hashlib.scrypt(b"jembatan-contoh-7", salt=bytes(range(16)),
        // n=2**14, r=8, p=1, dklen=32, maxmem=2**26)
        #expect(
            text == "$scrypt$ln=14,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$"
                + "sJr0iP7/dDBrPqS+mbq+IMPm0L5d4nIv9SiTBmrpTps")
    }

    @Test func `tells the right password from a wrong one`() throws {
        let hash = try Password.hash("jembatan-contoh-7")
        #expect(hash.hasPrefix("$scrypt$ln=15,r=8,p=1$"))
        #expect(Password.matches("jembatan-contoh-7", hash: hash))
        #expect(!Password.matches("jembatan-contoh-8", hash: hash))
        #expect(!Password.matches("", hash: hash))
    }

    @Test func `differs each time by its salt`() throws {
        #expect(try Password.hash("sama") != Password.hash("sama"))
    }

    @Test(arguments: [
        "", "$scrypt$", "$scrypt$ln=40,r=8,p=1$AAAA$AAAA", "$scrypt$ln=1,r=8,p=1$AAAA$AAAA",
        "$argon2$ln=15,r=8,p=1$AAAA$AAAA", "jembatan-contoh-7",
    ])
    func `that is damaged lets nobody in`(hash: String) {
        #expect(!Password.matches("jembatan-contoh-7", hash: hash))
    }

    @Test func `of nobody lets nobody in`() {
        #expect(!Password.matches("", hash: nil))
    }
}
