/// A courier file: what a bridge would say over the line, carried on a stick.
///
/// A request for enrolment may stand first, as one line; then come whole calls, each with the
/// bytes of ``Envelope/seal(_:lines:key:)``, one behind the other.
///
/// Contract: ``feed(_:)`` with whatever was read, then ``next()`` until it returns `nil`; after
/// the last piece ``finish()``, and ``next()`` again. Where the file was cut into pieces makes no
/// difference, and no more than one call is held at a time.
public struct CourierFile: Sendable {
    public enum Part: Sendable {
        /// ``EnrolmentRequest`` with a proof, signed by the bridge.
        case enrolment(SignedText)
        case call(Envelope.Opened)
    }

    /// A request has a few hundred bytes.
    private static let longestRequest = 4_096
    /// As over the line; a bridge writes calls of a megabyte.
    static let longestCall = 16 << 20
    private static let tooLong = EnvelopeError.notOurs("a call is too long")

    private var rest: ArraySlice<UInt8> = []
    /// Bytes of ``rest`` that were searched for the end of a line.
    private var searched = 0
    /// Lines of the call at the beginning of ``rest`` that are still to come; nil before its first.
    private var missingLines: Int?
    private var isComplete = false

    public init() {}

    /// A file that is here whole.
    public init(_ bytes: [UInt8]) {
        rest = bytes[...]
        isComplete = true
    }

    public mutating func feed(_ bytes: [UInt8]) {
        rest.append(contentsOf: bytes)
    }

    /// Says that nothing follows.
    public mutating func finish() {
        isComplete = true
    }

    /// The next part; nil where more has to be fed first, or at the end of the file.
    ///
    /// - Throws: ``EnvelopeError``: the file is not ours, was cut, or is damaged from here on.
    public mutating func next() throws(EnvelopeError) -> Part? {
        while let end = nextNewline() {
            guard end - rest.startIndex < Self.longestCall else { throw Self.tooLong }
            guard let missing = missingLines else {
                if let request = try begin(with: end) { return request }
                continue
            }
            guard missing == 1 else {
                missingLines = missing - 1
                continue
            }
            missingLines = nil
            return .call(try Envelope.open(Array(drop(through: end))))
        }
        guard rest.count <= Self.longestCall else { throw Self.tooLong }
        guard isComplete, !rest.isEmpty else { return nil }
        throw .notOurs("it was cut")
    }

    private mutating func nextNewline() -> Int? {
        let end = rest.dropFirst(searched).firstIndex(of: Envelope.newline)
        searched = end.map { $0 + 1 - rest.startIndex } ?? rest.count
        return end
    }

    /// Takes a line that begins something: a request, or the header of a call.
    private mutating func begin(with end: Int) throws(EnvelopeError) -> Part? {
        let line = rest[..<end]
        if line.count <= Self.longestRequest,
            let signed = try? WireJSON.decode(SignedText.self, fromOutside: line)
        {
            drop(through: end)
            return .enrolment(signed)
        }
        let header = try Envelope.OpenedHeader(line)
        guard (0..<Self.longestCall).contains(header.count) else {
            throw .notOurs("no call has \(header.count) entries")
        }
        missingLines = header.count + 1  // and the trailer
        return nil
    }

    @discardableResult
    private mutating func drop(through end: Int) -> ArraySlice<UInt8> {
        defer {
            rest = rest[(end + 1)...]
            searched = 0
        }
        return rest[...end]
    }
}

/// What travels back: the centre's answers, one a line.
public enum ReceiptFile {
    /// The first line, by which the file is known.
    public static let mark = #"{"titian_receipts":1}"#

    /// Whether a file begins like one.
    public static func isOne(_ bytes: some Collection<UInt8>) -> Bool {
        bytes.starts(with: mark.utf8)
    }
}
