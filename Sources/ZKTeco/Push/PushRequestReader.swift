/// Cuts what a terminal sends over one connection into requests.
///
/// Contract: call ``feed(_:)`` with whatever arrived, then ``next()`` until it returns nil. Where
/// the stream was cut makes no difference to the requests that come out. After
/// ``Event/refused(_:)`` nothing more can be made of the connection.
///
/// Bodies that nobody keeps (users, fingerprints, photos) are dropped as they arrive and are never
/// in memory as a whole.
package struct PushRequestReader: Sendable {
    package enum Event: Hashable, Sendable {
        /// A whole request; its body is empty if it was not to be kept.
        case request(PushRequest)
        /// The terminal wants to hear `100 Continue` before it sends the body.
        case wantsContinue
        case refused(Refusal)
    }

    /// Why no more can be made of a connection; the number is the HTTP status.
    package enum Refusal: Int, Error, Hashable, Sendable {
        case malformed = 400
        case bodyTooLong = 413
        case headTooLong = 431
    }

    package static let longestHead = 16 << 10
    package static let longestBody = 4 << 20
    /// Photos and templates are larger, and cost nothing.
    static let longestDropped = 64 << 20

    private enum State: Sendable {
        case head
        case body(PushHead, Rest)
        case over
    }

    /// What is still to come of a body.
    private enum Rest: Hashable, Sendable {
        case counted(Int)
        case chunkSize
        case chunk(Int)
        case chunkEnd
        case trailer
        /// The head did not say how much.
        case open
    }

    private let keeps: @Sendable (PushHead) -> Bool
    private var state = State.head
    private var buffer: [UInt8] = []
    /// How far the buffer holds no end of a head.
    private var scanned = 0
    private var body: [UInt8] = []
    private var bodyLength = 0
    private var keepsBody = false

    /// - Parameter keeps: Whether the body of a request is wanted.
    package init(keeps: @escaping @Sendable (PushHead) -> Bool) {
        self.keeps = keeps
    }

    /// Nothing of a request has come.
    package var isIdle: Bool {
        if case .head = state { buffer.isEmpty } else { false }
    }

    /// The body has no declared length: it ends with the stream, or with a silence.
    package var isOpenEnded: Bool {
        if case .body(_, .open) = state { true } else { false }
    }

    package mutating func feed(_ bytes: [UInt8]) {
        if case .over = state { return }
        buffer += bytes
    }

    package mutating func next() -> Event? {
        do throws(Refusal) {
            switch state {
            case .head: return try readHead()
            case .body(let head, let rest): return try readBody(head, rest)
            case .over: return nil
            }
        } catch {
            state = .over
            buffer = []
            body = []
            return .refused(error)
        }
    }

    /// The stream has ended, or was silent for a while: a body without a length is whole if it
    /// ends with a line.
    ///
    /// - Returns: nil if there is nothing to end; the connection is of no more use then.
    package mutating func finish() -> Event? {
        guard case .body(let head, .open) = state else { return nil }
        guard lastByte == nil || lastByte == 0x0A else { return nil }
        return request(head)
    }

    private var lastByte: UInt8?

    // MARK: Head

    private mutating func readHead() throws(Refusal) -> Event? {
        // Empty lines between requests are nothing, and no end of a head.
        let first = buffer.firstIndex { $0 != 0x0D && $0 != 0x0A } ?? buffer.endIndex
        buffer.removeFirst(first)
        scanned = max(0, scanned - first)
        // Binary junk, and TLS, are known by their first byte.
        if let byte = buffer.first, !(0x41...0x5A).contains(byte) { throw .malformed }
        guard let end = PushRequest.endOfHead(buffer[...], from: scanned) else {
            guard buffer.count <= Self.longestHead else { throw .headTooLong }
            scanned = max(0, buffer.count - 2)
            return nil
        }
        guard end.head <= Self.longestHead else { throw .headTooLong }
        guard let head = PushHead(buffer[..<end.head]) else { throw .malformed }
        buffer.removeFirst(end.body)
        scanned = 0
        return try begin(head)
    }

    private mutating func begin(_ head: PushHead) throws(Refusal) -> Event? {
        keepsBody = keeps(head)
        lastByte = nil
        if head.isChunked {
            state = .body(head, .chunkSize)
        } else if let length = head.length {
            try check(length)
            state = .body(head, .counted(length))
        } else {
            state = .body(head, ["POST", "PUT"].contains(head.method) ? .open : .counted(0))
        }
        return head.expectsContinue && head.length != 0 ? .wantsContinue : next()
    }

    // MARK: Body

    private mutating func readBody(_ head: PushHead, _ rest: Rest) throws(Refusal) -> Event? {
        var rest = rest
        while true {
            state = .body(head, rest)
            switch rest {
            case .counted(let left):
                let taken = try take(left)
                if taken == left { return request(head) }
                state = .body(head, .counted(left - taken))
                return nil
            case .open:
                _ = try take(buffer.count)
                return nil
            case .chunkSize:
                guard let line = try line() else { return nil }
                guard let size = Self.chunkSize(line) else { throw .malformed }
                rest = size == 0 ? .trailer : .chunk(size)
            case .chunk(let left):
                let taken = try take(left)
                guard taken == left else {
                    state = .body(head, .chunk(left - taken))
                    return nil
                }
                rest = .chunkEnd
            case .chunkEnd:
                guard let line = try line() else { return nil }
                guard line.isEmpty else { throw .malformed }
                rest = .chunkSize
            case .trailer:
                guard let line = try line() else { return nil }
                if line.isEmpty { return request(head) }
            }
        }
    }

    private mutating func request(_ head: PushHead) -> Event {
        defer {
            body = []
            bodyLength = 0
        }
        state = .head
        return .request(PushRequest(head, body: body))
    }

    /// Moves up to `count` bytes from the buffer into the body, or drops them.
    private mutating func take(_ count: Int) throws(Refusal) -> Int {
        let taken = min(count, buffer.count)
        bodyLength += taken
        try check(bodyLength)
        if taken > 0 { lastByte = buffer[taken - 1] }
        if keepsBody { body += buffer[..<taken] }
        buffer.removeFirst(taken)
        return taken
    }

    private func check(_ length: Int) throws(Refusal) {
        let most = keepsBody ? Self.longestBody : Self.longestDropped
        guard length <= most else { throw .bodyTooLong }
    }

    /// One line of the framing of chunks, without its end.
    private mutating func line() throws(Refusal) -> [UInt8]? {
        guard let end = buffer.firstIndex(of: 0x0A) else {
            guard buffer.count <= Self.longestHead else { throw .malformed }
            return nil
        }
        var line = buffer[..<end]
        if line.last == 0x0D { line.removeLast() }
        defer { buffer.removeFirst(end + 1) }
        return Array(line)
    }

    /// Hexadecimal, perhaps with an extension behind `;`.
    private static func chunkSize(_ line: [UInt8]) -> Int? {
        let digits = line.prefix { $0 != UInt8(ascii: ";") && $0 != 0x20 }
        guard (1...8).contains(digits.count),
            digits.allSatisfy({ UInt8(ascii: "-") != $0 && UInt8(ascii: "+") != $0 })
        else { return nil }
        return Int(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}
