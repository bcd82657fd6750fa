/// The two languages Titian speaks.
public enum Language: String, Hashable, Sendable, CaseIterable {
    case indonesian = "id"
    case english = "en"

    /// The language a locale name such as `id_ID.UTF-8` asks for; Indonesian unless it is English.
    public init(locale: String) {
        self = locale.lowercased().hasPrefix("en") ? .english : .indonesian
    }

    /// The language that a run of a program speaks: `--lang` wins, then the locale of the
    /// environment; Indonesian where neither says English.
    ///
    /// - Parameters:
    ///   - arguments: The command line, which is not parsed yet: help texts are made before.
    ///   - environment: The value of a variable.
    public init(arguments: [String], environment: (String) -> String?) {
        for (index, argument) in arguments.enumerated() {
            if argument.hasPrefix("--lang=") {
                self = Language(rawValue: String(argument.dropFirst(7))) ?? .indonesian
                return
            }
            if argument == "--lang", index + 1 < arguments.count {
                self = Language(rawValue: arguments[index + 1]) ?? .indonesian
                return
            }
        }
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap(environment)
            .first { !$0.isEmpty }
        self.init(locale: locale ?? "")
    }
}

/// One sentence in both languages.
public struct Text: Hashable, Sendable {
    public let indonesian: String
    public let english: String

    public init(id indonesian: String, en english: String) {
        self.indonesian = indonesian
        self.english = english
    }

    public func callAsFunction(_ language: Language) -> String {
        language == .english ? english : indonesian
    }
}

/// What went wrong, told to the person who has to act.
///
/// `code` is stable, never reused and never translated; each is explained in
/// `docs/reference/problems.md`. The summary says what happened to which terminal or file; the
/// remedy begins with a verb, or says what was done to stay safe. Neither ever holds a name, a
/// NIP, a key or a password.
public struct Problem: Error, Hashable, Sendable {
    /// Lower-case words joined by a dot and hyphens, such as `terminal.wrong-key`.
    public let code: String
    public let summary: Text
    public let remedy: Text

    public init(code: String, summary: Text, remedy: Text) {
        self.code = code
        self.summary = summary
        self.remedy = remedy
    }

    /// Summary and remedy as one line.
    public func line(_ language: Language) -> String {
        "\(summary(language)) \(remedy(language))"
    }
}

/// An error that can explain itself to the person who has to act.
public protocol Explained: Error, Sendable {
    var problem: Problem { get }
}

extension Problem: Explained {
    public var problem: Problem { self }
}

extension Problem {
    /// Explains any error; one that cannot explain itself is shown as it is.
    public init(explaining error: any Error) {
        if let explained = error as? any Explained {
            self = explained.problem
            return
        }
        let text = error is InvalidValue ? "\(error)" : String(describing: error)
        self.init(
            code: "internal.unexplained",
            summary: Text(id: "Kesalahan tak terduga: \(text).", en: "Unexpected error: \(text)."),
            remedy: Text(
                id: "Tidak ada data yang dihapus. Kirim pesan ini dan log titiand ke BKD.",
                en: "Nothing was deleted. Send this message and titiand's log to the BKD."))
    }
}
