import CCurl
import Synchronization
import TerminalKit

/// The line to the small web server of a terminal: a question is the body of one POST, and what is
/// received is the whole answer as it came, status line included.
///
/// Each question has a connection of its own. Lengths that the server declares are not believed,
/// because field reports call them wrong; whoever reads the answer looks for its end.
final class HTTPLink: Link {
    /// The one web service that is spoken: ZKTeco's.
    private static let path = "/iWsService"

    private let origin: String
    private let waiter: Waiter
    private let question = Mutex<[UInt8]?>(nil)

    /// - Parameter origin: `http://host:port`.
    init(_ origin: String, waiter: Waiter) {
        self.origin = origin
        self.waiter = waiter
    }

    var isDatagram: Bool { true }

    func send(_ bytes: [UInt8]) async throws(LinkError) {
        question.withLock { $0 = bytes }
    }

    func receive(within limit: Duration) async throws(LinkError) -> [UInt8] {
        let body = question.withLock { question in
            defer { question = nil }
            return question
        }
        guard let body else { throw .silent(after: limit) }
        return try await waiter.perform { [origin] cancellation throws(LinkError) in
            let post = WebPost(origin: origin, cancellation)
            return try post.perform(Self.path, body, within: limit)
        }
    }

    func close() async {
        question.withLock { $0 = nil }
    }
}

/// One POST, on the line's own thread.
private final class WebPost {
    /// A log of 200,000 punches has half of it.
    static let longestAnswer = 64 << 20
    /// However slowly it comes, no answer takes longer.
    static let longestTime = 900

    private let origin: String
    private let cancellation: Cancellation
    private var answer: [UInt8] = []
    private var isTooLong = false

    private static let isReady = titian_curl_global_init() == CURLE_OK

    init(origin: String, _ cancellation: Cancellation) {
        self.origin = origin
        self.cancellation = cancellation
    }

    func perform(
        _ path: String, _ body: [UInt8], within limit: Duration
    ) throws(LinkError) -> [UInt8] {
        guard Self.isReady, let handle = curl_easy_init() else {
            throw .unreachable(address: origin, reason: "libcurl")
        }
        defer { curl_easy_cleanup(handle) }
        var headers: UnsafeMutablePointer<curl_slist>?
        for header in ["Content-Type: text/xml", "Connection: close", "Expect:"] {
            headers = curl_slist_append(headers, header)
        }
        defer { curl_slist_free_all(headers) }
        prepare(handle, within: max(1, Int(limit.components.seconds)))
        titian_curl_set_string(handle, CURLOPT_URL, origin + path)
        titian_curl_set_pointer(handle, CURLOPT_HTTPHEADER, headers)
        titian_curl_set_long(handle, CURLOPT_POSTFIELDSIZE, body.count)
        let result = body.withUnsafeBytes { body in
            titian_curl_set_pointer(
                handle, CURLOPT_POSTFIELDS, UnsafeMutableRawPointer(mutating: body.baseAddress))
            return withExtendedLifetime(self) { curl_easy_perform(handle) }
        }
        try check(result, limit)
        return answer
    }

    private func prepare(_ handle: UnsafeMutableRawPointer, within seconds: Int) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        titian_curl_set_pointer(handle, CURLOPT_WRITEDATA, context)
        titian_curl_set_pointer(handle, CURLOPT_XFERINFODATA, context)
        titian_curl_set_string(handle, CURLOPT_PROTOCOLS_STR, "http")
        // A terminal is in this office: what the environment says of proxies is not meant for it.
        titian_curl_set_string(handle, CURLOPT_PROXY, "")
        titian_curl_set_string(handle, CURLOPT_USERAGENT, "titian")
        let numbers: [(CURLoption, Int)] = [
            (CURLOPT_NOSIGNAL, 1), (CURLOPT_POST, 1), (CURLOPT_NOPROGRESS, 0),
            (CURLOPT_HTTP_VERSION, 1),  // CURL_HTTP_VERSION_1_0: the answer ends with the stream
            (CURLOPT_HEADER, 1), (CURLOPT_IGNORE_CONTENT_LENGTH, 1),
            (CURLOPT_CONNECTTIMEOUT, min(seconds, 10)), (CURLOPT_TIMEOUT, Self.longestTime),
            (CURLOPT_LOW_SPEED_LIMIT, 1), (CURLOPT_LOW_SPEED_TIME, seconds),
        ]
        for (option, value) in numbers { titian_curl_set_long(handle, option, value) }
        titian_curl_set_callback(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            guard let bytes, let context else { return 0 }
            let post = Unmanaged<WebPost>.fromOpaque(context).takeUnretainedValue()
            return post.take(UnsafeRawBufferPointer(start: bytes, count: size * count))
        }
        titian_curl_set_progress(handle) { context, _, _, _, _ in
            guard let context else { return 0 }
            let post = Unmanaged<WebPost>.fromOpaque(context).takeUnretainedValue()
            return post.cancellation.isCancelled ? 1 : 0
        }
    }

    private func take(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard answer.count + bytes.count <= Self.longestAnswer else {
            isTooLong = true
            return 0
        }
        answer.append(contentsOf: bytes)
        return bytes.count
    }

    /// An answer that broke off is an answer: what came of it is looked at all the same.
    private func check(_ result: CURLcode, _ limit: Duration) throws(LinkError) {
        if cancellation.isCancelled { throw .cancelled }
        if isTooLong { throw .closed(reason: "an answer without end") }
        if result == CURLE_OK || !answer.isEmpty { return }
        let reason = String(cString: curl_easy_strerror(result))
        switch result {
        case CURLE_OPERATION_TIMEDOUT: throw .silent(after: limit)
        case CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR: throw .closed(reason: reason)
        default: throw .unreachable(address: origin, reason: reason)
        }
    }
}
