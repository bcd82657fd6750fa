public import Attendance

/// Reads what a box holds, line by line: evidence of its journal, or a file of receipts.
///
/// Contract: every line of a file goes to ``take(_:)``, and after the last ``isComplete`` says whether the file
/// came whole. Whether an entry's line is there or forgotten makes no difference: its digest is enough.
///
/// Source: `docs/reference/evidence.md`, "Of a box"; receipts as ``ReceiptFile`` has them.
public struct EvidenceReader: Sendable {
    public enum Item: Hashable, Sendable {
        /// A receipt of the centre; its signature is not looked at yet.
        case receipt(SignedText)
        /// A journal begins, written with this key, which ends with entry `last`.
        case journal(String, publicKey: [UInt8], last: Int64)
        /// An entry: its line's SHA-256 or the first bytes of it, and the chain after it where it is kept.
        case entry(seq: Int64, digest: [UInt8], hash: [UInt8])
        /// A punch that the box has counted, and its first entry; 0 where a repair took it over.
        case known(identity: [UInt8], time: WallTime, seq: Int64)
    }

    /// Why a line was not understood.
    public enum Failure: Error, Hashable {
        case unreadable
    }

    private enum Row { case entry, known }

    /// What the lines after a header are, and how many of them are still to come.
    private var rows: (kind: Row, left: Int) = (.entry, 0)
    private var isEmpty = true

    public init() {}

    /// Whether no header promises more lines.
    public var isComplete: Bool { rows.left == 0 && !isEmpty }

    /// - Parameter line: Without its newline.
    /// - Returns: What it tells; nil for a line that only belongs to the form.
    /// - Throws: ``Failure``: neither evidence of a box nor receipts, or a damaged line.
    public mutating func take(_ line: [UInt8]) throws -> Item? {
        isEmpty = false
        guard rows.left == 0 else {
            rows.left -= 1
            return rows.kind == .entry ? try Self.entry(line) : try Self.known(line)
        }
        if ReceiptFile.isOne(line) { return nil }
        let header = Header(line)
        if let receipt = header.receipt {
            guard receipt.count <= Self.longestReceipt,
                let signed = try? WireJSON.decode(SignedText.self, fromOutside: receipt)
            else { throw Failure.unreadable }
            return .receipt(signed)
        }
        if header.isEnrolment { return nil }
        guard let count = header.count, count >= 0 else { throw Failure.unreadable }
        switch header.evidence {
        case "bridge":
            guard let journal = header.journal, let last = header.last,
                let key = header.publicKey.flatMap({ [UInt8](base64: $0) })
            else { throw Failure.unreadable }
            rows = (.entry, count)
            return .journal(journal, publicKey: key, last: last)
        case "known":
            rows = (.known, count)
            return nil
        default:
            throw Failure.unreadable
        }
    }

    /// A receipt's text has 400 bytes, and more where keys were changed.
    private static let longestReceipt = 4_096

    /// A line that no other line counts; what it has beside these members is not for the centre.
    private struct Header {
        var evidence, journal, publicKey: String?
        var count: Int?
        var last: Int64?
        var receipt: ArraySlice<UInt8>?
        /// An answer to a request to be enrolled.
        var isEnrolment = false

        init(_ line: [UInt8]) {
            _ = ShallowJSON.members(of: line[...]) { name, value in
                let short = EvidenceReader.short(value)
                switch String(decoding: name.prefix(16), as: UTF8.self) {
                case "evidence": evidence = EvidenceReader.unquoted(short).map(String.init)
                case "journal": journal = EvidenceReader.unquoted(short).map(String.init)
                case "public_key": publicKey = EvidenceReader.unquoted(short).map(String.init)
                case "count": count = Int(short)
                case "last": last = Int64(short)
                case "receipt": receipt = value
                case "text": isEnrolment = true
                default: break
                }
            }
        }
    }

    // MARK: Rows

    /// A box keeps so much of the digest as long as it has the line.
    private static let shortestDigest = 8

    /// The line itself is passed over: it may hold bytes that no string can.
    private static func entry(_ line: [UInt8]) throws(Failure) -> Item {
        var seq: Int64?
        var digest: [UInt8]?
        var hash: [UInt8]? = []
        members(of: line) { name, value in
            switch name {
            case "seq": seq = Int64(value)
            case "digest": digest = bytes(value)
            case "hash": hash = bytes(value)
            default: break
            }
        }
        guard let seq, let digest, digest.count >= shortestDigest, let hash else {
            throw .unreadable
        }
        return .entry(seq: seq, digest: digest, hash: hash)
    }

    private static func known(_ line: [UInt8]) throws(Failure) -> Item {
        var seq: Int64?
        var identity: [UInt8]?
        var time: WallTime?
        members(of: line) { name, value in
            switch name {
            case "seq": seq = Int64(value)
            case "identity": identity = bytes(value)
            case "time": time = unquoted(value).flatMap { WallTime(String($0)) }
            default: break
            }
        }
        guard let seq, let identity, let time, identity.count == 16 else { throw .unreadable }
        return .known(identity: identity, time: time, seq: seq)
    }

    private static func members(of line: [UInt8], _ body: (String, Substring) -> Void) {
        _ = ShallowJSON.members(of: line[...]) { name, value in
            body(String(decoding: name.prefix(16), as: UTF8.self), short(value))
        }
    }

    /// A value as it stands; empty where it is longer than any of ours.
    private static func short(_ value: ArraySlice<UInt8>) -> Substring {
        value.count <= 100 ? String(decoding: value, as: UTF8.self)[...] : ""
    }

    private static func unquoted(_ value: Substring) -> Substring? {
        guard value.utf8.count >= 2, value.hasPrefix("\""), value.hasSuffix("\"") else {
            return nil
        }
        return value.dropFirst().dropLast()
    }

    /// Hexadecimal digits in quotes.
    private static func bytes(_ value: Substring) -> [UInt8]? {
        unquoted(value).flatMap { [UInt8](hex: $0) }
    }
}
