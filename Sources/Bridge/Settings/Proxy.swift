import Attendance

extension Configuration {
    /// The office's HTTP proxy. What passes through it stays sealed with the centre's pinned key.
    public struct Proxy: Hashable, Sendable {
        /// `http://host:port`, without a name and a password.
        public let address: String
        /// The file with `name:password`, so that no configuration and no command line holds them.
        public let loginFile: String?

        /// - Returns: nil if `address` is none, or has a name or a password in it.
        public init?(_ address: String, loginFile: String? = nil) {
            let host = address.dropFirst("http://".count)
            let visible = host.utf8.allSatisfy { (0x21...0x7E).contains($0) }
            guard address.hasPrefix("http://"), !host.isEmpty, visible, !host.contains("@") else {
                return nil
            }
            self.address = address
            self.loginFile = loginFile
        }

        /// Reads the name and the password.
        ///
        /// - Returns: nil if the proxy wants none.
        /// - Throws: ``SyncError/proxyLogin(path:reason:)``.
        func login() throws(SyncError) -> (name: String, password: String)? {
            guard let loginFile else { return nil }
            let shown = CommKeyFile.shown(loginFile)
            guard let text = TextFile.read(CommKeyFile.path(of: loginFile), limit: 4_096) else {
                let reason = SystemError(loginFile).reason
                throw .proxyLogin(
                    path: shown,
                    reason: Text(
                        id: "tidak dapat dibaca (\(reason))", en: "cannot be read (\(reason))"))
            }
            let line = text.trimmedLine
            guard let colon = line.firstIndex(of: ":"), colon > line.startIndex else {
                throw .proxyLogin(
                    path: shown, reason: Text(id: "bukan nama:sandi", en: "no name:password"))
            }
            return (String(line[..<colon]), String(line[line.index(after: colon)...]))
        }
    }
}
