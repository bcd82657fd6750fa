import Attendance
public import Central
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// The centre's HTTP: the calls of bridges and the pages of people, on one port.
///
/// Rules and books are `Central`'s; what happens here is taking requests apart and putting
/// answers together. `docs/reference/http-api.md` lists every route.
public struct Console: Sendable {
    let central: Central
    let pins: [String]
    let nextPins: [String]
    let surroundings: Surroundings
    let templates: Templates
    let desk = SignInDesk()
    let door = Door()
    let spool: Spool

    /// - Parameters:
    ///   - central: The books.
    ///   - pins: Of the TLS keys, current and spare, to be told to bridges.
    ///   - nextPins: What every answer announces, if the keys have changed.
    ///   - folder: Where uploads are kept until they are taken in.
    ///   - surroundings: The clock and the dice.
    public init(
        central: Central, pins: [String], nextPins: [String] = [], folder: DataFolder,
        surroundings: Surroundings = .host
    ) throws {
        spool = Spool(in: folder)
        self.central = central
        self.pins = pins
        self.nextPins = nextPins
        self.surroundings = surroundings
        templates = try Templates()
    }

    func router() -> Router<ConsoleContext> {
        let router = Router(context: ConsoleContext.self)
        router.addMiddleware {
            SecurityHeaders()
            LanguageChoice()
            FailurePages(console: self)
        }
        BridgeAPI(
            central: central, pins: pins, nextPins: nextPins, now: surroundings.now, door: door
        ).addRoutes(to: router)
        router.get("gaya.css") { _, _ in styleSheet() }
        addSignIn(to: router)
        let pages = router.group().add(middleware: SignedIn(console: self))
        addPages(to: pages)
        addCourier(to: pages)
        addDecisions(to: pages)
        return router
    }

    private func styleSheet() -> Response {
        Response(
            status: .ok,
            headers: [
                .contentType: "text/css; charset=utf-8",
                .cacheControl: "public, max-age=31536000, immutable",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: templates.styleSheet)))
    }

    /// A page with one message, for what is not there or not allowed.
    func message(
        _ status: HTTPResponse.Status, title: Text, text: Text, standing: Standing,
        _ context: ConsoleContext
    ) -> Response {
        let frame = frame(title(context.language), place: .elsewhere, context)
        return templates.response(
            "pesan",
            [
                "title": title(context.language), "text": text(context.language),
                "css": standing.css, "mark": standing.mark,
            ], frame: frame, status: status)
    }

    /// - Parameter formats: The page's own zone; WIB where a page has none.
    func frame(
        _ title: String, place: Frame.Place, _ context: ConsoleContext, formats: Formats? = nil
    ) -> Frame {
        let formats =
            formats ?? Formats(language: context.language, zone: .wib, now: surroundings.now())
        return Frame(
            title, place: place, formats: formats, style: templates.styleVersion,
            token: context.visitor?.token ?? "", visitor: context.visitor)
    }
}
