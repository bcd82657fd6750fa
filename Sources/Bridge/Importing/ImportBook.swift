import Attendance
import Exchange

/// Which files were taken in lately: `imports.json` in the state folder.
///
/// It only spares work and shows what happened; that nothing counts twice, the journal sees to. A
/// file that cannot be read counts as empty.
actor ImportBook {
    private struct Content: Codable {
        var imports: [ImportReport] = []
    }

    static let most = 100
    private let path: String
    private var content: Content

    init(path: String) {
        self.path = path
        let bytes = TextFile.bytes(path, limit: 4 << 20)
        content = bytes.flatMap { try? WireJSON.decode(Content.self, from: $0) } ?? Content()
    }

    var last: ImportReport? { content.imports.last }

    /// Whether a file with these bytes was taken in.
    func knows(_ sha256: String) -> Bool {
        content.imports.contains { $0.sha256 == sha256 }
    }

    func add(_ report: ImportReport) throws {
        content.imports.removeAll { $0.sha256 == report.sha256 && $0.terminal == report.terminal }
        content.imports.append(report)
        content.imports = content.imports.suffix(Self.most)
        let text = String(decoding: try WireJSON.encode(content), as: UTF8.self)
        do {
            try TextFile.write(text + "\n", to: path, mode: 0o640)
        } catch {
            throw StateError.unusable(path: path, reason: error.reason)
        }
    }
}
