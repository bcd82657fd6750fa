import ArgumentParser
import Attendance
import Bridge
import Glibc

/// How `titian setup` brings the daemon up.
enum ServiceStart: String, ExpressibleByArgument, CaseIterable {
    /// Somebody else does.
    case none
    /// `systemctl enable`, then start, or restart with a new configuration.
    case systemd
    /// `titiand` itself, beside this program, as whoever runs it.
    case run

    /// - Throws: ``SetupError`` if it could not be asked to start.
    func start(_ places: PlaceOptions) throws(SetupError) {
        switch self {
        case .none: return
        case .systemd:
            try Self.run(["systemctl", "enable", "--quiet", "titiand.service"])
            try Self.run(["systemctl", "restart", "titiand.service"])
        case .run:
            let daemon = "\(Self.folderOfThisProgram)/titiand"
            try Self.spawn(
                [
                    daemon, "--config", places.config, "--state", places.state, "--control",
                    places.control,
                ], log: "\(places.state)/titiand.log")
        }
    }

    private static var folderOfThisProgram: String {
        var bytes = [CChar](repeating: 0, count: 4_096)
        let count = readlink("/proc/self/exe", &bytes, bytes.count - 1)
        guard count > 0 else { return "/usr/bin" }
        let path = String(decoding: bytes.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
        return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "/usr/bin"
    }

    private static func run(_ words: [String]) throws(SetupError) {
        let child = try spawn(words, log: "/dev/null")
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        guard status == 0 else { throw .cannotStart(words.joined(separator: " ")) }
    }

    @discardableResult
    private static func spawn(_ words: [String], log: String) throws(SetupError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(
            &actions, STDOUT_FILENO, log, O_WRONLY | O_CREAT | O_APPEND, 0o640)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Ctrl-C at this command is not meant for the daemon.
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        posix_spawnattr_setpgroup(&attributes, 0)
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var child = pid_t()
        guard let name = words.first,
            posix_spawnp(&child, name, &actions, &attributes, &arguments, environ) == 0
        else { throw .cannotStart(words.first ?? "") }
        return child
    }
}

/// What keeps a first visit from going on.
enum SetupError: Explained, Hashable {
    case cannotStart(String)
    case notAnswering
    /// An option, an answer or a code contradicts the configuration that is there.
    case contradicts(key: String, configured: String)
    case missing(option: String)
    case stopped

    var problem: Problem {
        switch self {
        case .cannotStart(let command):
            Problem(
                code: "setup.cannot-start",
                summary: Text(
                    id: "'\(command)' gagal; konfigurasi sudah ditulis.",
                    en: "'\(command)' failed; the configuration is written."),
                remedy: Text(
                    id: "Jalankan sebagai root, atau pakai --start run atau none, lalu ulangi.",
                    en: "Run it as root, or use --start run or none, then repeat."))
        case .notAnswering:
            Problem(
                code: "setup.not-answering",
                summary: Text(
                    id: "titiand tidak menjawab setelah dimulai.",
                    en: "titiand does not answer after its start."),
                remedy: Text(
                    id: "Lihat 'journalctl -u titiand', perbaiki, lalu ulangi 'titian setup'.",
                    en: "Look at 'journalctl -u titiand', mend it, then repeat 'titian setup'."))
        case .contradicts(let key, let configured):
            Problem(
                code: "setup.contradicts",
                summary: Text(
                    id: "Konfigurasi yang ada menyebut \(key) = \"\(configured)\"; tidak diubah.",
                    en:
                        "The configuration there says \(key) = \"\(configured)\"; it was not changed."
                ),
                remedy: Text(
                    id: "Ulangi tanpa pilihan itu, atau ubah berkasnya sendiri.",
                    en: "Repeat without that option, or edit the file yourself."))
        case .missing(let option):
            Problem(
                code: "setup.missing",
                summary: Text(
                    id: "\(option) belum disebut dan tidak ada yang dapat ditanya.",
                    en: "\(option) is not given and there is nobody to ask."),
                remedy: Text(
                    id: "Tambahkan \(option), atau jalankan di terminal. Tidak ada yang ditulis.",
                    en: "Add \(option), or run it on a terminal. Nothing was written."))
        case .stopped:
            Problem(
                code: "setup.stopped",
                summary: Text(
                    id: "Masukan berakhir sebelum semua pertanyaan dijawab.",
                    en: "The input ended before every question was answered."),
                remedy: Text(
                    id: "Tidak ada yang ditulis; ulangi 'titian setup'.",
                    en: "Nothing was written; repeat 'titian setup'."))
        }
    }
}
