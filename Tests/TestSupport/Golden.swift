import Foundation
import Testing

/// Compares what people see with a golden file in `Tests/Fixtures/golden`.
///
/// `RECORD_GOLDEN=1` rewrites the files; the diff is then read as words. A missing file fails: a
/// test that creates its own expectation has proved nothing.
public func expectGolden(
    _ text: String, _ name: String, file: String = #filePath,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let url = try projectFixture("golden/\(name)", from: file)
    if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] == "1" {
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
        return
    }
    let expected = try #require(
        try? String(contentsOf: url, encoding: .utf8),
        "no golden file \(name); record it with 'make golden' and read it",
        sourceLocation: sourceLocation)
    #expect(text == expected, sourceLocation: sourceLocation)
}

/// A folder that lasts as long as `body`.
public func withTemporaryFolder<Result>(
    _ body: (URL) async throws -> Result
) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("titian-\(UUID().uuidString)", isDirectory: true)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder)
}
