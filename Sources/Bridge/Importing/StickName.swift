/// What a file's name says of it, before a byte of it is read.
public enum StickName {
    /// Files with people, their fingerprints or faces: never opened, whatever is in them.
    public static func namesPeople(_ name: String) -> Bool {
        let name = name.lowercased()
        let words = ["template", "ssrface", "biophoto", "enrolldb", "userpic", "bak.yg"]
        return ["user.dat", "udata.dat"].contains(name) || words.contains { name.hasPrefix($0) }
            || name.contains(".fp10") || name.hasSuffix("enrolldb.dat")
    }

    /// Whether terminals give their logs such a name.
    public static func isLog(_ name: String) -> Bool {
        let name = name.lowercased()
        if name.hasSuffix("attlog.dat") || name.hasSuffix(".kq") { return true }
        return name.hasSuffix(".txt") && (name.hasPrefix("agl_") || name.hasPrefix("glg_"))
    }

    /// The serial number in `BWXP20126001_attlog.dat`; nil for the device number of
    /// `1_attlog.dat`, and for the names that people give.
    static func serial(in name: String) -> String? {
        let end = "_attlog.dat"
        guard name.lowercased().hasSuffix(end) else { return nil }
        let word = name.dropLast(end.count)
        let fits = word.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
        }
        let digits = word.utf8.count { (0x30...0x39).contains($0) }
        return fits && digits >= 4 && (6...32).contains(word.utf8.count) ? String(word) : nil
    }

    /// The part after the last slash.
    public static func last(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }
}
