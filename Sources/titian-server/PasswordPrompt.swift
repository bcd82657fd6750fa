import Attendance
import Console
import Glibc
import Speech

/// Asks for a new password: without echo and twice on a terminal, else one line of standard input.
enum PasswordPrompt {
    static func newPassword(_ language: Language) throws -> String {
        let isTerminal = isatty(STDIN_FILENO) == 1
        let password = isTerminal ? try askTwice(language) : readLine(strippingNewline: true)
        guard let password, !password.isEmpty else { throw ServerError.noPassword }
        guard password.count >= Password.shortest else {
            throw ServerError.passwordTooShort(minimum: Password.shortest)
        }
        return password
    }

    private static func askTwice(_ language: Language) throws -> String? {
        let isEnglish = language == .english
        let first = ask(isEnglish ? "Password: " : "Kata sandi: ")
        let second = ask(isEnglish ? "Again: " : "Sekali lagi: ")
        guard first == second else { throw ServerError.noPassword }
        return first
    }

    private static func ask(_ prompt: String) -> String? {
        var settings = termios()
        tcgetattr(STDIN_FILENO, &settings)
        var silent = settings
        silent.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
        defer {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
            Output.error("")
        }
        let bytes = Array(prompt.utf8)
        _ = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
        return readLine(strippingNewline: true)
    }
}
