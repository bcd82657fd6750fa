public import Attendance
import Exchange
import Glibc

/// Asks a running `titiand`.
public enum ControlClient {
    public static let defaultSocket = "/run/titian/control.sock"
    /// A longer answer is none of ours.
    static let longestAnswer = 64 << 20

    /// Asks one question and waits for its answer.
    ///
    /// Blocks the thread: this is for a command that has nothing else to do.
    ///
    /// - Returns: One JSON object, without its newline.
    public static func ask(
        socket path: String, request: ControlRequest, within limit: Duration = .seconds(60)
    ) throws -> [UInt8] {
        try ask(socket: path, json: WireJSON.encode(request), within: limit)
    }

    /// - Parameters:
    ///   - limit: How long to wait for the answer.
    ///   - path: The daemon's socket.
    ///   - json: One JSON object without a newline in it.
    public static func ask(
        socket path: String, json: [UInt8], within limit: Duration = .seconds(60)
    ) throws(ControlError) -> [UInt8] {
        let file = try connected(to: path)
        defer { close(file) }
        let deadline = ContinuousClock.now + limit
        try send(json + [newline], to: file, path: path, before: deadline)
        return try line(from: file, path: path, before: deadline)
    }

    /// Whether somebody listens there.
    static func isAnswered(socket path: String) -> Bool {
        guard let file = try? connected(to: path) else { return false }
        close(file)
        return true
    }

    private static let newline = UInt8(ascii: "\n")

    private static func connected(to path: String) throws(ControlError) -> Int32 {
        guard let address = UnixAddress(path) else {
            throw .unreachable(socket: path, reason: "\(path.utf8.count) bytes")
        }
        let file = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard file >= 0 else {
            throw .unreachable(socket: path, reason: SystemError(path).reason)
        }
        guard address.with({ connect(file, $0, $1) }) == 0 else {
            let error = SystemError(path)
            close(file)
            throw [ENOENT, ECONNREFUSED].contains(error.code)
                ? .notRunning(socket: path)
                : .unreachable(socket: path, reason: error.reason)
        }
        return file
    }

    private static func send(
        _ bytes: [UInt8], to file: Int32, path: String, before deadline: ContinuousClock.Instant
    ) throws(ControlError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            try wait(for: POLLOUT, on: file, path: path, before: deadline)
            let count = rest.withUnsafeBytes {
                Glibc.send(file, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count > 0 else { throw .noAnswer(socket: path) }
            rest = rest.dropFirst(count)
        }
    }

    private static func line(
        from file: Int32, path: String, before deadline: ContinuousClock.Instant
    ) throws(ControlError) -> [UInt8] {
        var answer: [UInt8] = []
        var page = [UInt8](repeating: 0, count: 65_536)
        while answer.count < longestAnswer {
            try wait(for: POLLIN, on: file, path: path, before: deadline)
            let count = recv(file, &page, page.count, 0)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count > 0 else { throw .noAnswer(socket: path) }
            let piece = page.prefix(count)
            if let end = piece.firstIndex(of: newline) { return answer + piece[..<end] }
            answer += piece
        }
        throw .noAnswer(socket: path)
    }

    private static func wait(
        for events: Int32, on file: Int32, path: String, before deadline: ContinuousClock.Instant
    ) throws(ControlError) {
        while true {
            let left = ContinuousClock.now.duration(to: deadline).components
            guard left.seconds >= 0, left.attoseconds >= 0 else { throw .noAnswer(socket: path) }
            let milliseconds = left.seconds * 1_000 + left.attoseconds / 1_000_000_000_000_000 + 1
            var question = pollfd(fd: file, events: Int16(events), revents: 0)
            if poll(&question, 1, Int32(clamping: milliseconds)) > 0 { return }
            if errno != EINTR, errno != 0 { continue }
        }
    }
}

/// Why the daemon gave no answer, or why there is no control socket.
public enum ControlError: Explained, Hashable {
    /// Nobody listens there.
    case notRunning(socket: String)
    case unreachable(socket: String, reason: String)
    case noAnswer(socket: String)
    /// The socket cannot be made.
    case cannotListen(socket: String, reason: String)
    case unknownOperation(String)
    case badRequest

    public var problem: Problem {
        switch self {
        case .notRunning(let socket):
            Problem(
                code: "control.not-running",
                summary: Text(
                    id: "titiand tidak berjalan: tidak ada yang menjawab di \(socket).",
                    en: "titiand is not running: nobody answers at \(socket)."),
                remedy: Text(
                    id: "Jalankan 'systemctl start titiand', lalu coba lagi.",
                    en: "Run 'systemctl start titiand', then try again."))
        case .unreachable(let socket, let reason):
            Problem(
                code: "control.unreachable",
                summary: Text(
                    id: "Soket \(socket) tidak dapat dihubungi (\(reason)).",
                    en: "The socket \(socket) cannot be reached (\(reason))."),
                remedy: Text(
                    id:
                        "Masukkan pengguna ke grup 'titian', atau sebutkan soket lain dengan --control.",
                    en: "Add the user to the group 'titian', or name another socket with --control."
                ))
        case .noAnswer(let socket):
            Problem(
                code: "control.no-answer",
                summary: Text(
                    id: "titiand di \(socket) tidak menjawab.",
                    en: "titiand at \(socket) gave no answer."),
                remedy: Text(
                    id: "Coba lagi; bila berulang, lihat 'journalctl -u titiand'.",
                    en: "Try again; if it repeats, look at 'journalctl -u titiand'."))
        case .cannotListen(let socket, let reason):
            Problem(
                code: "control.cannot-listen",
                summary: Text(
                    id: "Soket \(socket) tidak dapat dibuat (\(reason)).",
                    en: "The socket \(socket) cannot be made (\(reason))."),
                remedy: Text(
                    id: "Buat foldernya, atau pilih tempat lain dengan --control.",
                    en: "Make its folder, or choose another place with --control."))
        case .unknownOperation(let name):
            Problem(
                code: "control.unknown-operation",
                summary: Text(
                    id: "titiand tidak mengenal permintaan \"\(name)\".",
                    en: "titiand does not know the request \"\(name)\"."),
                remedy: Text(
                    id: "Pakai titian dan titiand dari versi yang sama.",
                    en: "Use titian and titiand of the same version."))
        case .badRequest:
            Problem(
                code: "control.bad-request",
                summary: Text(
                    id: "Permintaan itu bukan satu objek JSON dengan \"op\".",
                    en: "The request is not one JSON object with an \"op\"."),
                remedy: Text(
                    id: "Tulis misalnya {\"op\":\"status\"} lalu baris baru.",
                    en: "Write for example {\"op\":\"status\"} and a newline."))
        }
    }
}
