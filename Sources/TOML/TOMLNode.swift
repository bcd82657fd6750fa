private import CTOML

/// A TOML document as plain values; toml++ stays behind this file.
///
/// What nests deeper than toml++ allows (256) is refused as no TOML.
public indirect enum TOMLNode: Hashable, Sendable {
    case table([String: TOMLNode])
    case array([TOMLNode])
    case string(String)
    case integer(Int64)
    case number(Double)
    case flag(Bool)
    /// Dates and times, which no key of ours takes.
    case date

    /// Where and why a text is no TOML.
    public struct SyntaxError: Error, Hashable, Sendable {
        /// From 1.
        public let line: Int
        public let column: Int
        /// The library's words, in English.
        public let reason: String
    }

    /// Reads a whole document.
    public init(parsing text: String) throws(SyntaxError) {
        let reading = Reading()
        var text = text
        text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                // Swift gives an empty text no address.
                withUnsafePointer(to: CChar(0)) { nothing in
                    let start = characters.baseAddress ?? nothing
                    titian_read_toml(
                        titian_toml_text(start: start, count: characters.count),
                        reading.events)
                }
            }
        }
        if let error = reading.error { throw error }
        self = reading.document
    }
}

/// Puts a document together from what the library tells.
private final class Reading {
    private(set) var document = TOMLNode.table([:])
    private(set) var error: TOMLNode.SyntaxError?
    private var open: [Open] = []

    private struct Open {
        var entries: [String: TOMLNode]?
        var items: [TOMLNode] = []
        var key = ""

        var node: TOMLNode { entries.map(TOMLNode.table) ?? .array(items) }
    }

    private func add(_ node: TOMLNode) {
        guard let last = open.indices.last else {
            document = node
            return
        }
        if open[last].entries == nil {
            open[last].items.append(node)
        } else {
            let key = open[last].key
            open[last].entries?[key] = node
        }
    }

    private func end() {
        if let last = open.popLast() { add(last.node) }
    }

    private static func of(_ context: UnsafeMutableRawPointer?) -> Reading? {
        context.map { Unmanaged<Reading>.fromOpaque($0).takeUnretainedValue() }
    }

    private static func string(_ text: titian_toml_text) -> String {
        let bytes = UnsafeRawBufferPointer(start: text.start, count: text.count)
        return String(decoding: bytes, as: UTF8.self)
    }

    var events: titian_toml_events {
        titian_toml_events(
            context: Unmanaged.passUnretained(self).toOpaque(),
            key: { context, name in
                guard let reading = Reading.of(context), let last = reading.open.indices.last
                else { return }
                reading.open[last].key = Reading.string(name)
            },
            table_begins: { Reading.of($0)?.open.append(Open(entries: [:])) },
            array_begins: { Reading.of($0)?.open.append(Open(entries: nil)) },
            ends: { Reading.of($0)?.end() },
            string: { Reading.of($0)?.add(.string(Reading.string($1))) },
            integer: { Reading.of($0)?.add(.integer($1)) },
            number: { Reading.of($0)?.add(.number($1)) },
            flag: { Reading.of($0)?.add(.flag($1)) },
            date: { Reading.of($0)?.add(.date) },
            error: { context, line, column, reason in
                Reading.of(context)?.error = TOMLNode.SyntaxError(
                    line: Int(line), column: Int(column), reason: Reading.string(reason))
            })
    }
}
