import CCurl
import Dispatch
import Exchange
import Synchronization

/// An answer of the centre.
public struct HTTPAnswer: Hashable, Sendable {
    public var status: Int
    public var body: [UInt8]
    /// Seconds, from `Retry-After`.
    public var retryAfter: Int?

    public init(status: Int, body: [UInt8], retryAfter: Int? = nil) {
        self.status = status
        self.body = body
        self.retryAfter = retryAfter
    }
}

/// A line to the centre that trusts keys and nothing else.
///
/// Certificates, their names and their dates are not looked at, because the server's public key
/// itself is compared with the pins: neither a wrong clock nor an expired certificate can cut an
/// office off, and no authority can speak for the centre. Without a pin nothing is sent.
///
/// The connection is kept between calls. Calls wait on a thread of their own.
public final class HTTPS: Sendable {
    /// An answer longer than this is none of the centre's.
    static let longestAnswer = 4 << 20

    private let origin: String
    private let pins: String
    private let proxy: Configuration.Proxy?
    private let queue = DispatchQueue(label: "titian.https")
    private let session = Mutex<CurlSession?>(nil)

    /// - Parameters:
    ///   - origin: `https://host:port` without a slash at its end.
    ///   - pins: `sha256//…` of the centre's keys; at least one.
    ///   - proxy: The office's; without one, what `https_proxy` in the environment names.
    /// - Throws: ``SyncError`` if the address is no https URL or there is no pin.
    public init(
        origin: String, pins: [String], through proxy: Configuration.Proxy? = nil
    ) throws(SyncError) {
        guard origin.hasPrefix("https://"), origin.utf8.count > 8 else {
            throw .badAddress(origin)
        }
        guard !pins.isEmpty, pins.allSatisfy({ $0.hasPrefix("sha256//") }) else {
            throw .noPin(origin)
        }
        self.origin = origin.hasSuffix("/") ? String(origin.dropLast()) : origin
        self.pins = pins.joined(separator: ";")
        self.proxy = proxy
    }

    /// Posts a body and waits for the answer, whatever its status.
    ///
    /// Cancelling the task ends the call within a second.
    ///
    /// - Parameters:
    ///   - path: Below the centre's address, from its first slash on.
    ///   - body: The bytes to send.
    ///   - contentType: What they are.
    ///   - isGzip: They are deflated.
    ///   - caller: Who calls, so that a busy centre knows whom it has told to come now.
    /// - Throws: ``SyncError`` if there was no answer; `CancellationError`.
    public func post(
        _ path: String, body: [UInt8], contentType: String, isGzip: Bool = false,
        caller: String? = nil
    ) async throws -> HTTPAnswer {
        try Task.checkCancellation()
        let call = CurlCall(
            url: origin + path, body: body,
            headers: Self.headers(contentType: contentType, isGzip: isGzip, caller: caller))
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                queue.async { continuation.resume(with: Result { try self.perform(call) }) }
            }
        } onCancel: {
            call.cancel()
        }
    }

    static func headers(contentType: String, isGzip: Bool, caller: String?) -> [String] {
        ["Content-Type: \(contentType)", "Expect:", "Accept: application/json"]
            + (isGzip ? ["Content-Encoding: gzip"] : [])
            + (caller.map { ["\(Envelope.callerHeader): \($0)"] } ?? [])
    }

    private func perform(_ call: CurlCall) throws -> HTTPAnswer {
        try session.withLock { session in
            let open = try session ?? CurlSession(pins: pins, origin: origin, through: proxy)
            session = open
            return try open.perform(call)
        }
    }
}

/// One call: what is sent, what has come, and whether it is still wanted.
final class CurlCall: Sendable {
    let url: String
    let body: [UInt8]
    let headers: [String]
    private let isCancelled = Atomic(false)
    private let received = Mutex<[UInt8]>([])

    init(url: String, body: [UInt8], headers: [String]) {
        self.url = url
        self.body = body
        self.headers = headers
    }

    func cancel() { isCancelled.store(true, ordering: .relaxed) }

    var wasCancelled: Bool { isCancelled.load(ordering: .relaxed) }

    var answer: [UInt8] { received.withLock { $0 } }

    /// - Returns: How many bytes were taken; fewer than `bytes` ends the call.
    func take(_ bytes: UnsafeRawBufferPointer) -> Int {
        received.withLock { received in
            guard received.count + bytes.count <= HTTPS.longestAnswer else { return 0 }
            received.append(contentsOf: bytes)
            return bytes.count
        }
    }
}
