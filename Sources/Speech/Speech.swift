public import ArgumentParser
public import Attendance
internal import Glibc

/// The language that a run of a program speaks.
///
/// It has to be known before the command line is parsed, because help texts are made then.
public enum Speech {
    @TaskLocal public static var language = Language(
        arguments: CommandLine.arguments,
        environment: { name in getenv(name).map { String(cString: $0) } })
}

/// One of two sentences, by the language of this run.
public func say(id indonesian: String, en english: String) -> String {
    Speech.language == .english ? english : indonesian
}

/// Help for one option, in the language of this run.
///
/// - Parameters:
///   - indonesian: The sentence in Indonesian.
///   - english: The same in English.
///   - value: What the option's value is called; nil for the option's own name.
public func help(
    id indonesian: String, en english: String, value: String? = nil
) -> ArgumentHelp {
    ArgumentHelp(say(id: indonesian, en: english), valueName: value)
}

extension Language: ExpressibleByArgument {}
