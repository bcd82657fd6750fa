import Attendance
import Glibc

/// Where a simulated terminal pushes to: `http://HOST:PORT`, as the menu of a real one has it.
public struct PushAddress: Hashable, Sendable {
    let host: String
    let port: UInt16

    /// - Throws: `InvalidValue` naming the form.
    public init(_ text: String) throws(InvalidValue) {
        let rule = "a place to push to is http://HOST:PORT"
        guard text.hasPrefix("http://") else { throw InvalidValue(text, rule: rule) }
        (host, port) = try ListenAddress.place(String(text.dropFirst(7)), rule: rule)
    }
}

/// The half of a simulated ZKTeco terminal that sends by itself ("ADMS").
///
/// It starts with the question for options, sends its log from the stamp it is given, forgets a
/// batch only when it hears 200, and gives a sign of life while there is nothing to send. What an
/// answer must never hold is counted: `ordered` for a command, `clock_set` for a time.
struct PushingZKTeco: Sendable {
    /// Rows in one request.
    static let batch = 50
    /// Real ones wait half a minute between signs of life.
    static let beatMilliseconds = 500
    static let retryMilliseconds = 200

    let terminal: SimulatedTerminal
    let address: PushAddress

    /// Never returns; belongs on a thread of its own.
    func run() {
        while true {
            guard start() else {
                usleep(UInt32(Self.retryMilliseconds) * 1_000)
                continue
            }
            talk()
        }
    }

    /// Sends and beats until something fails; a real terminal begins anew then.
    private func talk() {
        var waited = 0
        while true {
            let rows = terminal.with { state in
                Array(state.book.log.dropFirst(state.confirmed).prefix(Self.batch))
            }
            if !rows.isEmpty {
                guard send(rows) else {
                    usleep(UInt32(Self.retryMilliseconds) * 1_000)
                    return
                }
                terminal.with { $0.confirmed = min($0.confirmed + rows.count, $0.book.log.count) }
            } else if waited >= Self.beatMilliseconds {
                guard ask("GET", "getrequest?SN=\(serial)", "heartbeat") != nil else { return }
                waited = 0
            } else {
                usleep(20_000)
                waited += 20
            }
        }
    }

    private var serial: String { terminal.settings.serialNumber }

    /// - Returns: Whether the server said what it wants.
    private func start() -> Bool {
        let question = "cdata?SN=\(serial)&options=all&language=69&pushver=2.4.1"
        guard let answer = ask("GET", question, "start"),
            let stamp = answer.option("ATTLOGStamp") ?? answer.option("Stamp")
        else { return false }
        // Its own stamp is the number of rows the server has.
        terminal.with { $0.confirmed = min(Int(stamp) ?? 0, $0.book.log.count) }
        return true
    }

    private func send(_ rows: [SimulatedPunch]) -> Bool {
        let stamp = terminal.with { $0.confirmed } + rows.count
        let body = rows.map { row in
            let time = row.time.description.replacing("T", with: " ")
            return "\(row.pin)\t\(time)\t\(row.state)\t\(row.verify)\t\(row.work)\t0\t0\t\r\n"
        }
        let question = "cdata?SN=\(serial)&table=ATTLOG&Stamp=\(stamp)"
        return ask("POST", question, "attlog", body: body.joined())?.text.hasPrefix("OK") == true
    }

    // MARK: HTTP

    /// - Returns: The answer, if it was 200.
    private func ask(
        _ method: String, _ question: String, _ name: String, body: String = ""
    ) -> PushedAnswer? {
        terminal.with { terminal.count(name, &$0) }
        let head = [
            "\(method) /iclock/\(question) HTTP/1.1", "Host: \(address.host):\(address.port)",
            "User-Agent: iClock Proxy/1.09", "Connection: close",
            "Content-Length: \(body.utf8.count)", "", "",
        ]
        let request = Array((head.joined(separator: "\r\n") + body).utf8)
        guard let bytes = BoundSocket.exchange(request, with: address),
            let answer = PushedAnswer(bytes)
        else { return nil }
        terminal.with { state in
            if answer.hasOrders { terminal.count("ordered", &state) }
            if answer.movesClock { state.clockSet += 1 }
        }
        return answer
    }
}

/// An answer with status 200.
private struct PushedAnswer {
    let text: String
    private let head: String

    init?(_ bytes: [UInt8]) {
        let whole = String(decoding: bytes, as: UTF8.self)
        guard whole.hasPrefix("HTTP/1.1 200"), let end = whole.firstRange(of: "\r\n\r\n") else {
            return nil
        }
        head = whole[..<end.lowerBound].lowercased()
        text = String(whole[end.upperBound...])
    }

    private var lines: [Substring] { text.split(whereSeparator: \.isNewline) }

    func option(_ name: String) -> String? {
        lines.first { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.count + 1)) }
    }

    var hasOrders: Bool { lines.contains { $0.hasPrefix("C:") } }

    var movesClock: Bool {
        let words = ["TimeZone=", "Time=", "DateTime="]
        return head.contains("\r\ndate:")
            || lines.contains { line in
                words.contains { line.hasPrefix($0) }
            }
    }
}

extension BoundSocket {
    /// Sends a request over a connection of its own and reads until the other end closes it.
    ///
    /// - Returns: nil if nobody listens or nothing came within ten seconds.
    fileprivate static func exchange(_ request: [UInt8], with address: PushAddress) -> [UInt8]? {
        let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = address.port.bigEndian
        guard inet_pton(AF_INET, address.host, &target.sin_addr) == 1 else { return nil }
        let isConnected = withUnsafePointer(to: &target) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(file, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected, writeAll(file, request) else { return nil }
        var answer: [UInt8] = []
        while answer.count < 1 << 20 {
            var question = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
            guard poll(&question, 1, 10_000) > 0 else { return nil }
            let bytes = readSome(file)
            if bytes.isEmpty { break }
            answer += bytes
        }
        return answer.isEmpty ? nil : answer
    }
}
