import Attendance
import Foundation
import Testing

@testable import Console
@testable import Soyal

@Suite struct `The words of the pages` {
    @Test func `are all there that the templates name`() throws {
        let known = Set(Word.allCases.map(\.rawValue))
        var used: Set<String> = []
        for (name, bytes) in Templates.sources {
            let parts = String(decoding: bytes, as: UTF8.self).components(separatedBy: "{{word.")
            for part in parts.dropFirst() {
                let word = String(part.prefix { $0 != "}" })
                used.insert(word)
                #expect(known.contains(word), "\(name).mustache names \(word)")
            }
        }
        #expect(used.count > 40)
    }

    @Test(arguments: Word.allCases)
    func `are said in both languages`(word: Word) {
        #expect(!word.text.indonesian.isEmpty)
        #expect(!word.text.english.isEmpty)
        #expect(word.text.indonesian != word.rawValue, "\(word) has no words")
    }

    /// As a SOYAL controller's driver names them; a new one may not pass for damage.
    @Test(arguments: Array(EventCode.others.values) + ["event 77"])
    func `call what is nobody's punch by its name`(event: String) throws {
        let words = EventWords.flag("oddity", "no punch: \(event)")
        #expect(words.what.english == "no punch")
        #expect(words.what.indonesian == "bukan absen")
        let detail = try #require(words.detail)
        #expect(detail.indonesian != event)
        #expect(!detail.english.contains("no punch"))
    }

    @Test(arguments: ["impossible date", "part of a row"])
    func `call only what is damaged damaged`(reason: String) {
        let words = EventWords.flag("oddity", reason)
        #expect(words.what.english == "damaged record")
        #expect(words.detail?.english == reason)
    }

    @Test func `use no scripts, no styles of their own and nothing from elsewhere`() {
        for (name, bytes) in Templates.sources {
            let text = String(decoding: bytes, as: UTF8.self).lowercased()
            for forbidden in ["<script", " style=", "<style", "onclick", "//cdn", "https://"] {
                #expect(!text.contains(forbidden), "\(name).mustache has \(forbidden)")
            }
        }
    }
}
