/// A courier file: what a bridge would say over the line, carried on a stick.
///
/// A request for enrolment may stand first, as one line; then come whole calls, each with the
/// bytes of ``Envelope/seal(_:lines:key:)``, one behind the other.
public struct CourierFile: Sendable {
    public enum Part: Sendable {
        /// ``EnrolmentRequest`` with a proof, signed by the bridge.
        case enrolment(SignedText)
        case call(Envelope.Opened)
    }

    /// A request has a few hundred bytes.
    private static let longestRequest = 4_096

    private var rest: ArraySlice<UInt8>

    public init(_ bytes: [UInt8]) {
        rest = bytes[...]
    }

    /// The next part; nil at the end of the file.
    ///
    /// - Throws: ``EnvelopeError``: the file is not ours, was cut, or is damaged from here on.
    public mutating func next() throws(EnvelopeError) -> Part? {
        guard !rest.isEmpty else { return nil }
        guard let end = rest.firstIndex(of: Envelope.newline) else { throw .notOurs("it was cut") }
        let line = rest[..<end]
        if line.count <= Self.longestRequest,
            let signed = try? WireJSON.decode(SignedText.self, fromOutside: line)
        {
            rest = rest[(end + 1)...]
            return .enrolment(signed)
        }
        let header = try Envelope.OpenedHeader(line)
        guard header.count >= 0, header.count <= rest.count else { throw .notOurs("it was cut") }
        let length = try lengthOfCall(entries: header.count)
        let call = Array(rest.prefix(length))
        rest = rest.dropFirst(length)
        return .call(try Envelope.open(call))
    }

    /// Bytes of the header, the entries and the trailer.
    private func lengthOfCall(entries: Int) throws(EnvelopeError) -> Int {
        var place = rest.startIndex
        for _ in 0..<(entries + 2) {
            guard let end = rest[place...].firstIndex(of: Envelope.newline) else {
                throw .notOurs("it was cut")
            }
            place = end + 1
        }
        return place - rest.startIndex
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
