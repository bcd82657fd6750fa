import Attendance

/// Lines of evidence: what an auditor is given of a journal or of the centre's books.
///
/// `docs/reference/evidence.md` is the format; `tools/verify.py` reads it.
public enum EvidenceLine {
    /// An entry's line as a JSON string from which its bytes come back.
    ///
    /// A line that is no UTF-8 cannot stand in JSON: each of its bytes from 0x80 on becomes the lone
    /// surrogate U+DC00 and the byte, as Python's `surrogateescape` has it.
    public static func text(_ line: [UInt8]) -> [UInt8] {
        if let text = String(validating: line, as: UTF8.self) { return JSONLine.quoted(text) }
        var quoted: [UInt8] = [UInt8(ascii: "\"")]
        for byte in line {
            if byte < 0x80 {
                let character = String(UnicodeScalar(byte))
                quoted += JSONLine.quoted(character).dropFirst().dropLast()
            } else {
                quoted += "\\udc\([byte].hex)".utf8
            }
        }
        return quoted + [UInt8(ascii: "\"")]
    }

    /// A JSON object whose keys are data, in this order.
    public static func object(_ pairs: [(key: String, json: [UInt8])]) -> [UInt8] {
        let members = pairs.map { JSONLine.quoted($0.key) + [UInt8(ascii: ":")] + $0.json }
        return [UInt8(ascii: "{")] + members.joined(separator: [UInt8(ascii: ",")])
            + [UInt8(ascii: "}")]
    }

    /// A receipt, as a receipt file has it.
    public static func receipt(text: String, key: String, signature: String) -> [UInt8] {
        var signed = JSONLine()
        signed.add("text", text)
        signed.add("key", key)
        signed.add("signature", signature)
        var line = JSONLine()
        line.add("receipt", json: signed.finished)
        return line.finished
    }
}
