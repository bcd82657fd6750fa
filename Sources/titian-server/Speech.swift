import ArgumentParser
import Attendance
import Glibc

/// The language of this run. It has to be known before the command line is parsed, because help
/// texts are made then.
enum Speech {
    static let language = Language(
        arguments: CommandLine.arguments,
        environment: { name in getenv(name).map { String(cString: $0) } })
}

/// One of two sentences, by the language of this run.
func say(id indonesian: String, en english: String) -> String {
    Speech.language == .english ? english : indonesian
}

/// Help for one option, in the language of this run.
func help(id indonesian: String, en english: String) -> ArgumentHelp {
    ArgumentHelp(stringLiteral: say(id: indonesian, en: english))
}
