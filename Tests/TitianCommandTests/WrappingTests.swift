import Testing

@testable import titian

@Suite struct `A line that is too long for the window` {
    private let window = Wrapping(width: 60)

    @Test func `is broken between words, under its first word`() {
        let line = "Antrean   1.204 tertunda (tertua 07:58); rekaman 5.400, diterima BKD 4.196"
        #expect(
            window.fit(line) == """
                Antrean   1.204 tertunda (tertua 07:58); rekaman 5.400,
                          diterima BKD 4.196
                """)
    }

    @Test func `without a label goes on a little further in`() {
        let line = "    Periksa daya, kabel jaringan dan alamat IP mesin di menu Comm, lalu ulangi."
        #expect(
            window.fit(line) == """
                    Periksa daya, kabel jaringan dan alamat IP mesin di menu
                      Comm, lalu ulangi.
                """)
    }

    @Test func `keeps a word that is longer than the window`() {
        let path = "/dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0"
        #expect(window.fit("port: \(path)") == "port:\n  \(path)")
    }

    @Test func `keeps a setting whole, because it will be copied`() {
        let line = "link = \"serial:///dev/serial/by-id/usb-FTDI_FT232R-if00-port0?baud=9600\""
        #expect(window.fit(line) == line)
    }

    @Test func `is measured without its colours`() {
        let words = Palette(isColoured: true).paint(String(repeating: "x", count: 58), .fault)
        #expect(window.fit(words) == words)
    }

    @Test func `keeps the columns of what stays on its line, and the number of lines`() {
        let page = "a  b\n\n\(String(repeating: "kata ", count: 30))\nakhir\n"
        let fitted = window.fit(page)
        #expect(fitted.hasPrefix("a  b\n\nkata kata"))
        #expect(fitted.hasSuffix("\nakhir\n"))
        #expect(fitted.split(separator: "\n").allSatisfy { $0.count <= 60 })
    }

    @Test func `of an error is broken too, and goes to a file as it is`() async {
        let words = ["journal", "status", "--state", "/nonexistent", "--control", "/nonexistent/s"]
        let narrow = await CapturedRun(words, width: 60)
        let file = await CapturedRun(words)
        #expect(narrow.errors.split(separator: "\n").allSatisfy { $0.count <= 60 })
        #expect(file.errors.split(separator: "\n").contains { $0.count > 60 })
        #expect(narrow.exitCode == file.exitCode)
    }
}
