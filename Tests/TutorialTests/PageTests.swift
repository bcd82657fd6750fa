import Foundation
import Testing

/// Every block of Swift in the tutorial stands, line for line, in code that is compiled.
@Suite struct `The tutorial on drivers` {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private func lines(_ text: some StringProtocol) -> [String] {
        text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    }

    @Test func `shows only code that is compiled`() throws {
        let page = try String(
            contentsOf: Self.root.appendingPathComponent("docs/tutorials/writing-a-driver.md"),
            encoding: .utf8)
        let code = try ["Lonceng.swift", "LoncengTests.swift"].map {
            try String(
                contentsOf: Self.root.appendingPathComponent("Tests/TutorialTests/\($0)"),
                encoding: .utf8)
        }.map { "\n" + lines($0).joined(separator: "\n") + "\n" }
        let blocks = page.components(separatedBy: "```swift\n").dropFirst()
            .compactMap { $0.components(separatedBy: "\n```").first }
        #expect(blocks.count >= 8)
        for block in blocks {
            let wanted = "\n" + lines(block).joined(separator: "\n") + "\n"
            #expect(code.contains { $0.contains(wanted) }, "not compiled anywhere:\n\(block)")
        }
    }
}
