import TerminalKit

extension LogReader {
    /// Where a stream of records begins, and what proves it.
    struct Start {
        let index: Int
        let layout: RecordLayout
        /// Hashes of the records before ``index``.
        let proof: [UInt64]
        let extent: LogRead.Extent
    }

    /// What one pass over the records gave.
    struct Pass {
        let start: Start
        /// Whole records in the table.
        let count: Int
        /// Over the records from the start on.
        let digest: UInt64
        /// Bytes at the end that are no whole record.
        let remainder: Int
        /// The records that were sought were among them; or, if not, some at the beginning.
        let hasFound: Bool
        let remnantSeconds: Int64?
    }
}
