/// What a request of a terminal that pushes is about.
///
/// Source: docs/reference/protocols/zkteco-push.md, "Requests".
package enum PushQuestion: Hashable, Sendable {
    /// The start: which tables it shall send, and how often.
    case options
    /// What time it is.
    case time
    /// Rows of attendance come in the body.
    case punches
    /// Something else comes in the body: users, operations, photos, templates. It is never kept.
    case unwanted(table: String)
    /// A sign of life, in which it asks for commands. There are none.
    case heartbeat
    /// Results of commands, registration, and the like.
    case courtesy
    /// Nothing that a terminal asks.
    case unknown

    package init(_ head: PushHead) {
        switch (head.method, Self.endpoint(head.path)) {
        case ("GET", "cdata"):
            self = head["type"]?.lowercased() == "time" ? .time : .options
        case ("POST", "cdata"):
            let table = head["table"] ?? ""
            // A table that is not named can only be the one that was asked for.
            self =
                table.isEmpty || table.uppercased() == "ATTLOG" ? .punches : .unwanted(table: table)
        case (_, "getrequest"): self = .heartbeat
        case (_, "rttime"): self = .time
        case (_, "devicecmd"), (_, "ping"), (_, "registry"), (_, "push"), (_, "fdata"),
            (_, "edata"), (_, "querydata"), (_, "exchange"), (_, "file"):
            self = .courtesy
        default: self = .unknown
        }
    }

    /// The last part of the path: firmware of one board asks for `/iclock/cdata.aspx`.
    private static func endpoint(_ path: String) -> String? {
        let parts = path.lowercased().split(separator: "/")
        guard parts.count == 2, parts[0] == "iclock" else { return nil }
        return parts[1].hasSuffix(".aspx") ? String(parts[1].dropLast(5)) : String(parts[1])
    }
}
