import ArgumentParser
import Attendance
import Bridge
import Speech

/// What every command takes.
struct SpeechOptions: ParsableArguments {
    @Flag(
        help: help(
            id: "Tulis JSON dengan kunci bahasa Inggris, untuk skrip.",
            en: "Print JSON with English keys, for scripts."))
    var json = false

    @Option(
        help: help(
            id: "Bahasa: id atau en. Tanpa ini, menurut LANG.",
            en: "Language: id or en. Without it, as LANG says.", value: "id|en"))
    var lang: Language?
}

/// Where the bridge of this box keeps its things; the same names as those of titiand.
struct PlaceOptions: ParsableArguments {
    @Option(
        help: help(id: "Berkas konfigurasi.", en: "The configuration file.", value: "file"))
    var config = Configuration.defaultPath

    @Option(
        help: help(id: "Folder keadaan jembatan.", en: "The bridge's state folder.", value: "dir"))
    var state = StateFolder.defaultPath

    @Option(
        help: help(
            id: "Soket kendali titiand.", en: "The control socket of titiand.", value: "socket"))
    var control = ControlClient.defaultSocket

    var daemon: Daemon { Daemon(socket: control) }
    var folder: StateFolder { StateFolder(path: state) }
}
