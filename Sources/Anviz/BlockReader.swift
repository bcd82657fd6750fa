internal import TerminalKit

/// Fetches rows of the log, block by block.
///
/// The place in the log is kept in the terminal. So a block that came damaged or not at all is
/// asked for with "again", never skipped with "next"; and another program on the same terminal
/// may move the place, which shows when a whole block comes a second time. In doubt the download
/// begins anew.
///
/// Source: docs/reference/protocols/anviz.md, "Download".
struct BlockReader {
    /// How often a download may begin anew.
    private static let mostStarts = 3
    /// Three bytes count no more.
    private static let mostRows = 0xFF_FFFF

    private let dialogue: Dialogue
    /// Only rows whose "new" flag is set.
    private let ofNew: Bool
    /// Blocks may truly repeat in a log; the second time that is believed.
    private var believesRepetition = false
    /// Where no counter tells how many rows there are, a refusal to go on is the end.
    private var believesFailure = false

    private enum Step {
        case rows([[UInt8]])
        case end
        /// The place in the log is lost.
        case lost
    }

    init(_ dialogue: Dialogue, ofNew: Bool) {
        self.dialogue = dialogue
        self.ofNew = ofNew
    }

    /// The first rows, at most `count`; fewer if there are not so many.
    mutating func first(_ count: Int) async throws -> Rows {
        try await all(
            announced: count, block: min(count, Download.largestBlock), looksBehind: false)
    }

    /// All rows.
    ///
    /// - Parameters:
    ///   - announced: How many there are by the terminal's counter; nil if that says nothing, and
    ///     then only an empty block ends the download. More may come: a finger may be read
    ///     meanwhile.
    ///   - looksBehind: Ask once more behind the announced rows. Nothing may be there but what
    ///     came meanwhile; more means that another program moved the place.
    ///   - seen: Called with all rows so far whenever some have come.
    /// - Returns: Fewer rows than announced only if the terminal itself says that there are no more.
    mutating func all(
        announced: Int?, block: Int = Download.largestBlock, looksBehind: Bool = true,
        seen: (Rows) async throws -> Void = { _ in }
    ) async throws -> Rows {
        believesFailure = announced == nil
        var received = 0
        for _ in 0..<Self.mostStarts {
            let (rows, isWhole) = try await once(announced, block, looksBehind, seen)
            if isWhole { return rows }
            received = rows.count
            try await dialogue.settle()
        }
        throw DriverError.incomplete(received: received, expected: announced ?? received)
    }

    private mutating func once(
        _ announced: Int?, _ block: Int, _ looksBehind: Bool,
        _ seen: (Rows) async throws -> Void
    ) async throws -> (rows: Rows, isWhole: Bool) {
        var rows = Rows()
        var known: Set<UInt64> = []
        var last: [[UInt8]] = []
        var step = try await start(block)
        while case .rows(let new) = step {
            guard !repeats(new, &known) else { return (rows, false) }
            rows.append(new)
            last = new
            try await seen(rows)
            guard rows.count <= Self.mostRows else { return (rows, false) }
            if let announced, rows.count >= announced {
                step = looksBehind ? try await behind(block) : .end
            } else {
                step = try await next(after: last, block)
            }
        }
        if case .end = step { return (rows, true) }
        return (rows, false)
    }

    /// Whether a block holds nothing but rows that have come before: then the place was moved.
    private mutating func repeats(_ new: [[UInt8]], _ known: inout Set<UInt64>) -> Bool {
        let hashes = new.map { LogPosition.hash(of: $0) }
        let isRepetition = new.count >= 3 && hashes.allSatisfy(known.contains)
        known.formUnion(hashes)
        guard isRepetition, !believesRepetition else { return false }
        believesRepetition = true
        return true
    }

    // MARK: Steps

    private func start(_ block: Int) async throws -> Step {
        let question = Question.firstBlock(ofNew: ofNew, rows: block)
        var answer = try await dialogue.ask(question)
        for _ in 1..<Patience.tries {
            do throws(DriverError) {
                return try step(answer, block, isStart: true)
            } catch .garbled {
                try await dialogue.settle()
                answer = try await dialogue.ask(question)
            }
        }
        return try step(answer, block, isStart: true)
    }

    private func next(after last: [[UInt8]], _ block: Int) async throws -> Step {
        for _ in 1...Patience.tries {
            do {
                return try step(
                    try await dialogue.tell(.nextBlock(rows: block)), block, isStart: false)
            } catch LinkError.silent {
            } catch DriverError.garbled {}
            try await dialogue.settle()
            let repeated = try await again(block)
            // If the request itself was lost, the terminal still stands at the block we have.
            guard case .rows(let rows) = repeated, rows == last else { return repeated }
        }
        return .lost
    }

    /// What follows the announced rows. Terminals say in different ways that nothing does, and
    /// some may say nothing.
    private func behind(_ block: Int) async throws -> Step {
        do {
            let step = try step(
                try await dialogue.tell(.nextBlock(rows: block)), block, isStart: false)
            if case .rows = step { return step }
            return .end
        } catch LinkError.silent {
            try await dialogue.settle()
            return .end
        }
    }

    private func again(_ block: Int) async throws -> Step {
        let question = Question.blockAgain(rows: block)
        for _ in 1..<Patience.tries {
            let answer = try await dialogue.ask(question)
            guard answer.result == AnswerCode.success else { return .lost }
            do throws(DriverError) {
                return try step(answer, block, isStart: false)
            } catch .garbled {
                try await dialogue.settle()
            }
        }
        return .lost
    }

    private func step(
        _ answer: Packet, _ block: Int, isStart: Bool
    ) throws(DriverError) -> Step {
        switch answer.result {
        case AnswerCode.success:
            let rows = try Records.rows(in: answer.data, asked: block)
            return rows.isEmpty ? .end : .rows(rows)
        case AnswerCode.empty:
            return .end
        case AnswerCode.failure:
            // In the middle it means that no download is open: ended, or another began.
            return isStart || believesFailure ? .end : .lost
        default:
            guard isStart else { return .lost }
            throw .refused(question: "download", code: Int(answer.result ?? 0))
        }
    }
}
