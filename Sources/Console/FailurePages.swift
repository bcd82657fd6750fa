import Attendance
internal import HTTPTypes
internal import Hummingbird
internal import Logging

/// Turns what went wrong into a page in the reader's language, whatever it was.
struct FailurePages: RouterMiddleware {
    let console: Console

    func handle(
        _ request: Request, context: ConsoleContext,
        next: @concurrent (Request, ConsoleContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status.code < 500 {
            return console.message(
                error.status, title: Text(id: "Tidak ada", en: "Not there"),
                text: Text(
                    id: "Halaman ini tidak ada.", en: "There is no such page."),
                standing: .attention, context)
        } catch is BodyReader.Failure {
            return console.message(
                .badRequest, title: Text(id: "Tidak terbaca", en: "Not readable"),
                text: Text(
                    id: "Isian itu tidak dapat dibaca.", en: "That form cannot be read."),
                standing: .attention, context)
        } catch {
            let problem = Problem(explaining: error)
            context.logger.error(
                "page not shown",
                metadata: ["code": "\(problem.code)", "said": "\(problem.summary.english)"])
            return console.message(
                .internalServerError, title: Text(id: "Gangguan", en: "Fault"),
                text: Text(
                    id: "Halaman ini tidak dapat ditampilkan sekarang. Data tidak hilang. "
                        + "Kode: \(problem.code).",
                    en: "This page cannot be shown now. No data are lost. Code: \(problem.code)."),
                standing: .fault, context)
        }
    }
}
