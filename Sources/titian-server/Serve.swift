import ArgumentParser
import Console

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Receives from bridges and shows pages, until SIGTERM or SIGINT.")

    @OptionGroup var shared: SharedOptions

    func run() async throws {
        try await shared.run { try await $0.serve() }
    }
}
