import Foundation
import Testing

/// `docs/reference/protocols/zkteco-quirks.md` names a test for each quirk; the test is there.
@Suite struct `The page of ZKTeco's quirks` {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private func namesOfTests() throws -> Set<String> {
        let folder = Self.root.appendingPathComponent("Tests")
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        var names: Set<String> = []
        for case let file as URL in try #require(files) where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            for match in text.matches(of: /func `([^`]+)`/) { names.insert(String(match.output.1)) }
        }
        return names
    }

    private func namesOnPage() throws -> [String] {
        let page = Self.root.appendingPathComponent("docs/reference/protocols/zkteco-quirks.md")
        let rows = try String(contentsOf: page, encoding: .utf8).split(separator: "\n")
            .map { $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) } }
            .filter { $0.count == 4 && $0[0] != "quirk" && !$0[0].hasPrefix("---") }
        return rows.map { $0[3] }
    }

    @Test func `names tests that there are`() throws {
        let names = try namesOnPage()
        #expect(names.count >= 60)
        #expect(Set(names).subtracting(try namesOfTests()).sorted() == [])
    }
}
