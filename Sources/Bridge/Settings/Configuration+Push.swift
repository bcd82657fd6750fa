public import Attendance
import ZKTeco

extension Configuration {
    /// The section `[push]`: terminals that send by themselves (ZKTeco "ADMS", "cloud server").
    public struct Push: Hashable, Sendable {
        /// One section `[[push.terminal]]`.
        public struct Terminal: Hashable, Sendable {
            /// A label for people.
            public var name: String
            /// Who may push: the number by which the terminal names itself.
            public var serialNumber: String
            /// The same terminal, as the journal knows it.
            public var id: TerminalID

            /// - Throws: `InvalidValue` if the number could be none of a terminal.
            public init(name: String, serialNumber: String) throws(InvalidValue) {
                self.name = name
                self.serialNumber = serialNumber
                id = try TerminalID(make: ZKTecoDriver.make, serial: serialNumber)
            }
        }

        /// An address of this box, or `0.0.0.0` for all of them.
        public var host: String
        public var port: Int
        /// Whether a terminal that asks for the time is told it.
        public var setsClock: Bool
        public var terminals: [Terminal]

        public init(host: String, port: Int, setsClock: Bool = false, terminals: [Terminal] = []) {
            self.host = host
            self.port = port
            self.setsClock = setsClock
            self.terminals = terminals
        }

        /// `http://host:port`, as it stands in a status.
        public var place: String {
            "http://\(host.contains(":") ? "[\(host)]" : host):\(port)"
        }
    }
}
