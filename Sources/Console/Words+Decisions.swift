import Attendance

extension Word {
    /// The words of the pages on which somebody decides something.
    var decisionText: Text? {
        switch self {
        case .revokeAsk: Text(id: "Cabut pendaftaran…", en: "Shut this bridge out…")
        case .revokeTitle: Text(id: "Cabut pendaftaran jembatan", en: "Shut a bridge out")
        case .revokeMeans:
            Text(
                id: "Kotak ini tidak dapat mengirim lagi sampai didaftarkan dengan kode baru.",
                en: "This box can send nothing any more until it is enrolled with a new code.")
        case .revokeKeeps:
            Text(
                id:
                    "Yang sudah diterima tetap dihitung. Rekaman di kotak dan di mesin tidak dihapus.",
                en:
                    "What was received goes on counting. Nothing on the box or in terminals is deleted."
            )
        case .revokeReason: Text(id: "Alasan", en: "Reason")
        case .revokeReasonNote:
            Text(
                id:
                    "Misalnya: kotak dicuri, diganti, atau tersalin. Terlihat di halaman kantor dan "
                    + "jejak audit.",
                en: "For example: stolen, replaced, copied. Shown on the office's page and in the "
                    + "audit log.")
        case .revokeDo: Text(id: "Cabut pendaftaran", en: "Shut it out")
        case .revokedAlready: Text(id: "Sudah dicabut.", en: "It was shut out already.")
        case .revokedBridges: Text(id: "Jembatan yang dicabut", en: "Bridges shut out")
        case .revokedNote:
            Text(
                id: "Kirimannya ditolak. Kode baru mendaftarkannya kembali.",
                en: "Their calls are refused. A new code brings one back.")
        case .cancel: Text(id: "Batal", en: "Cancel")
        case .elsewhere: Text(id: "Mesin kantor lain", en: "Terminals of other offices")
        case .elsewhereNote:
            Text(
                id: "Terlihat dari kantor ini; rekamannya menunggu keputusan dan belum dihitung di "
                    + "sini.",
                en:
                    "Seen from this office; their punches wait for a decision and do not count here "
                    + "yet.")
        case .placeAsk: Text(id: "Tempatkan di sini…", en: "Place it here…")
        case .placeTitle: Text(id: "Tempatkan mesin", en: "Place a terminal")
        case .placeMeans:
            Text(
                id:
                    "Bila mesin itu memang pindah ke sini, katakan sejak kapan. Rekaman yang menunggu "
                    + "lalu dihitung.",
                en:
                    "If the terminal did move here, say since when. The punches that wait are counted "
                    + "then.")
        case .placeSince: Text(id: "Berdiri di sini sejak", en: "It stands here since")
        case .placeTime: Text(id: "Waktu mesin", en: "Terminal's time")
        case .placeAlways:
            Text(
                id: "Sejak awal: semua rekamannya milik kantor ini",
                en: "Always: all of its punches are this office's")
        case .placeDo: Text(id: "Tempatkan di sini", en: "Place it here")
        case .placedIn: Text(id: "Tercatat di", en: "Stands in")
        case .seenFrom: Text(id: "Terlihat dari", en: "Seen from")
        case .entriesWait: Text(id: "Menunggu", en: "Waiting")
        case .lastCounted:
            Text(id: "Rekaman terakhir di sana", en: "Newest punch there")
        default: nil
        }
    }
}
