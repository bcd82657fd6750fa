import Glibc

/// The newest log lines of `titiand`, from systemd's journal.
public enum ServiceLog {
    /// Runs `journalctl` and waits for it, at most a few seconds.
    ///
    /// - Parameters:
    ///   - lines: How many, at most.
    ///   - command: Another program, for tests.
    ///   - limit: At most so many bytes, the newest.
    /// - Returns: nil if there is no such program, or it ends with an error.
    public static func newest(
        lines: Int, command: [String] = ["journalctl"], limit: Int = 400_000
    ) -> [UInt8]? {
        let arguments =
            command + [
                "--unit", "titiand", "--lines", "\(lines)", "--no-pager", "--output", "short-iso",
                "--quiet",
            ]
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        let child = spawn(arguments, writingTo: ends[1])
        close(ends[1])
        guard let child else { return nil }
        let text = read(from: ends[0], of: child)
        var status: Int32 = 0
        waitpid(child, &status, 0)
        guard status == 0 else { return nil }
        return Array(text.suffix(limit))
    }

    private static func spawn(_ arguments: [String], writingTo file: Int32) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, file, STDOUT_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        guard let name = arguments.first else { return nil }
        var child = pid_t()
        return posix_spawnp(&child, name, &actions, nil, &words, environ) == 0 ? child : nil
    }

    private static let mostBytes = 8 << 20
    private static let patience: Int32 = 10_000

    private static func read(from file: Int32, of child: pid_t) -> [UInt8] {
        var text: [UInt8] = []
        var page = [UInt8](repeating: 0, count: 65_536)
        while text.count < mostBytes {
            var question = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
            guard poll(&question, 1, patience) > 0 else { break }
            let count = Glibc.read(file, &page, page.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return text }
            text += page.prefix(count)
        }
        kill(child, SIGKILL)
        return text
    }
}
