import ArgumentParser
import Attendance
import Speech

/// The centre: receives from bridges, keeps, and shows.
@main
struct TitianServer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "titian-server",
        abstract: say(
            id: "Server BKD: menerima rekaman dari jembatan, menyimpan dan menampilkannya.",
            en: "The centre: receives punches from bridges, keeps and shows them."),
        discussion: say(
            id: """
                Setiap perintah menerima --config; semua kecuali 'restore' boleh di samping 'serve'.
                Kode keluar: 0 baik, 1 perlu perhatian, 2 gangguan, 64 ke atas menurut sysexits.

                CONTOH
                  titian-server office import offices.csv
                  titian-server user add sari --role administrator
                  titian-server serve --config /etc/titian/server.toml
                  titian-server enroll-code --office upt-contoh-utara
                  titian-server punches --office upt-contoh-utara --format csv > punches.csv
                  titian-server backup /media/cadangan/
                """,
            en: """
                Every command takes --config; all but 'restore' can run beside a running 'serve'.
                Exit codes: 0 good, 1 attention, 2 fault, 64 and above as in sysexits.

                EXAMPLES
                  titian-server office import offices.csv
                  titian-server user add sari --role administrator
                  titian-server serve --config /etc/titian/server.toml
                  titian-server enroll-code --office upt-contoh-utara
                  titian-server punches --office upt-contoh-utara --format csv > punches.csv
                  titian-server backup /media/cadangan/
                """),
        version: TitianVersion.current,
        subcommands: [
            Serve.self, EnrollCode.self, Users.self, Offices.self, Punches.self, Verify.self,
            Accept.self, Backup.self, Restore.self, Retention.self, SubjectCommand.self,
            Bridges.self, Keys.self, Evidence.self,
        ])
}
