internal import Attendance
public import TerminalKit

extension ZKTecoDriver {
    /// The rows of attendance in the body of a push.
    public static func records(inPush body: [UInt8]) -> PushRecords {
        PushRecords(body)
    }

    /// Says what a recorded HTTP exchange of a terminal means: a push, or an answer of its web
    /// server.
    ///
    /// - Parameters:
    ///   - bytes: One side of the exchange, head and body.
    ///   - found: Is given each thing as soon as it is known.
    /// - Returns: Whether the bytes are one of these; nothing is found else.
    public func decode(http bytes: [UInt8], _ found: (DecodedItem) -> Void) -> Bool {
        if bytes[...].range(of: Array("<GetAttLogResponse>".utf8)) != nil {
            SoapRows.forEachBegun(in: bytes) { found(.record($0, via: .push)) }
            return true
        }
        guard let request = PushRequest(bytes), request.head.path.hasPrefix("/iclock/") else {
            return false
        }
        found(head(of: request))
        rows(of: request, found)
        return true
    }

    private func head(of request: PushRequest) -> DecodedItem {
        let fields = request.head.query.sorted { $0.key < $1.key }.map {
            DecodedField($0.key, $0.value)
        }
        return .packet(name: "push", toTerminal: false, fields: fields)
    }

    private func rows(of request: PushRequest, _ found: (DecodedItem) -> Void) {
        switch request.head["table"]?.uppercased() {
        case "ATTLOG":
            for record in PushRows.punches(in: request.body) { found(.record(record, via: .push)) }
        case "OPERLOG":
            for operation in PushRows.operations(in: request.body) { found(Self.item(operation)) }
        default: break
        }
    }

    private static func item(_ operation: PushRows.Operation) -> DecodedItem {
        .packet(
            name: "operation", toTerminal: false,
            fields: [
                DecodedField("op", operation.number),
                DecodedField("admin", operation.administrator),
                DecodedField("time", operation.time.description),
                DecodedField("params", operation.parameters.joined(separator: " ")),
            ])
    }
}
