import Exchange
import Foundation
import Testing

/// Whoever reads a code on a screen or in a log finds it in `docs/reference/problems.md`.
@Suite struct `The page of problems` {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private func codesInSources() throws -> Set<String> {
        let folder = Self.root.appendingPathComponent("Sources")
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        var codes = Set(SyncProblem.allCases.map(\.rawValue))
        for case let file as URL in try #require(files) where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            for match in text.matches(of: /code: "([a-z0-9.-]+)"/) {
                codes.insert(String(match.output.1))
            }
        }
        return codes
    }

    private func codesOnPage() throws -> [String] {
        let page = Self.root.appendingPathComponent("docs/reference/problems.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        return text.matches(of: /(?m)^\| `([a-z0-9.-]+)` \|/).map { String($0.output.1) }
    }

    @Test func `explains every code there is`() throws {
        let missing = try codesInSources().subtracting(try codesOnPage())
        #expect(missing.sorted() == [])
    }

    @Test func `explains no code that does not exist`() throws {
        let stale = Set(try codesOnPage()).subtracting(try codesInSources())
        #expect(stale.sorted() == [])
    }

    @Test func `explains each code once`() throws {
        let codes = try codesOnPage()
        #expect(codes.count == Set(codes).count)
    }
}
