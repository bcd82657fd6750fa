import ArgumentParser
import Attendance
import Glibc

/// The language of this run: `--lang` wins, then the locale of the environment. It has to be known
/// before the command line is parsed, because help texts are made then.
enum Speech {
    static let language: Language = {
        let arguments = CommandLine.arguments
        for (index, argument) in arguments.enumerated() {
            if argument.hasPrefix("--lang="),
                let said = Language(rawValue: String(argument.dropFirst(7)))
            {
                return said
            }
            if argument == "--lang", index + 1 < arguments.count,
                let said = Language(rawValue: arguments[index + 1])
            {
                return said
            }
        }
        let names: [String] = ["LC_ALL", "LC_MESSAGES", "LANG"]
        let locale = names.compactMap { name in getenv(name).map { String(cString: $0) } }
            .first { !$0.isEmpty }
        return Language(locale: locale ?? "")
    }()
}

/// One of two sentences, by the language of this run.
func say(id indonesian: String, en english: String) -> String {
    Speech.language == .english ? english : indonesian
}

/// Help for one option, in the language of this run.
func help(id indonesian: String, en english: String) -> ArgumentHelp {
    ArgumentHelp(stringLiteral: say(id: indonesian, en: english))
}

extension Language: ExpressibleByArgument {}
