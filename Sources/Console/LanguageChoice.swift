import Attendance
internal import HTTPTypes
internal import Hummingbird

/// Indonesian unless `?lang=en` says otherwise; the choice is kept in a cookie.
struct LanguageChoice: RouterMiddleware {
    static let cookie = "bahasa"

    func handle(
        _ request: Request, context: ConsoleContext,
        next: @concurrent (Request, ConsoleContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        let asked = request.uri.queryParameters["lang"].flatMap { Language(rawValue: String($0)) }
        let kept = request.cookies[Self.cookie].flatMap { Language(rawValue: $0.value) }
        context.language = asked ?? kept ?? .indonesian
        var response = try await next(request, context)
        if let asked, asked != kept {
            response.setCookie(
                Cookie(
                    name: Self.cookie, value: asked.rawValue, maxAge: 31_536_000, path: "/",
                    secure: true, httpOnly: true, sameSite: .lax))
        }
        return response
    }
}
