import Attendance
import Foundation
import Testing

@testable import Console

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
