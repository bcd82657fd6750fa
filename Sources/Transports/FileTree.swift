import Glibc

/// The few things discovery reads from `/sys`, `/dev` and `/proc`, below a root that a test may
/// choose. Nothing throws: what is not there, or may not be read, is nil.
struct FileTree: Hashable, Sendable {
    /// Without a slash at its end; empty for the machine's own tree.
    let root: String
    /// An attribute of sysfs is a page at most.
    private static let longest = 4_096

    init(root: String) {
        var root = root[...]
        while root.hasSuffix("/") { root = root.dropLast() }
        self.root = String(root)
    }

    /// A file's first line without blanks at its ends; nil if it is empty.
    func line(_ path: String) -> String? {
        let file = open(root + path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var page = [UInt8](repeating: 0, count: Self.longest)
        let count = read(file, &page, page.count)
        let line = page.prefix(max(0, count)).prefix { $0 != 0x0A && $0 != 0 }
        let text = line.drop { $0 == 0x20 }
        let end = text.lastIndex { $0 != 0x20 }
        guard let end else { return nil }
        return String(decoding: text[...end], as: UTF8.self)
    }

    /// Names in a folder, sorted; none if it is not there.
    func names(in folder: String) -> [String] {
        guard let stream = opendir(root + folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    func exists(_ path: String) -> Bool { access(root + path, F_OK) == 0 }

    /// The last name of what a symbolic link points at.
    func linkName(_ path: String) -> String? {
        linkTarget(path)?.split(separator: "/").last.map(String.init)
    }

    /// What a symbolic link points at, as it is written there.
    func linkTarget(_ path: String) -> String? {
        var page = [Int8](repeating: 0, count: Self.longest)
        let count = readlink(root + path, &page, page.count)
        guard count > 0 else { return nil }
        return String(decoding: page.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The path with every link in it followed, below the root; nil if it leads nowhere or out.
    func resolved(_ path: String) -> String? {
        guard let text = realpath(root + path, nil) else { return nil }
        defer { free(text) }
        let whole = String(cString: text)
        guard let base = root.isEmpty ? "" : realRoot, whole.hasPrefix(base) else { return nil }
        return String(whole.dropFirst(base.count))
    }

    private var realRoot: String? {
        guard let text = realpath(root, nil) else { return nil }
        defer { free(text) }
        return String(cString: text)
    }
}
