/// Who does something that the audit trail keeps, and from where.
public struct Doer: Hashable, Sendable {
    /// A user's name, or the system account that ran a command.
    public let name: String
    /// The address a request came from, or `command` for the command line.
    public let address: String

    public init(name: String, address: String) {
        self.name = name
        self.address = address
    }
}
