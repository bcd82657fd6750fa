import TerminalKit

/// Puts the DATA packets of one transfer together, and knows when it has them all.
///
/// Over a stream they come in order. Over datagrams each carries its index; a lost, doubled or
/// overtaken one is noticed by it, and ``askAgain()`` keeps what has come, so that the next
/// answer to the same question only has to fill the holes. What disagrees with what came before
/// is not mixed with it: then only the newer answer counts.
///
/// Source: docs/reference/protocols/zkteco.md, "Transfers".
struct DataCollector {
    /// The most bytes a terminal may announce; the largest log known is an eighth of it.
    static let largest = 64 * 1024 * 1024

    private let asked: Int?
    private let isDatagram: Bool
    private var announced: Int?
    private var parts: [UInt16: [UInt8]] = [:]
    private var joined: [UInt8] = []
    /// The terminal has said that this was all.
    private(set) var isEnded = false
    /// The answer that said so last.
    private(set) var end: Packet?
    private(set) var received = 0

    /// - Parameter asked: The bytes asked for; nil where the terminal decides.
    init(asked: Int?, isDatagram: Bool) {
        self.asked = asked
        self.isDatagram = isDatagram
    }

    var hasBegun: Bool { announced != nil || received > 0 }
    var isAnnounced: Bool { announced != nil }

    /// The bytes there must be, as far as anyone said: a table's first word counts the rest.
    var expected: Int? {
        if let known = asked ?? announced { return known }
        // A table that comes as one DATA has the session where the index would be.
        let only = parts.count == 1 ? parts.first?.value : nil
        let head = isDatagram ? parts[0] ?? only ?? [] : joined
        guard head.count >= 4 else { return nil }
        var reader = ByteReader(head)
        return reader.u32LE().map { Int($0) + 4 }
    }

    var isWhole: Bool {
        guard let expected, received == expected else { return false }
        guard isDatagram, parts.count > 1 else { return true }
        return (0..<parts.count).allSatisfy { index in
            UInt16(exactly: index).map { parts[$0] != nil } ?? false
        }
    }

    /// Takes PREPARE_DATA, DATA or the closing OK.
    ///
    /// - Throws: ``DriverError/garbled(what:bytes:)`` for sizes that cannot be,
    ///   ``DriverError/incomplete(received:expected:)`` if another number of bytes is announced
    ///   than was asked for.
    mutating func take(_ packet: Packet) throws(DriverError) {
        switch packet.command {
        case Command.prepareData: try announce(packet.data)
        case Command.data: try add(packet.data, index: packet.session)
        default:
            isEnded = true
            end = packet
        }
    }

    /// The question is asked once more: what came stays, the end has to come again.
    mutating func askAgain() {
        isEnded = false
    }

    /// Everything, in order; meaningful once ``isWhole``.
    func bytes() -> [UInt8] {
        guard isDatagram else { return joined }
        var all: [UInt8] = []
        all.reserveCapacity(received)
        for index in parts.keys.sorted() { all += parts[index] ?? [] }
        return all
    }

    private mutating func announce(_ data: [UInt8]) throws(DriverError) {
        var reader = ByteReader(data)
        guard let size = reader.u32LE().map(Int.init) else { return }
        guard size <= Self.largest else {
            throw .garbled(what: "a transfer of \(size) bytes", bytes: data)
        }
        if let asked, asked != size { throw .incomplete(received: size, expected: asked) }
        if let announced, announced != size { forget() }
        announced = size
    }

    private mutating func add(_ data: [UInt8], index: UInt16) throws(DriverError) {
        if isDatagram {
            if let known = parts[index] {
                guard known != data else { return }
                forget()
            }
            parts[index] = data
        } else {
            joined += data
        }
        received += data.count
        guard received <= asked ?? announced ?? Self.largest else {
            let count = received
            forget()
            throw .garbled(what: "more bytes than announced: \(count)", bytes: [])
        }
    }

    private mutating func forget() {
        parts = [:]
        joined = []
        received = 0
    }
}
