import Attendance
import Transports

@testable import Exchange

extension FuzzTarget {
    /// What the centre and the bridge take from each other, and addresses.
    static let centre: [FuzzTarget] = [
        FuzzTarget(
            "envelope", decode: Envelopes.decode, check: Envelopes.check,
            seeds: { Seeds.envelopes }, large: { Seeds.crowdedEnvelopes }),
        FuzzTarget(
            "courier", decode: Couriers.decode, check: Couriers.check,
            seeds: { Seeds.couriers }, large: { Seeds.couriers + Seeds.crowdedEnvelopes }),
        FuzzTarget(
            "evidence", decode: Evidence.decode, check: Evidence.check,
            seeds: { Seeds.evidence }, large: { Seeds.evidence + Seeds.crowds }),
        FuzzTarget(
            "entry", decode: Entries.decode, check: Entries.check, seeds: { Seeds.lines },
            large: { Seeds.crowds }),
        FuzzTarget(
            "answer", decode: Answers.decode, check: Answers.check, seeds: { Seeds.answers },
            large: { (0..<Answers.kinds).flatMap { kind in Seeds.crowds.map { [kind] + $0 } } }),
        FuzzTarget("gzip", decode: Inflating.decode, check: Inflating.check, seeds: { Seeds.gzip }),
        FuzzTarget(
            "address", longest: 256, decode: Addresses.decode,
            check: Addresses.check, seeds: { Seeds.addresses }),
    ]
}

enum Envelopes {
    static func decode(_ bytes: [UInt8]) -> Int {
        if let opened = try? Envelope.open(bytes) { use(try? opened.header.status()) }
        return bytes.count
    }

    static func check(_ bytes: [UInt8]) throws {
        guard let opened = try? Envelope.open(bytes) else { return }
        try hold(opened.lines.count == opened.header.count, "another number of entries")
        let lines = opened.lines.reduce(0) { $0 + $1.count + 1 }
        try hold(lines < bytes.count, "lines longer than the body")
        let first = bytes.prefix { $0 != 0x0A }.count + 1
        let joined: [UInt8] = opened.lines.flatMap { [UInt8]($0) + [0x0A] }
        try hold(
            bytes.dropFirst(first).starts(with: joined), "entry lines are not the body's own bytes")
        var chain = Chain(after: try ChainHash(opened.header.prev))
        for line in opened.lines { chain.append(line: line) }
        try hold(chain.head == opened.head, "a head that the lines do not give")
        for key in Seeds.strangers {
            try hold(!opened.isSigned(by: key), "a stranger's signature is taken")
        }
        // What one level shows, the general decoder reads alike, wherever it reads anything.
        guard let general = try? WireJSON.decode(Envelope.Header.self, from: bytes.prefix(first))
        else { return }
        let header = opened.header
        try hold(
            header.journal == general.journal && header.key == general.key
                && header.first == general.first && header.prev == general.prev
                && header.boot == general.boot && header.n == general.n,
            "a header is read in two ways")
    }
}

/// What comes on a stick instead of over the line.
enum Couriers {
    static func decode(_ bytes: [UInt8]) -> Int {
        var file = CourierFile(bytes)
        while let part = try? file.next() { use(part) }
        return bytes.count
    }

    static func check(_ bytes: [UInt8]) throws {
        var file = CourierFile(bytes)
        var size = 0
        while let part = try? file.next() {
            guard case .call(let opened) = part else { continue }
            size += opened.lines.reduce(0) { $0 + $1.count + 1 }
            for key in Seeds.strangers {
                try hold(!opened.isSigned(by: key), "a stranger's signature is taken")
            }
        }
        try hold(size <= bytes.count, "lines longer than the file")
        try hold(
            parts(bytes, cut: 13) == parts(bytes, cut: bytes.count), "pieces make a difference")
    }

    /// Entries of each call, as far as the file can be read.
    private static func parts(_ bytes: [UInt8], cut: Int) -> [Int] {
        var file = CourierFile()
        var found: [Int] = []
        var rest = bytes[...]
        while true {
            file.feed(Array(rest.prefix(cut)))
            rest = rest.dropFirst(cut)
            if rest.isEmpty { file.finish() }
            do {
                while let part = try file.next() {
                    if case .call(let opened) = part { found.append(opened.lines.count) }
                }
            } catch { return found }
            if rest.isEmpty { return found }
        }
    }
}

/// What an office brings to be compared with the books.
enum Evidence {
    static func decode(_ bytes: [UInt8]) -> Int {
        var reader = EvidenceReader()
        // One line at a time, as from a file: what the lines' own places take is not the reader's.
        var rest = bytes[...]
        while !rest.isEmpty {
            let line = rest.prefix { $0 != 0x0A }
            use(try? reader.take(Array(line)))
            rest = rest.dropFirst(line.count + 1)
        }
        return bytes.count
    }

