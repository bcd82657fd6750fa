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
    /// - Returns: nil if the bytes are neither.
    public func decode(http bytes: [UInt8]) -> [DecodedItem]? {
        let text = String(decoding: bytes, as: UTF8.self)
        if text.contains("<GetAttLogResponse>") {
            return SoapRows.punches(in: bytes).map { .record($0, via: .push) }
        }
        guard let request = PushRequest(bytes), request.head.path.hasPrefix("/iclock/")
        else {
            return nil
        }
        return [head(of: request)] + rows(of: request)
    }

    private func head(of request: PushRequest) -> DecodedItem {
        let fields = request.head.query.sorted { $0.key < $1.key }.map {
            DecodedField($0.key, $0.value)
        }
        return .packet(name: "push", toTerminal: false, fields: fields)
    }

    private func rows(of request: PushRequest) -> [DecodedItem] {
        switch request.head["table"]?.uppercased() {
        case "ATTLOG":
            PushRows.punches(in: request.body).map { .record($0, via: .push) }
        case "OPERLOG":
            PushRows.operations(in: request.body).map(Self.item)
        default: []
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
