import Attendance

/// The file that holds a terminal's communication key, so that no configuration and no command
/// line does.
public enum CommKeyFile {
    /// The path as it may be shown. What has no folder in it may well be the key itself, written where
    /// its file belongs, and is shown to nobody.
    public static func shown(_ path: String) -> String {
        path.contains("/") ? path : "…"
    }

    /// - Parameters:
    ///   - path: The file that holds the key.
    ///   - key: The configuration's key, for the words of an error.
    public static func read(_ path: String, for key: String) throws(ConfigurationError) -> UInt32 {
        guard let text = TextFile.read(path, limit: 4_096) else {
            let reason = SystemError(path).reason
            throw .commKey(
                key, path: shown(path),
                reason: Text(id: "tidak dapat dibaca (\(reason))", en: "cannot be read (\(reason))")
            )
        }
        guard let number = UInt32(text.trimmedLine) else {
            throw .commKey(
                key, path: shown(path),
                reason: Text(
                    id: "tidak berisi bilangan 0 sampai 4294967295",
                    en: "holds no number from 0 to 4294967295"))
        }
        return number
    }
}
