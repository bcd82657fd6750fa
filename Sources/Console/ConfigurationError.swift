public import Attendance

/// Why `server.toml` cannot be used.
public enum ConfigurationError: Explained, Hashable {
    case unreadable(String)
    case notTOML(String, line: Int, said: String)
    case unknownKey(String, key: String, nearest: String)
    /// `rule` is the rest of a sentence that begins with the key.
    case wrongValue(String, key: String, rule: Text)
    case storeUnsupported(String, store: String)

    public var problem: Problem {
        switch self {
        case .unreadable(let file):
            Problem(
                code: "server.configuration-unreadable",
                summary: Text(
                    id: "Berkas konfigurasi \(file) tidak dapat dibaca.",
                    en: "The configuration file \(file) cannot be read."),
                remedy: Text(
                    id: "Buat berkas itu, atau sebutkan yang benar dengan --config.",
                    en: "Write that file, or name the right one with --config."))
        case .notTOML(let file, let line, let said):
            Problem(
                code: "server.configuration-not-toml",
                summary: Text(
                    id: "\(file) baris \(line) bukan toml yang sah: \(said)",
                    en: "\(file), line \(line), is not valid toml: \(said)"),
                remedy: Text(id: "Perbaiki baris itu.", en: "Mend that line."))
        case .unknownKey(let file, let key, let nearest):
            Problem(
                code: "server.configuration-unknown-key",
                summary: Text(
                    id: "\(file): kunci '\(key)' tidak dikenal.",
                    en: "\(file): the key '\(key)' is not known."),
                remedy: Text(
                    id: "Mungkin maksudnya '\(nearest)'.", en: "Did you mean '\(nearest)'?"))
        case .wrongValue(let file, let key, let rule):
            Problem(
                code: "server.configuration-wrong-value",
                summary: Text(
                    id: "\(file): '\(key)' \(rule.indonesian).",
                    en: "\(file): '\(key)' \(rule.english)."),
                remedy: Text(id: "Perbaiki nilai itu.", en: "Mend that value."))
        case .storeUnsupported(let file, let store):
            Problem(
                code: "server.store-unsupported",
                summary: Text(
                    id: "\(file): penyimpanan '\(store)' belum didukung versi ini.",
                    en: "\(file): the store '\(store)' is not supported by this version."),
                remedy: Text(
                    id: "Hapus 'store', atau tulis store = \"sqlite\": tidak perlu penyiapan.",
                    en: "Remove 'store', or write store = \"sqlite\": it needs no set-up."))
        }
    }
}
