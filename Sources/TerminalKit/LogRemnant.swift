import Attendance

/// What is left of a position's proof at the beginning of a full ring that has moved on nearly all
/// the way round.
///
/// Records go from a ring oldest first, so a ring that begins with known records has lost nothing
/// that is not known. Fewer records than a proof has may still be others with the same bytes: the
/// same people, in the same seconds, after the clock was set back. How far it would have to have
/// been set back is what ``seconds`` says; who keeps the readings of the clock judges that.
public struct LogRemnant: Sendable {
    private let proof: [UInt64]
    private var seen: [UInt64] = []
    private var first: WallTime?
    /// The seconds from the first known record that is left to the last, by the terminal's clock;
    /// nil if the log does not begin in the midst of the proof.
    public private(set) var seconds: Int64?

    /// - Parameter proof: ``LogPosition/proof`` of where the last read ended.
    public init(of proof: [UInt64]) {
        self.proof = proof
    }

    /// Takes the log's records one by one, from the oldest on; those behind the place where the
    /// proof must have ended by then change nothing.
    public mutating func see(_ record: LogRecord, hash: UInt64) {
        guard seen.count < proof.count else { return }
        seen.append(hash)
        guard case .punch(let punch) = record else { return }
        let first = first ?? punch.time
        self.first = first
        guard hash == proof.last, proof.suffix(seen.count).elementsEqual(seen) else { return }
        seconds = punch.time.seconds - first.seconds
    }
}
