import TerminalKit

@testable import ZKTeco

extension FuzzTarget {
    static let zkteco: [FuzzTarget] = [
        FuzzTarget(
            "zk-stream", decode: { ZKTecoPackets.stream([$0[...]]).count(of: $0) },
            check: ZKTecoPackets.checkStream, seeds: { Seeds.zkteco.streams }),
        FuzzTarget(
            "zk-datagram", longest: 2_048, decode: { ZKTecoPackets.datagram($0) },
            check: ZKTecoPackets.checkDatagram, seeds: { Seeds.zkteco.datagrams }),
        FuzzTarget(
            "zk-records", longest: 1_024, decode: ZKTecoRecords.decode,
            check: ZKTecoRecords.check, seeds: { Seeds.zkteco.records }),
        FuzzTarget(
            "zk-table", longest: 2_048, decode: ZKTecoRecords.decodeTable,
            check: ZKTecoRecords.checkTable, seeds: { Seeds.zkteco.tables }),
        FuzzTarget(
            "zk-answers", longest: 512, decode: ZKTecoAnswers.decode,
            check: ZKTecoAnswers.check, seeds: { Seeds.zkteco.answers }),
        dialogue("zk-dialogue-tcp", ZKTecoTerminal.self, isDatagram: false),
        dialogue("zk-dialogue-udp", ZKTecoTerminal.self, isDatagram: true),
    ]
}

enum ZKTecoPackets {
    /// All that a decoder makes of a stream.
    struct Outcome: Equatable {
        var events: [PacketDecoder.Event] = []
        /// From the place where the stream made no sense any more.
        var lost: [UInt8]?
        /// The beginning of a packet whose end has not come.
        var pending: [UInt8] = []

        func count(of bytes: [UInt8]) -> Int {
            use(self)
            return bytes.count
        }
    }

    static func stream(_ pieces: [ArraySlice<UInt8>]) -> Outcome {
        var decoder = PacketDecoder()
        var outcome = Outcome()
        for piece in pieces {
            decoder.feed(piece)
            while let event = decoder.next() {
                // How many bytes had come by then is the line's business.
                if case .desync(let bytes) = event {
                    outcome.lost = bytes
                } else {
                    outcome.events.append(event)
                }
            }
        }
        let rest = decoder.pending
        if let lost = outcome.lost { outcome.lost = lost + rest } else { outcome.pending = rest }
        return outcome
    }

    static func checkStream(_ bytes: [UInt8]) throws {
        let whole = stream([bytes[...]])
        try hold(stream(Cuts.random(bytes)) == whole, "packets depend on how the stream is cut")
        if bytes.count <= 256 {
            let single = bytes.indices.map { bytes[$0...$0] }
            try hold(stream(single) == whole, "packets depend on how the stream is cut")
        }
        var place = 0
        for event in whole.events {
            switch event {
            case .packet(let packet):
                let frame = packet.frame
                let original = Array(bytes[place..<(place + frame.count)])
                try hold(isSame(frame, original), "a packet does not encode to its bytes")
                place += frame.count
            case .noise(let noise):
                try hold(bytes[place...].starts(with: noise), "noise is not what came")
                place += noise.count
            case .desync: throw Broken("a second end of the stream")
            }
        }
        try hold(
            Array(bytes[place...]) == whole.lost ?? whole.pending, "bytes of the stream are gone")
    }

    static func datagram(_ bytes: [UInt8]) -> Int {
        use(Packet(datagram: bytes))
        return bytes.count
    }

    static func checkDatagram(_ bytes: [UInt8]) throws {
        guard let packet = Packet(datagram: bytes) else { return }
        let again = Packet.magic + [0, 0, 0, 0]
        try hold(
            isSame(again + packet.datagram, again + bytes), "a datagram does not encode to itself")
        try hold(Packet(datagram: packet.datagram) == packet, "a datagram does not come back")
        if let event = LiveEvent(packet) {
            try hold((10...).contains(bytes.count), "an event out of nothing")
            use(event.ownPunch)
        }
        use(PacketFields.item(packet, toTerminal: false))
        use(PacketFields.item(packet, toTerminal: true))
    }

    /// There are two magics, and two ways to write a checksum that is zero.
    private static func isSame(_ frame: [UInt8], _ original: [UInt8]) -> Bool {
        guard frame.count == original.count else { return false }
        let checksum = (Packet.prefixLength + 2)..<(Packet.prefixLength + 4)
        return frame.indices.dropFirst(Packet.magic.count).allSatisfy {
            checksum.contains($0) || frame[$0] == original[$0]
        }
    }
}
