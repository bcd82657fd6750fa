import Attendance
import Central
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

// The pages behind the door.
extension Console {
    func addPages(to pages: RouterGroup<ConsoleContext>) {
        pages.get("/") { _, context in try await fleetPage(context) }
        pages.get("kantor/:id") { _, context in try await officePage(context) }
        pages.get("kantor/:id/unduh") { _, context in try await export(context) }
        pages.get("audit") { request, context in try await auditPage(request, context) }
    }

    private func fleetPage(_ context: ConsoleContext) async throws -> Response {
        let page = FleetPage(
            report: try await central.fleet(at: surroundings.now()), language: context.language)
        var frame = frame(
            Word.fleet(context.language), place: .fleet, context, formats: page.formats)
        frame.complete = page.completeness
        return templates.response("armada", page.content, frame: frame)
    }

    private func officePage(_ context: ConsoleContext) async throws -> Response {
        guard let id = officeID(context),
            let detail = try await central.officeDetail(id, at: surroundings.now())
        else { return notFound(context) }
        try await note("view-office", id.description, context)
        let page = OfficePage(
            detail: detail, language: context.language,
            revoked: try await central.bridges(of: id).filter { $0.revocation != nil },
            waiting: detail.waiting > 0 ? try await central.waitingTerminals(of: id) : [],
            mayRevoke: context.visitor?.role == .administrator)
        var frame = frame(
            detail.row.office.name, place: .office, context, formats: page.formats)
        frame.complete = page.completeness
        return templates.response("kantor", page.content, frame: frame)
    }

    private func export(_ context: ConsoleContext) async throws -> Response {
        guard let id = officeID(context), try await central.office(id) != nil else {
            return notFound(context)
        }
        try await note("export-punches", id.description, context)
        let day = surroundings.now().description.prefix(10)
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/csv; charset=utf-8",
                .contentDisposition: "attachment; filename=\"\(id)-\(day).csv\"",
            ],
            body: ResponseBody { writer in
                var export = PunchExport(central: central, office: id, format: .csv)
                while let text = try await export.next() {
                    try await writer.write(ByteBuffer(string: text))
                }
                try await writer.finish(nil)
            })
    }

    private func auditPage(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        guard context.visitor?.role == .administrator else { return forbidden(context) }
        let before = request.uri.queryParameters["sebelum"].flatMap { Int64($0) }
        let rows = try await central.auditRows(before: before, limit: AuditPage.rowsOnPage)
        let isWhole = try await central.auditIsWhole()
        try await note("view-audit", nil, context)
        let frame = frame(Word.audit(context.language), place: .audit, context)
        let page = AuditPage(
            rows: rows, isWhole: isWhole, isNewest: before == nil,
            hasOlder: rows.count == AuditPage.rowsOnPage,
            formats: Formats(language: context.language, zone: .wib, now: surroundings.now()))
        return templates.response("audit", page.content, frame: frame)
    }

    // MARK: What they share

    func officeID(_ context: ConsoleContext) -> OfficeID? {
        context.parameters.get("id").flatMap { try? OfficeID($0) }
    }

    /// Every look at personal data leaves a row, before the answer does.
    func note(
        _ action: String, _ object: String?, _ context: ConsoleContext
    ) async throws {
        try await central.record(
            doer(context), action, object: object, at: surroundings.now())
    }

    func doer(_ context: ConsoleContext) -> Doer {
        Doer(name: context.visitor?.name ?? "-", address: context.address)
    }

    func notFound(_ context: ConsoleContext) -> Response {
        message(
            .notFound, title: Text(id: "Tidak ada", en: "Not there"),
            text: Text(id: "Kantor ini tidak dikenal.", en: "This office is not known."),
            standing: .attention, context)
    }

    func forbidden(_ context: ConsoleContext) -> Response {
        message(
            .forbidden, title: Text(id: "Tidak berwenang", en: "Not allowed"),
            text: Text(
                id: "Halaman ini hanya untuk administrator.",
                en: "This page is for administrators only."),
            standing: .attention, context)
    }
}

/// Lets those in who have a session, and shows everybody else the door.
struct SignedIn: RouterMiddleware {
    let console: Console

    func handle(
        _ request: Request, context: ConsoleContext,
        next: @concurrent (Request, ConsoleContext) async throws -> Response
    ) async throws -> Response {
        guard let cookie = request.cookies[Visit.session]?.value,
            let user = try await console.central.session(
                tokenHash: Visit.stored(cookie), at: console.surroundings.now())
        else { return Console.redirect(to: "/masuk") }
        var context = context
        context.visitor = Visitor(
            name: user.name, role: user.role, token: Visit.formToken(for: cookie))
        return try await next(request, context)
    }
}
