import TerminalKit

/// A line whose other end is played by bytes: each says whether the terminal answers well, badly,
/// late, twice, something else or not at all. When they are used up it stays silent, or answers
/// well. Time costs nothing.
///
/// Only one task ever has it.
final class ScriptedLink<Terminal: ScriptedTerminal>: Link, @unchecked Sendable {
    let isDatagram: Bool
    private var script: ByteReader
    private var terminal: Terminal
    private let endsWell: Bool
    private var answers: [[UInt8]] = []
    private var late: [[UInt8]] = []
    private var ready: ArraySlice<[UInt8]> = []
    private var isClosed = false

    /// Records that whoever collects has on disk.
    var kept = 0
    private(set) var delivered = 0
    private(set) var sends = 0
    private var receives = 0
    /// What the driver must never do and did.
    private(set) var objection: String?

    /// - Parameter script: Four bytes of setup, then one step after the other.
    init(_ script: [UInt8], isDatagram: Bool) {
        var reader = ByteReader(script)
        let setup = reader.take(min(4, reader.remaining)).map(Array.init) ?? []
        endsWell = (setup.first ?? 0) & 1 != 0
        self.script = reader
        self.isDatagram = isDatagram
        terminal = Terminal(setup: Array(setup.dropFirst()), isDatagram: isDatagram)
    }

    /// Somebody punches between two reads.
    func punch() {
        _ = terminal.punch()
    }

    func send(_ bytes: [UInt8]) async throws(LinkError) {
        guard !isClosed else { throw .closed(reason: "end of script") }
        sends += 1
        if objection == nil { objection = terminal.objection(to: bytes, kept: kept) }
        if sends > 2_000 + delivered { objection = objection ?? "asks without end" }
        guard objection == nil else { return close("stopped") }
        late += answers
        answers = terminal.answer(bytes)
    }

    func receive(within limit: Duration) async throws(LinkError) -> [UInt8] {
        guard !isClosed else { throw .closed(reason: "end of script") }
        receives += 1
        if receives > 50_000 + delivered {
            objection = objection ?? "listens without end"
            close("stopped")
        }
        while true {
            if let piece = ready.popFirst() {
                guard !piece.isEmpty else { continue }
                delivered += piece.count
                return piece
            }
            // What has not been sent is not there yet.
            guard limit > .zero else { throw .silent(after: limit) }
            guard try step() else { throw .silent(after: limit) }
        }
    }

    func close() async { isClosed = true }

    private func close(_ reason: String) {
        isClosed = true
        ready = []
    }

    // MARK: Steps

    /// One step of the script.
    ///
    /// - Returns: false for a silence.
    private func step() throws(LinkError) -> Bool {
        guard let step = script.u8() else { return endsWell ? honest() : false }
        switch step & 0x0F {
        case 3: return cut(Int(script.u8() ?? 0) + 1)
        case 4: return say([stretch()])
        case 5: return say([terminal.packet(code: byte(), data: stretch(), isStale: false)])
        case 6: return say([long(step)])
        case 7: return false
        case 8: return edit()
        case 9: return flip()
        case 10:
            let place = Int(byte())
            if !answers.isEmpty { answers.remove(at: place % answers.count) }
            return honest()
        case 11:
            let place = Int(byte())
            if !answers.isEmpty { answers.append(answers[place % answers.count]) }
            return honest()
        case 12:
            let stray = terminal.packet(code: byte(), data: stretch(), isStale: true)
            return say([stray] + taken())
        case 13: return say([terminal.punch() ?? []] + (step & 0x10 == 0 ? [] : taken()))
        case 14:
            guard step == 0xFE else { return say(late) }
            isClosed = true
            throw .closed(reason: "end of script")
        case 15:
            late += taken()
            return false
        default: return honest()
        }
    }

    private func byte() -> UInt8 { script.u8() ?? 0 }

    private func stretch() -> [UInt8] {
        let count = Int(byte())
        return Array(script.take(min(count, script.remaining)) ?? [])
    }

    private func taken() -> [[UInt8]] {
        defer { answers = [] }
        return answers
    }

    private func say(_ packets: [[UInt8]]) -> Bool {
        ready = packets[...]
        return packets.contains { !$0.isEmpty }
    }

    private func honest() -> Bool { say(taken()) }

    /// Over a stream the answer comes in pieces of another length; datagrams come out of order.
    private func cut(_ length: Int) -> Bool {
        let packets = taken()
        guard !isDatagram else { return say(Array(packets.reversed())) }
        let all = packets.flatMap(\.self)
        return say(
            stride(from: 0, to: all.count, by: length).map {
                Array(all[$0..<min(all.count, $0 + length)])
            })
    }

    /// One long packet of a repeated pattern, or a long stretch that is none.
    private func long(_ step: UInt8) -> [UInt8] {
        let code = byte()
        let count = Int(byte()) << 6 | Int(byte())
        let pattern = stretch()
        guard !pattern.isEmpty else { return [] }
        let data = (0..<count).map { pattern[$0 % pattern.count] }
        return step & 0x10 == 0 ? terminal.packet(code: code, data: data, isStale: false) : data
    }

    private func edit() -> Bool {
        let (index, high, low, value) = (Int(byte()), Int(byte()), Int(byte()), byte())
        if !answers.isEmpty {
            let place = index % answers.count
            answers[place] = terminal.edited(answers[place], at: high << 8 | low, to: value)
        }
        return honest()
    }

    private func flip() -> Bool {
        let (index, place, bits) = (Int(byte()), Int(byte()) << 8 | Int(byte()), byte())
        if !answers.isEmpty, !answers[index % answers.count].isEmpty {
            let packet = index % answers.count
            answers[packet][place % answers[packet].count] ^= bits
        }
        return honest()
    }
}
