internal import Crypto
internal import CryptoExtras
import FoundationEssentials

/// Passwords as they are kept: scrypt, with the costs beside the hash.
///
/// The text is `$scrypt$ln=15,r=8,p=1$salt$hash` (base64 without padding), the form passlib and
/// others use, so that costs can be raised later and old hashes still read. One check takes some
/// 50 ms and 32 MB, so it runs on a thread of its own, and the rate limit of `SignInLimit` keeps their
/// number down.
public enum Password {
    /// Fewer characters than this are refused when an account is made.
    public static let shortest = 12
    /// Longer ones are cut off by nobody, but refused: hashing a megabyte is somebody's attack.
    static let longest = 1_024
    static let logRounds = 15
    private static let blockSize = 8
    private static let parallelism = 1
    private static let hashLength = 32

    /// A new hash of a password, with a new salt.
    public static func hash(_ password: String) throws -> String {
        try hash(password, salt: (0..<16).map { _ in UInt8.random(in: 0...255) })
    }

    static func hash(
        _ password: String, salt: [UInt8], logRounds: Int = Password.logRounds
    ) throws -> String {
        let key = try derive(password, salt: salt, logRounds: logRounds)
        return "$scrypt$ln=\(logRounds),r=\(blockSize),p=\(parallelism)$"
            + "\(unpadded(salt))$\(unpadded(key))"
    }

    /// Whether the password is the one that was hashed.
    ///
    /// - Parameter hash: nil for an account that does not exist: the same work is done, so that
    ///   the time an answer takes does not tell which names there are.
    static func matches(_ password: String, hash: String?) -> Bool {
        let stored = hash.flatMap(Stored.init) ?? nobody
        guard password.utf8.count <= longest,
            let key = try? derive(password, salt: stored.salt, logRounds: stored.logRounds)
        else { return false }
        let equal = zip(key, stored.key).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
        return equal && hash != nil && key.count == stored.key.count
    }

    private struct Stored {
        let logRounds: Int
        let salt: [UInt8]
        let key: [UInt8]

        init(logRounds: Int, salt: [UInt8], key: [UInt8]) {
            (self.logRounds, self.salt, self.key) = (logRounds, salt, key)
        }

        init?(_ text: String) {
            let parts = text.split(separator: "$", omittingEmptySubsequences: false)
            guard parts.count == 5, parts[0].isEmpty, parts[1] == "scrypt",
                let costs = Stored.logRounds(in: parts[2]),
                let salt = Password.bytes(parts[3]), let key = Password.bytes(parts[4]),
                key.count == Password.hashLength
            else { return nil }
            self.init(logRounds: costs, salt: salt, key: key)
        }

        private static func logRounds(in costs: Substring) -> Int? {
            let rest = ",r=\(Password.blockSize),p=\(Password.parallelism)"
            guard costs.hasPrefix("ln="), costs.hasSuffix(rest),
                let rounds = Int(costs.dropFirst(3).dropLast(rest.count)),
                (10...20).contains(rounds)
            else { return nil }
            return rounds
        }
    }

    private static let nobody = Stored(
        logRounds: logRounds, salt: [UInt8](repeating: 7, count: 16),
        key: [UInt8](repeating: 0, count: hashLength))

    private static func derive(
        _ password: String, salt: [UInt8], logRounds: Int
    ) throws -> [UInt8] {
        let key = try KDF.Scrypt.deriveKey(
            from: Array(password.utf8), salt: salt, outputByteCount: hashLength,
            rounds: 1 << logRounds, blockSize: blockSize, parallelism: parallelism)
        return key.withUnsafeBytes { Array($0) }
    }

    private static func unpadded(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("=", with: "")
    }

    private static func bytes(_ text: Substring) -> [UInt8]? {
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        return Data(base64Encoded: text + padding).map(Array.init)
    }
}
