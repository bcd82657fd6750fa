/// One make's terminal as a script plays it: a simulated one that can be made to say anything.
protocol ScriptedTerminal: SendableMetatype {
    /// - Parameters:
    ///   - setup: Three bytes that choose what the terminal holds.
    init(setup: [UInt8], isDatagram: Bool)

    /// The packets with which a good terminal answers.
    mutating func answer(_ question: [UInt8]) -> [[UInt8]]

    /// Somebody punches.
    ///
    /// - Returns: What the terminal says about it without being asked; nil if nothing.
    mutating func punch() -> [UInt8]?

    /// Any packet at all, well formed.
    ///
    /// - Parameters:
    ///   - code: Chooses the kind of packet.
    ///   - isStale: It answers another question than the last.
    func packet(code: UInt8, data: [UInt8], isStale: Bool) -> [UInt8]

    /// A packet with one byte of its data changed and its checksum right again.
    func edited(_ packet: [UInt8], at place: Int, to value: UInt8) -> [UInt8]

    /// What must never be said to a terminal.
    ///
    /// - Parameter kept: Records that are on disk by now.
    /// - Returns: What is wrong with `sent`; nil if the driver may say it.
    mutating func objection(to sent: [UInt8], kept: Int) -> String?
}
