/// The terminal's side of one connection: bytes in, packets out. No I/O in it.
protocol Conversation: Sendable {
    /// Takes what came over the line and answers every whole packet in it.
    mutating func answer(_ bytes: [UInt8]) -> [[Reply]]

    /// What is sent for a punch, if this connection is to hear of it.
    mutating func announce(_ punch: SimulatedPunch) -> Reply?

    /// What a terminal that dials in says now and then, so that its line stays open.
    func beat() -> Reply?

    /// Where the checksum stands in a packet of `count` bytes.
    func checksumPlace(_ count: Int) -> Int
}

extension Conversation {
    func beat() -> Reply? { nil }
}
