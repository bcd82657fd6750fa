import Attendance
import Central
import Exchange
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore

/// The calls of bridges: enrolment and sync. The shapes are in `docs/reference/http-api.md`.
///
/// A call is inflated and taken apart here, on the caller's own thread; the books are asked only
/// for a key and then to commit. Before any of it stands the ``Door``.
struct BridgeAPI: Sendable {
    let central: Central
    let pins: [String]
    /// Empty as long as the keys are those of the beginning.
    let nextPins: [String]
    let now: @Sendable () -> UTCTime
    let door: Door

    func addRoutes(to router: Router<ConsoleContext>) {
        let api = router.group("api/v1")
        api.post("sync") { request, context in
            await answering(request, context) { try await sync(request) }
        }
        api.post("enrol") { request, context in
            await answering(request, context) { try await enrol(request, from: context.address) }
        }
        api.get("health") { _, _ in
            Self.json(Array("{\"status\":\"ok\",\"version\":\"\(TitianVersion.current)\"}".utf8))
        }
    }

    // MARK: Sync

    /// Whoever is not admitted is answered before its body is read: a refusal costs next to nothing.
    private func sync(_ request: Request) async throws -> Response {
        switch door.arrived(Self.caller(request)) {
        case .admitted(let ticket):
            var isStored = false
            defer { door.left(ticket, stored: isStored) }
            let answer = try await take(request, ticket)
            isStored = true
            return Self.json(try WireJSON.encode(answer))
        case .later(let seconds):
            return Self.problem(SyncRefusal(.busy), retryAfter: seconds)
        }
    }

    private func take(_ request: Request, _ ticket: Admission.Ticket) async throws -> SyncAnswer {
        let body = try await BodyReader.batch.read(request)
        door.hasBody(ticket)
        CrashPoint.callReceived.reached()
        let opened = try Self.open(body)
        CrashPoint.callOpened.reached()
        let answer = try await central.accept(opened, nextPins: nextPins, at: now())
        door.know([opened.header.key])
        return answer
    }

    /// Who a request says it comes from; anything but a key's id is nobody.
    private static func caller(_ request: Request) -> String? {
        guard let name = HTTPField.Name(Envelope.callerHeader), let id = request.headers[name],
            id.utf8.count == 16, [UInt8](hex: id) != nil
        else { return nil }
        return id
    }

    private static func open(_ body: [UInt8]) throws(SyncRefusal) -> Envelope.Opened {
        do {
            return try Envelope.open(body)
        } catch {
            switch error {
            case .notOurs: throw SyncRefusal(.notOurs)
            case .version: throw SyncRefusal(.unknownVersion)
            case .damaged: throw SyncRefusal(.damaged)
            }
        }
    }

    // MARK: Enrolment

    private func enrol(_ request: Request, from address: String) async throws -> Response {
        let body = try await BodyReader.form.read(request)
        guard let signed = try? WireJSON.decode(SignedText.self, fromOutside: body) else {
            throw SyncRefusal(.notOurs)
        }
        let answer = try await central.enrol(signed, pins: pins, from: address, at: now())
        return Self.json(try WireJSON.encode(answer))
    }

    // MARK: Answers

    /// Every failure becomes a problem document; what we cannot explain is ours, not the bridge's.
    private func answering(
        _ request: Request, _ context: ConsoleContext, _ work: () async throws -> Response
    ) async -> Response {
        do {
            return try await work()
        } catch let refusal as SyncRefusal where refusal.problem.status == 503 {
            return Self.problem(refusal, retryAfter: door.failed(Self.caller(request)))
        } catch let refusal as SyncRefusal {
            return Self.problem(refusal)
        } catch let failure as BodyReader.Failure {
            return Self.problem(SyncRefusal(failure == .tooLarge ? .tooLarge : .notOurs))
        } catch {
            context.logger.error(
                "call not answered", metadata: ["code": "\(Problem(explaining: error).code)"])
            let seconds = door.failed(Self.caller(request))
            return Self.problem(SyncRefusal(.storeFailed), retryAfter: seconds)
        }
    }

    private static func problem(_ refusal: SyncRefusal, retryAfter: Int? = nil) -> Response {
        let document = refusal.document
        var response = json((try? WireJSON.encode(document)) ?? [])
        response.status = HTTPResponse.Status(code: document.status)
        response.headers[.contentType] = "application/problem+json"
        if let retryAfter { response.headers[.retryAfter] = "\(retryAfter)" }
        return response
    }

    private static func json(_ bytes: [UInt8]) -> Response {
        Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
