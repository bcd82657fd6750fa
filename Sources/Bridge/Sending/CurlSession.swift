import CCurl

/// A libcurl handle with its connection; used by one thread at a time, which ``HTTPS`` sees to.
final class CurlSession {
    private let handle: UnsafeMutableRawPointer
    private let origin: String
    private let proxy: Configuration.Proxy?

    private static let isReady = titian_curl_global_init() == CURLE_OK

    init(
        pins: String, origin: String, through proxy: Configuration.Proxy?
    ) throws(SyncError) {
        guard Self.isReady, let handle = curl_easy_init() else {
            throw .tls(origin, reason: "libcurl")
        }
        self.handle = handle
        self.origin = origin
        self.proxy = proxy
        titian_curl_set_string(handle, CURLOPT_PINNEDPUBLICKEY, pins)
        // The pin decides; see the type's comment in HTTPS.swift.
        set(CURLOPT_SSL_VERIFYPEER, 0)
        set(CURLOPT_SSL_VERIFYHOST, 0)
        titian_curl_set_string(handle, CURLOPT_PROTOCOLS_STR, "https")
        titian_curl_set_string(handle, CURLOPT_USERAGENT, "titian")
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_CONNECTTIMEOUT, 20)
        // A line that carries less than this is dead, however long the batch is.
        set(CURLOPT_LOW_SPEED_LIMIT, 10)
        set(CURLOPT_LOW_SPEED_TIME, 60)
        set(CURLOPT_TCP_KEEPALIVE, 1)
        if let proxy {
            titian_curl_set_string(handle, CURLOPT_PROXY, proxy.address)
            // What the environment leaves out is not meant here.
            titian_curl_set_string(handle, CURLOPT_NOPROXY, "")
        }
        set(CURLOPT_POST, 1)
        set(CURLOPT_NOPROGRESS, 0)
        titian_curl_set_callback(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            guard let bytes, let context else { return 0 }
            let call = Unmanaged<CurlCall>.fromOpaque(context).takeUnretainedValue()
            return call.take(UnsafeRawBufferPointer(start: bytes, count: size * count))
        }
        titian_curl_set_progress(handle) { context, _, _, _, _ in
            guard let context else { return 0 }
            let call = Unmanaged<CurlCall>.fromOpaque(context).takeUnretainedValue()
            return call.wasCancelled ? 1 : 0
        }
    }

    deinit { curl_easy_cleanup(handle) }

    private func set(_ option: CURLoption, _ value: Int) {
        titian_curl_set_long(handle, option, value)
    }

    /// Seconds that a call may take: a minute and a half, and as long as its body needs on the
    /// slowest line worth having, 200 bytes a second; ten minutes at most.
    static func limit(forBody bytes: Int) -> Int { min(600, 90 + bytes / 200) }

    func perform(_ call: CurlCall) throws -> HTTPAnswer {
        guard !call.wasCancelled else { throw CancellationError() }
        try giveLogin()
        set(CURLOPT_TIMEOUT, Self.limit(forBody: call.body.count))
        var headers: UnsafeMutablePointer<curl_slist>?
        for header in call.headers { headers = curl_slist_append(headers, header) }
        defer { curl_slist_free_all(headers) }
        let context = Unmanaged.passUnretained(call).toOpaque()
        titian_curl_set_string(handle, CURLOPT_URL, call.url)
        titian_curl_set_pointer(handle, CURLOPT_HTTPHEADER, headers)
        titian_curl_set_pointer(handle, CURLOPT_WRITEDATA, context)
        titian_curl_set_pointer(handle, CURLOPT_XFERINFODATA, context)
        set(CURLOPT_POSTFIELDSIZE, call.body.count)
        let result = call.body.withUnsafeBytes { body in
            titian_curl_set_pointer(
                handle, CURLOPT_POSTFIELDS, UnsafeMutableRawPointer(mutating: body.baseAddress))
            return withExtendedLifetime(call) { curl_easy_perform(handle) }
        }
        guard result == CURLE_OK else { throw error(result, call) }
        return HTTPAnswer(
            status: info(CURLINFO_RESPONSE_CODE), body: call.answer, retryAfter: retryAfter())
    }

    /// Read anew for each call, so that a file that was put right counts at once.
    private func giveLogin() throws(SyncError) {
        guard let login = try proxy?.login() else { return }
        titian_curl_set_string(handle, CURLOPT_PROXYUSERNAME, login.name)
        titian_curl_set_string(handle, CURLOPT_PROXYPASSWORD, login.password)
    }

    private func info(_ name: CURLINFO) -> Int {
        var value = 0
        titian_curl_get_long(handle, name, &value)
        return value
    }

    private func retryAfter() -> Int? {
        var seconds: curl_off_t = 0
        titian_curl_get_offset(handle, CURLINFO_RETRY_AFTER, &seconds)
        return seconds > 0 ? Int(min(seconds, 86_400)) : nil
    }

    /// Part of a call's body had left when the line ended.
    private var wasUnderWay: Bool {
        var bytes: curl_off_t = 0
        titian_curl_get_offset(handle, CURLINFO_SIZE_UPLOAD_T, &bytes)
        return bytes > 0
    }

    private func error(_ result: CURLcode, _ call: CurlCall) -> any Error {
        let reason = String(cString: curl_easy_strerror(result))
        let connect = info(CURLINFO_HTTP_CONNECTCODE)
        switch result {
        case CURLE_ABORTED_BY_CALLBACK where call.wasCancelled: return CancellationError()
        case _ where connect == 407: return SyncError.proxyRefused(proxy?.address ?? "https_proxy")
        case _ where connect >= 300:
            return SyncError.unreachable(origin, reason: "proxy: HTTP \(connect)")
        case CURLE_COULDNT_RESOLVE_PROXY: return SyncError.noName(proxy?.address ?? "https_proxy")
        case CURLE_SSL_PINNEDPUBKEYNOTMATCH: return SyncError.otherKey(origin)
        case CURLE_COULDNT_RESOLVE_HOST: return SyncError.noName(origin)
        case _ where wasUnderWay: return SyncError.brokeOff(origin, reason: reason)
        case CURLE_OPERATION_TIMEDOUT: return SyncError.timeout(origin)
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION:
            return SyncError.tls(origin, reason: reason)
        case CURLE_COULDNT_CONNECT:
            return SyncError.unreachable(proxy?.address ?? origin, reason: reason)
        default: return SyncError.unreachable(origin, reason: reason)
        }
    }
}
