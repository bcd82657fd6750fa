import Attendance
import Exchange
import Glibc

/// The damaged files of former journals, kept in `aside/` of the state folder.
///
/// Each has a folder of its own with the report of its repair. A bad disk must not fill itself with
/// them: of more than eight the oldest stays, which nobody has tampered with, and the newest seven.
struct Aside {
    static let most = 8

    private let folder: String
    private var path: String { folder + "/aside" }

    init(in folder: String) {
        self.folder = folder
    }

    /// A name for the next one, `aside/0001-damaged`.
    func nextName(_ cause: RepairCause.Kind) -> String {
        let last = names().last.flatMap { Int($0.prefix(4)) } ?? 0
        let number = String(last + 1)
        let digits = String(repeating: "0", count: max(0, 4 - number.count)) + number
        return "aside/\(digits)-\(cause.rawValue)"
    }

    /// Moves the files of the journal there. What was moved before a power cut stays moved.
    ///
    /// - Parameter name: From ``nextName(_:)``.
    func take(_ report: RepairReport?, as name: String) throws(JournalError) {
        let place = "\(folder)/\(name)"
        for path in [path, place] {
            if mkdir(path, 0o750) == 0 {
                FolderOwner.adopt(path)
            } else if errno != EEXIST {
                throw SmallFile.failure(path)
            }
        }
        for file in ["journal.db-wal", "journal.db-journal", "journal.db-shm", "journal.db"] {
            let old = "\(folder)/\(file)"
            guard rename(old, "\(place)/\(file)") == 0 || errno == ENOENT else {
                throw SmallFile.failure(old)
            }
        }
        if let report, let report = try? WireJSON.encode(report) {
            try SmallFile.write(report + [UInt8(ascii: "\n")], to: "\(place)/repair.json")
        }
        try SmallFile.flush(path)
        try SmallFile.flush(folder)
    }

    /// The repairs there have been, the oldest first.
    func reports() -> [RepairReport] {
        names().compactMap { name in
            let file = "\(path)/\(name)/repair.json"
            return SmallFile.read(file).flatMap {
                try? WireJSON.decode(RepairReport.self, from: $0)
            }
        }
    }

    /// Keeps as many as ``most``.
    func thinOut() {
        let names = names()
        guard names.count > Self.most else { return }
        for name in names.dropFirst().dropLast(Self.most - 1) {
            let place = "\(path)/\(name)"
            for file in Self.files(in: place) { unlink("\(place)/\(file)") }
            rmdir(place)
        }
    }

    private func names() -> [String] { Self.files(in: path).sorted() }

    static func files(in path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}

extension SmallFile {
    /// - Returns: nil if there is none, or one that is not small.
    static func read(_ path: String) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = Glibc.read(file, &bytes, bytes.count)
        return count >= 0 && count < bytes.count ? Array(bytes.prefix(count)) : nil
    }
}
