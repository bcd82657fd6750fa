extension OfficePage {
    /// A whole page. It may load nothing and run nothing; every minute the browser reads it again.
    static func document(title: String, _ body: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="id">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <meta http-equiv="refresh" content="60">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(text(title))</title>
        <style>
        \(style)
        </style>
        </head>
        <body>
        <main>
        \(body)
        </main>
        </body>
        </html>

        """
    }

    /// Text that cannot become markup, not even inside quotes.
    static func text(_ raw: some StringProtocol) -> String {
        var safe = ""
        for character in raw.unicodeScalars {
            switch character {
            case "&": safe += "&amp;"
            case "<": safe += "&lt;"
            case ">": safe += "&gt;"
            case "\"": safe += "&quot;"
            case "'": safe += "&#39;"
            case _ where character.properties.generalCategory == .control: safe += " "
            default: safe.unicodeScalars.append(character)
            }
        }
        return safe
    }

    private static let style = """
        body { font: 18px/1.5 "DejaVu Sans", Verdana, sans-serif; color: #1a1a1a; background: #ffffff;
            margin: 0; }
        main { max-width: 52em; margin: 0 auto; padding: 1em; }
        h1 { font-size: 1.5em; margin: 0 0 .2em; }
        h2 { font-size: 1.15em; margin: 1.4em 0 .4em; border-bottom: 1px solid #b0b0b0; }
        p { margin: .4em 0; }
        .waktu { color: #4a4a4a; }
        .putusan { font-size: 1.2em; padding: .6em .8em; border-left: .5em solid #1b6e3a;
            background: #eaf5ee; }
        .putusan.perlu { border-color: #8a5a00; background: #fff4dc; }
        .putusan.gangguan { border-color: #a31515; background: #fdecec; }
        .perhatian { font-weight: bold; }
        .kontak { font-size: 1.3em; font-weight: bold; }
        table { border-collapse: collapse; width: 100%; }
        th, td { text-align: left; vertical-align: top; padding: .35em .8em .35em 0;
            border-bottom: 1px solid #d8d8d8; }
        ul { margin: .4em 0; padding-left: 1.3em; }
        @media print { body { font-size: 12px; } main { max-width: none; } }
        """
}
