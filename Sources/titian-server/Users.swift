import ArgumentParser
import Attendance
import Central
import Console
import Speech

struct Users: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user",
        abstract: say(
            id: "Akun orang yang melihat halaman.",
            en: "The accounts of people who look at the pages."),
        subcommands: [Add.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: say(id: "Membuat akun.", en: "Makes an account."),
            discussion: say(
                id: """
                    Kata sandi ditanyakan, atau dibaca sebagai satu baris masukan baku; tidak pernah \
                    menjadi argumen. Sekurangnya 12 huruf.
                    """,
                en: """
                    The password is asked for, or read as one line of standard input; it is never an \
                    argument. At least 12 characters.
                    """))

        @Argument(help: help(id: "Nama untuk masuk.", en: "The name to sign in with."))
        var name: String

        @Option(help: help(id: "operator atau administrator.", en: "operator or administrator."))
        var role: User.Role

        @OptionGroup var shared: SharedOptions

        func run() async throws {
            try await shared.run { centre in
                let password = try PasswordPrompt.newPassword(shared.language)
                try await centre.addUser(name, role: role, password: password)
                Output.error(
                    Text(
                        id: "Akun \(name) (\(role.rawValue)) tersimpan.",
                        en: "The account \(name) (\(role.rawValue)) is stored.")(shared.language))
            }
        }
    }
}

extension User.Role: ExpressibleByArgument {}
