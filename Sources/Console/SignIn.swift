import Attendance
import Central
import FoundationEssentials
internal import HTTPTypes
internal import Hummingbird

// The door: signing in and out.
extension Console {
    /// Twelve hours: a working day and its overtime.
    private static let sessionSeconds = 43_200

    func addSignIn(to router: Router<ConsoleContext>) {
        router.get("masuk") { request, context in showDoor(request, context) }
        router.post("masuk") { request, context in try await signIn(request, context) }
        router.post("keluar") { request, context in try await signOut(request, context) }
    }

    private func showDoor(
        _ request: Request, _ context: ConsoleContext, name: String = "", trouble: Text? = nil,
        status: HTTPResponse.Status = .ok
    ) -> Response {
        let kept = request.cookies[Visit.door]?.value
        let cookie = kept ?? newCookie()
        let title = Word.signIn(context.language)
        let formats = Formats(
            language: context.language, zone: .wib, now: surroundings.now())
        let frame = Frame(
            title, place: .elsewhere, formats: formats, style: templates.styleVersion,
            token: Visit.formToken(for: cookie), visitor: nil)
        var response = templates.response(
            "masuk",
            values(["name": name, "trouble": trouble.map { $0(context.language) }]),
            frame: frame, status: status)
        if kept == nil {
            response.setCookie(Visit.cookie(Visit.door, cookie, seconds: Self.sessionSeconds))
        }
        return response
    }

    private func signIn(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        let form = try await Form(request)
        guard form.isMade(for: request.cookies[Visit.door]?.value) else {
            return showDoor(
                request, context, name: form["name"], trouble: Self.formTooOld, status: .forbidden)
        }
        let name = String(form["name"].prefix(64))
        let now = surroundings.now()
        let user = try await central.user(named: name)
        let verdict = await desk.check(
            name: name, password: form["password"],
            hash: user.flatMap { $0.isDisabled ? nil : $0.passwordHash },
            address: context.address, at: now)
        guard verdict == .right, let user else {
            let stranger = Doer(name: name, address: context.address)
            try await central.record(stranger, "sign-in-failed", at: now)
            return refused(verdict, name: name, request, context)
        }
        let cookie = newCookie()
        try await central.openSession(
            user: user.name, tokenHash: Visit.stored(cookie), at: now,
            lifetime: .seconds(Self.sessionSeconds))
        try await central.record(
            Doer(name: user.name, address: context.address), "sign-in", at: now)
        var response = Self.redirect(to: "/")
        response.setCookie(Visit.cookie(Visit.session, cookie, seconds: Self.sessionSeconds))
        response.setCookie(Visit.cookie(Visit.door, "", seconds: 0))
        return response
    }

    /// A wrong password is answered with the form again, and not with 401: that would want a
    /// `WWW-Authenticate` and make browsers ask in their own way.
    private func refused(
        _ verdict: SignInDesk.Verdict, name: String, _ request: Request, _ context: ConsoleContext
    ) -> Response {
        guard case .wait(let seconds) = verdict else {
            return showDoor(request, context, name: name, trouble: Self.wrong)
        }
        let minutes = (seconds + 59) / 60
        let text = Text(
            id: "Terlalu banyak percobaan. Coba lagi dalam \(minutes) menit.",
            en: "Too many attempts. Try again in \(minutes) minutes.")
        var response = showDoor(
            request, context, name: name, trouble: text, status: .tooManyRequests)
        response.headers[.retryAfter] = "\(seconds)"
        return response
    }

    private func signOut(_ request: Request, _ context: ConsoleContext) async throws -> Response {
        let form = try await Form(request)
        let cookie = request.cookies[Visit.session]?.value
        guard let cookie, form.isMade(for: cookie) else { return Self.redirect(to: "/masuk") }
        let now = surroundings.now()
        if let user = try await central.session(tokenHash: Visit.stored(cookie), at: now) {
            try await central.closeSession(tokenHash: Visit.stored(cookie))
            try await central.record(
                Doer(name: user.name, address: context.address), "sign-out", at: now)
        }
        var response = Self.redirect(to: "/masuk")
        response.setCookie(Visit.cookie(Visit.session, "", seconds: 0))
        return response
    }

    static func redirect(to path: String) -> Response {
        Response(status: .seeOther, headers: [.location: path])
    }

    private func newCookie() -> String { surroundings.random(32).hex }

    private static let wrong = Text(
        id: "Nama atau kata sandi salah.", en: "The name or the password is wrong.")
    private static let formTooOld = Text(
        id: "Halaman ini sudah terlalu lama terbuka. Isi sekali lagi.",
        en: "This page was open for too long. Fill it in once more.")
}
