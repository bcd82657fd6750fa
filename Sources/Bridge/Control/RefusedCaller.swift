import Attendance
public import Exchange

/// Somebody who dialled in at a port of this box and is not read.
public struct RefusedCaller: Hashable, Sendable, Codable {
    /// The port, as `listen://0.0.0.0:5010`.
    public var link: String
    /// The caller's network address.
    public var peer: String
    /// `make:serial`, if it said who it is.
    public var terminal: String?
    /// Its number on its line, if it said so.
    public var station: UInt32?
    /// Why it is not read.
    public var problem: StatusProblem
    /// How often it came, and when it came last.
    public var count: Int
    public var last: String

    init(_ trouble: CallerTrouble, peer: String, address: String, at time: String) {
        link = address
        self.peer = peer
        if case .unknown(let id, let station) = trouble {
            terminal = id.description
            self.station = station
        }
        problem = StatusProblem(trouble.problem)
        count = 1
        last = time
    }

    /// Terminals are told apart by who they are; others by where they come from.
    func isSame(as other: RefusedCaller) -> Bool {
        guard link == other.link, problem.code == other.problem.code else { return false }
        return terminal == nil ? peer == other.peer : terminal == other.terminal
    }
}
