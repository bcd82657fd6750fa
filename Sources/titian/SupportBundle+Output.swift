import Attendance
import Bridge
import Exchange
import Speech

extension SupportBundle {
    /// The file to be sent.
    ///
    /// - Throws: ``SupportError/tooLarge``.
    func archive() throws -> [UInt8] {
        var archive = SupportArchive(at: now)
        archive.add("titian-bundle/manifest.json", manifest + [UInt8(ascii: "\n")])
        for part in parts where !part.content.isEmpty {
            archive.add("titian-bundle/\(part.name)", part.content)
        }
        guard let bytes = archive.compressed, bytes.count <= SupportArchive.mostBytes else {
            throw SupportError.tooLarge
        }
        return bytes
    }

    /// What is in the bundle and what was left out of it.
    private var manifest: [UInt8] {
        var line = JSONLine()
        line.add("made_at", now.description)
        line.add("version", TitianVersion.current)
        line.add("pins", showsPins ? "as they are" : "hashed")
        line.add(
            "left_out",
            json: JSONLine.array([
                "names", "keys and passwords", "raw bytes of records", "names of stick files",
                "comments and contacts of the configuration",
            ]))
        line.add("parts", json: JSONLine.array(json: parts.map { json($0, explained: true) }))
        return line.finished
    }

    private func json(_ part: Part, explained: Bool) -> [UInt8] {
        var digest = FileDigest()
        digest.take(part.content)
        var line = JSONLine()
        line.add("name", part.name)
        if explained { line.add("meaning", part.meaning) }
        line.add("bytes", part.content.count)
        line.add("sha256", digest.hex)
        if let trouble = part.trouble {
            line.add("code", trouble.code)
            line.add("id", trouble.line(.indonesian))
            line.add("en", trouble.line(.english))
        }
        return line.finished
    }

    func json(path: String, archive: [UInt8]) -> [UInt8] {
        var digest = FileDigest()
        digest.take(archive)
        var line = JSONLine()
        line.add("file", path)
        line.add("bytes", archive.count)
        line.add("sha256", digest.hex)
        line.add("pins", showsPins ? "as they are" : "hashed")
        line.add("parts", json: JSONLine.array(json: parts.map { json($0, explained: false) }))
        return line.finished
    }

    func text(path: String, archive: [UInt8]) -> String {
        let size = Format.bytes(Int64(archive.count))
        let rows = parts.map { part in
            let count = part.content.isEmpty ? "-" : Format.bytes(Int64(part.content.count))
            let line = "  \(part.name.padded(to: 19)) \(count)\n"
            guard let trouble = part.trouble else { return line }
            return line + "    ▲ \(trouble.summary(Speech.language)) [\(trouble.code)]\n"
        }
        let pins =
            showsPins
            ? say(id: "No. ID ada di dalamnya apa adanya.", en: "PINs are in it as they are.")
            : say(
                id: "Tanpa nama, kunci dan No. ID (diganti kode).",
                en: "Without names, keys and PINs (replaced by a code).")
        return rows.joined() + "● \(path) (\(size)). \(pins) "
            + say(id: "Kirim berkas ini.", en: "Send this file.") + "\n"
    }
}
