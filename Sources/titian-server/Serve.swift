import ArgumentParser
import Console
import Speech

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: say(
            id: "Menerima kiriman jembatan dan menampilkan halaman, sampai SIGTERM atau SIGINT.",
            en: "Receives from bridges and shows pages, until SIGTERM or SIGINT."))

    @OptionGroup var shared: SharedOptions

    func run() async throws {
        try await shared.run { try await $0.serve() }
    }
}
