import ArgumentParser
import Attendance
import Console
import Glibc
import Speech

/// What every command takes.
struct SharedOptions: ParsableArguments {
    @Option(help: help(id: "Berkas konfigurasi.", en: "The configuration file."))
    var config = "/etc/titian/server.toml"

    @Option(
        help: help(
            id: "id atau en; tanpa ini, menurut LANG.", en: "id or en; otherwise as LANG says."))
    var lang: Language?

    var language: Language { lang ?? Speech.language }

    /// Opens what the configuration names, does the work, and explains what goes wrong.
    ///
    /// - Throws: `ExitCode`, the words already said.
    func run(_ work: (Centre) async throws -> Void) async throws {
        try await prepared { try await work(try Centre($0)) }
    }

    /// Reads the configuration and opens nothing.
    func prepared(_ work: (ServerConfiguration) async throws -> Void) async throws {
        PrivateMemory.protect()
        umask(0o077)  // the books beside the keys are nobody else's to read
        try await explaining { try await work(try ServerConfiguration(file: config)) }
    }

    /// Says a problem on standard error in the reader's language and ends with its exit code.
    func explaining(_ work: () async throws -> Void) async throws {
        do {
            try await work()
        } catch let code as ExitCode {
            throw code
        } catch {
            let problem = Problem(explaining: error)
            Output.error("titian-server: \(problem.line(language)) [\(problem.code)]")
            throw ExitCode(error is ConfigurationError ? EX_CONFIG : 2)
        }
    }
}

/// Where lines go.
enum Output {
    /// A line for whoever reads the result.
    static func line(_ text: String) {
        write(text + "\n")
    }

    static func write(_ text: String) { write(Array(text.utf8)[...]) }

    static func write(_ bytes: ArraySlice<UInt8>) {
        var bytes = bytes
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes {
                Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count)
            }
            let reason = errno
            if count < 0, reason == EINTR || reason == EAGAIN { continue }
            guard count > 0 else { return fail(reason) }
            bytes = bytes.dropFirst(count)
        }
    }

    /// Half a file is no success: what was refused by a full disk ends the command.
    private static func fail(_ reason: Int32) {
        guard reason != EPIPE else { return }  // nobody reads any more
        let words = String(cString: strerror(reason))
        error(
            "titian-server: "
                + Text(
                    id:
                        "keluaran tidak dapat ditulis sampai akhir (\(words)). Kosongkan disk dan ulangi.",
                    en:
                        "the output cannot be written to its end (\(words)). Free the disk and repeat."
                )(
                    Speech.language))
        Glibc.exit(EX_CANTCREAT)
    }

    static func error(_ text: String) {
        let bytes = Array((text + "\n").utf8)
        _ = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
