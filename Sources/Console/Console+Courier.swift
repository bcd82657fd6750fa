import Attendance
import Central
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

// Courier files: upload, what became of them, and the receipt for the way back.
extension Console {
    func addCourier(to pages: RouterGroup<ConsoleContext>) {
        pages.get("kurir") { _, context in try await courierPage(context) }
        pages.post("kurir") { request, context in try await takeCourier(request, context) }
        pages.get("kurir/:number") { _, context in try await courierResult(context) }
        pages.get("kurir/:number/tanda-terima") { _, context in try await receipt(context) }
    }

    private func courierPage(
        _ context: ConsoleContext, trouble: CourierUpload.Trouble? = nil
    ) async throws -> Response {
        let frame = frame(Word.courier(context.language), place: .courier, context)
        let page = CourierPage(
            couriers: try await central.couriers(limit: CourierPage.rows), trouble: trouble,
            formats: Formats(language: context.language, zone: .wib, now: surroundings.now()))
        let status: HTTPResponse.Status =
            switch trouble {
            case nil: .ok
            case .formTooOld: .forbidden
            case .noFile: .badRequest
            case .tooLarge: .contentTooLarge
            case .noRoom, .busy: .serviceUnavailable
            }
        return templates.response("kurir", page.content, frame: frame, status: status)
    }

    private func takeCourier(
        _ request: Request, _ context: ConsoleContext
    ) async throws -> Response {
        let token = context.visitor?.token ?? ""
        var upload = CourierUpload(spool: spool) { Visit.isSame($0, token) }
        do {
            let (file, name) = try await upload.read(request)
            defer { file.remove() }
            let intake = CourierIntake(
                central: central, pins: pins, nextPins: nextPins, now: surroundings.now)
            let number = try await intake.accept(file.path, name: name, by: doer(context)).number
            guard let number else { return try await courierPage(context, trouble: .noRoom) }
            return Self.redirect(to: "/kurir/\(number)")
        } catch let trouble as CourierUpload.Trouble {
            return try await courierPage(context, trouble: trouble)
        }
    }

    private func courier(_ context: ConsoleContext) async throws -> KeptCourier? {
        guard let number = context.parameters.get("number").flatMap({ Int64($0) }) else {
            return nil
        }
        return try await central.courier(number)
    }

    private func courierResult(_ context: ConsoleContext) async throws -> Response {
        guard let courier = try await courier(context) else { return noCourier(context) }
        let outcome = CourierOutcome.Kept(courier)
        let id = (outcome.office ?? outcome.request?.office).flatMap { try? OfficeID($0) }
        var office: Office?
        if let id { office = try await central.office(id) }
        let formats = Formats(
            language: context.language, zone: office?.zone ?? .wib, now: surroundings.now())
        let page = CourierResultPage(courier: courier, office: office, formats: formats)
        let frame = frame(courier.file, place: .courier, context, formats: formats)
        return templates.response("kurir-hasil", page.content, frame: frame)
    }

    private func receipt(_ context: ConsoleContext) async throws -> Response {
        guard let courier = try await courier(context), let receipts = courier.receipts else {
            return noCourier(context)
        }
        let name = CourierResultPage.receiptName(courier)
        return Response(
            status: .ok,
            headers: [
                .contentType: "application/octet-stream",
                .contentDisposition: "attachment; filename=\"\(name)\"",
            ], body: ResponseBody(byteBuffer: ByteBuffer(bytes: receipts)))
    }

    private func noCourier(_ context: ConsoleContext) -> Response {
        message(
            .notFound, title: Text(id: "Tidak ada", en: "Not there"),
            text: Text(
                id: "Berkas kurir ini tidak dikenal, atau sudah terlalu lama. Unggah sekali lagi: "
                    + "tidak ada yang dihitung dua kali.",
                en:
                    "This courier file is not known, or too old. Upload it once more: nothing counts "
                    + "twice."),
            standing: .attention, context)
    }
}