    static func check(_ bytes: [UInt8]) throws {
        var reader = EvidenceReader()
        var journals = 0
        for line in bytes.split(separator: 0x0A) {
            guard let item = try? reader.take(Array(line)) else { continue }
            switch item {
            case .journal: journals += 1
            case .entry(_, let digest, let hash):
                try hold(journals > 0, "an entry of no journal")
                try hold(digest.count <= 64 && hash.count <= 64, "a long hash")
            case .known(let identity, _, _): try hold(identity.count == 16, "another identity")
            case .receipt(let receipt):
                for key in Seeds.strangers {
                    try hold(
                        !receipt.isSigned(by: key, purpose: .receipt),
                        "a stranger's receipt is taken")
                }
            }
        }
    }
}

enum Entries {
    static func decode(_ bytes: [UInt8]) -> Int {
        use(EntryFields(line: bytes)?.punch)
        return bytes.count
    }

    /// The short cut is never an opinion: what it reads, the general decoder reads alike.
    static func check(_ bytes: [UInt8]) throws {
        guard let plain = EntryFields(plain: bytes) else { return }
        let general = try? WireJSON.decode(EntryFields.self, from: bytes)
        try hold(plain == general, "the short cut reads a line in its own way")
        if let (_, punch, _) = plain.punch {
            try hold((1...25).contains(punch.pin.text.utf8.count), "a PIN of another length")
        }
    }
}

/// What a bridge takes from the centre, and what people paste: chosen by the first byte.
enum Answers {
    static let kinds: UInt8 = 8

    static func decode(_ bytes: [UInt8]) -> Int {
        guard let kind = bytes.first else { return 0 }
        let body = bytes.dropFirst()
        switch kind % kinds {
        case 0: use(try? WireJSON.decode(SyncAnswer.self, fromOutside: body))
        case 1: use(try? WireJSON.decode(ProblemDocument.self, fromOutside: body))
        case 2: use(try? WireJSON.decode(Receipt.self, fromOutside: body))
        case 3: use(try? WireJSON.decode(EnrolmentAnswer.self, fromOutside: body))
        case 4: use(try? WireJSON.decode(SignedText.self, fromOutside: body))
        case 6: use(try? WireJSON.decode(CarriedAnswer.self, fromOutside: body))
        case 7: use(try? WireJSON.decode(EnrolmentRequest.self, fromOutside: body))
        default:
            // Whoever calls has the text already; how long it is decides about longer ones.
            use(try? EnrolmentCode(text: String(decoding: body.prefix(8_192), as: UTF8.self)))
        }
        return bytes.count
    }

    static func check(_ bytes: [UInt8]) throws {
        guard let kind = bytes.first else { return }
        let body = Array(bytes.dropFirst())
        switch kind % kinds {
        case 0:
            guard let answer = try? WireJSON.decode(SyncAnswer.self, from: body) else { return }
            for key in Seeds.strangers {
                try hold(answer.verifiedReceipt(by: key) == nil, "a stranger's receipt is taken")
            }
        case 5:
            let text = String(decoding: body, as: UTF8.self)
            guard let code = try? EnrolmentCode(text: text) else { return }
            try hold(
                try EnrolmentCode(text: try code.text) == code, "a code does not come back")
        default: break
        }
    }
}

enum Inflating {
    private static let limit = 1 << 18

    /// All that came out; nil if the body is refused.
    private static func inflate(_ pieces: [ArraySlice<UInt8>]) -> Result<[UInt8], any Error> {
        Result {
            var inflater = try Inflater(limit: limit)
            for piece in pieces { try inflater.feed(Array(piece)) }
            return try inflater.finish()
        }
    }

    /// The limit counts as input: it is what may come out, however little went in.
    static func decode(_ bytes: [UInt8]) -> Int {
        use(try? inflate([bytes[...]]).get())
        return bytes.count + limit
    }

    static func check(_ bytes: [UInt8]) throws {
        let whole = inflate([bytes[...]])
        if let output = try? whole.get() {
            try hold(output.count <= limit, "more comes out than is allowed")
        }
        let cut = inflate(Cuts.random(bytes))
        try hold(
            (try? cut.get()) == (try? whole.get()), "what comes out depends on how it is cut")
    }
}

enum Addresses {
    static func decode(_ bytes: [UInt8]) -> Int {
        // Whoever calls has the text already; how long it is decides about longer ones.
        let text = String(decoding: bytes.prefix(4_096), as: UTF8.self)
        use(try? Address(text, defaultPort: 4_370))
        return min(bytes.count, 4_096)
    }

    static func check(_ bytes: [UInt8]) throws {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let address = try? Address(text, defaultPort: 4_370) else { return }
        let again = try? Address(address.description)
        try hold(again == address, "\(address) does not come back")
    }
}
