import ArgumentParser
import Attendance
import Glibc

/// The language this run of the program speaks.
///
/// It has to be known before the command line is parsed, because help texts are made then.
enum Speech {
    /// `--lang` wins, then the locale of the environment; Indonesian where neither says English.
    @TaskLocal static var language = language(
        arguments: CommandLine.arguments,
        environment: { name in getenv(name).map { String(cString: $0) } })

    static func language(
        arguments: [String], environment: (String) -> String?
    ) -> Language {
        for (index, argument) in arguments.enumerated() {
            if argument.hasPrefix("--lang=") {
                return Language(rawValue: String(argument.dropFirst(7))) ?? .indonesian
            }
            if argument == "--lang", index + 1 < arguments.count {
                return Language(rawValue: arguments[index + 1]) ?? .indonesian
            }
        }
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap(environment)
            .first { !$0.isEmpty }
        return Language(locale: locale ?? "")
    }
}

/// One of two sentences, by the language of this run.
func say(id indonesian: String, en english: String) -> String {
    Speech.language == .english ? english : indonesian
}

/// Help for one option, in the language of this run.
func help(id indonesian: String, en english: String, value: String? = nil) -> ArgumentHelp {
    ArgumentHelp(say(id: indonesian, en: english), valueName: value)
}

extension Language: ExpressibleByArgument {}
