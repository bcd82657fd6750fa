import Attendance
import Central
internal import HTTPTypes
internal import Hummingbird

// Shutting a bridge out, and saying where a terminal stands.
extension Console {
    func addDecisions(to pages: RouterGroup<ConsoleContext>) {
        pages.get("jembatan/:id/cabut") { _, context in try await revocation(context) }
        pages.post("jembatan/:id/cabut") { request, context in try await revoke(request, context) }
        pages.get("kantor/:id/tempatkan") { request, context in
            try await placement(request, context)
        }
        pages.post("kantor/:id/tempatkan") { request, context in
            try await place(request, context)
        }
    }

    // MARK: Bridges

    private func revocation(
        _ context: ConsoleContext, trouble: Text? = nil, reason: String = ""
    ) async throws -> Response {
        guard context.visitor?.role == .administrator else { return forbidden(context) }
        guard let bridge = try await bridge(context),
            let office = try await central.office(bridge.office)
        else { return noBridge(context) }
        let formats = Formats(
            language: context.language, zone: office.zone, now: surroundings.now())
        let page = RevocationPage(
            bridge: bridge, office: office, trouble: trouble, reason: reason, formats: formats)
        let frame = frame(
            Word.revokeTitle(context.language), place: .office, context, formats: formats)
        return templates.response(
            "cabut", page.content, frame: frame, status: trouble == nil ? .ok : .badRequest)
    }

    private func revoke(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        guard context.visitor?.role == .administrator else { return forbidden(context) }
        let form = try await Form(request)
        let reason = form["alasan"].trimmingSpaces
        guard form.isMade(for: context.visitor) else {
            return try await revocation(context, trouble: Self.oldForm, reason: reason)
        }
        guard reason.count >= RevocationPage.shortestReason else {
            return try await revocation(context, trouble: RevocationPage.noReason, reason: reason)
        }
        guard let bridge = try await bridge(context) else { return noBridge(context) }
        try await central.revoke(
            bridge: bridge.id, because: reason, by: doer(context), at: surroundings.now())
        return Self.redirect(to: "/kantor/\(bridge.office)")
    }

    private func bridge(_ context: ConsoleContext) async throws -> Bridge? {
        guard let id = context.parameters.get("id") else { return nil }
        return try await central.bridge(String(id))
    }

    private func noBridge(_ context: ConsoleContext) -> Response {
        message(
            .notFound, title: Text(id: "Tidak ada", en: "Not there"),
            text: Text(id: "Jembatan ini tidak dikenal.", en: "This bridge is not known."),
            standing: .attention, context)
    }

    // MARK: Terminals

    private func placement(
        _ request: Request, _ context: ConsoleContext
    ) async throws -> Response {
        let name = request.uri.queryParameters["mesin"].map(String.init) ?? ""
        return try await placement(of: name, context)
    }

    private func placement(
        of name: String, _ context: ConsoleContext, trouble: Text? = nil, from: String? = nil
    ) async throws -> Response {
        guard let (office, terminal) = try await waiting(name, context) else {
            return noTerminal(context)
        }
        let formats = Formats(
            language: context.language, zone: office.zone, now: surroundings.now())
        let page = PlacementPage(
            terminal: terminal, office: office, trouble: trouble, from: from, formats: formats)
        var frame = frame(
            Word.placeTitle(context.language), place: .office, context, formats: formats)
        frame.keep = "mesin=\(terminal.id.description.percentEncoded)&"
        return templates.response(
            "tempatkan", page.content, frame: frame, status: trouble == nil ? .ok : .badRequest)
    }

    private func place(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        let form = try await Form(request)
        let (name, from) = (form["mesin"], form["sejak"])
        guard form.isMade(for: context.visitor) else {
            return try await placement(of: name, context, trouble: Self.oldForm, from: from)
        }
        guard let (office, terminal) = try await waiting(name, context) else {
            return noTerminal(context)
        }
        var start: WallTime?
        if form["mulai"] != "awal" {
            start = PlacementPage.time(from)
            guard start != nil else {
                return try await placement(
                    of: name, context, trouble: PlacementPage.noTime, from: from)
            }
        }
        try await central.place(
            terminal.id, in: office.id, from: start, by: doer(context), at: surroundings.now())
        return Self.redirect(to: "/kantor/\(office.id)")
    }

    /// Only what waits in an office can be placed there.
    private func waiting(
        _ name: String, _ context: ConsoleContext
    ) async throws -> (Office, WaitingTerminal)? {
        guard let id = officeID(context), let office = try await central.office(id) else {
            return nil
        }
        let terminal = try await central.waitingTerminals(of: id).first {
            $0.id.description == name
        }
        return terminal.map { (office, $0) }
    }

    private func noTerminal(_ context: ConsoleContext) -> Response {
        message(
            .notFound, title: Text(id: "Tidak ada", en: "Not there"),
            text: Text(
                id: "Mesin ini tidak menunggu keputusan di kantor itu.",
                en: "This terminal does not wait for a decision in that office."),
            standing: .attention, context)
    }

    private static let oldForm = Text(
        id: "Halaman ini sudah terlalu lama terbuka. Kirim sekali lagi.",
        en: "This page was open for too long. Send it once more.")
}
