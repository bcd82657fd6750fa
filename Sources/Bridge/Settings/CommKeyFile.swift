import Attendance
import Glibc

/// The file that holds a terminal's communication key, so that no configuration and no command
/// line does.
public enum CommKeyFile {
    /// Where the package keeps keys, for root alone. The service gets copies of them from systemd
    /// (`LoadCredential=keys:/etc/titian/keys`).
    public static let folder = "/etc/titian/keys"

    /// Where to read the key that a configuration names.
    ///
    /// A name without a folder is one in ``folder``. What systemd has handed to the daemon from
    /// there – a file `keys_NAME` – comes before the file itself, which the daemon may not read.
    ///
    /// - Parameters:
    ///   - name: The value of `comm_key_file`: a path, or a name in ``folder``.
    ///   - credentials: The folder of `$CREDENTIALS_DIRECTORY` (systemd.exec(5)); nil if there is
    ///     none.
    public static func path(of name: String, credentials: String? = ownCredentials) -> String {
        let path = name.contains("/") ? name : "\(folder)/\(name)"
        guard let credentials, path.hasPrefix(folder + "/") else { return path }
        let inner = path.dropFirst(folder.count + 1).map { $0 == "/" ? "_" : $0 }
        let copy = "\(credentials)/keys_\(String(inner))"
        return access(copy, F_OK) == 0 ? copy : path
    }

    /// `$CREDENTIALS_DIRECTORY` of this process.
    public static var ownCredentials: String? {
        getenv("CREDENTIALS_DIRECTORY").map { String(cString: $0) }
    }

    /// The path as it may be shown. What looks like no file may well be the key itself, written
    /// where its file belongs, and is shown to nobody.
    public static func shown(_ path: String) -> String {
        path.contains("/") || path.hasSuffix(".key") ? path : "…"
    }

    /// - Parameters:
    ///   - path: The file that holds the key.
    ///   - name: How the configuration names it, if otherwise; errors show that, as far as it may be
    ///     shown.
    ///   - key: The configuration's key, for the words of an error.
    public static func read(
        _ path: String, named name: String? = nil, for key: String
    ) throws(ConfigurationError) -> UInt32 {
        let shown = shown(name ?? path)
        guard let text = TextFile.read(path, limit: 4_096) else {
            let reason = SystemError(path).reason
            throw .commKey(
                key, path: shown,
                reason: Text(id: "tidak dapat dibaca (\(reason))", en: "cannot be read (\(reason))")
            )
        }
        guard let number = UInt32(text.trimmedLine) else {
            throw .commKey(
                key, path: shown,
                reason: Text(
                    id: "tidak berisi bilangan 0 sampai 4294967295",
                    en: "holds no number from 0 to 4294967295"))
        }
        return number
    }
}
