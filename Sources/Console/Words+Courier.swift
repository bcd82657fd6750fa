import Attendance

extension Word {
    /// The words of the pages for courier files.
    var courierText: Text? {
        switch self {
        case .courier: Text(id: "Berkas kurir", en: "Courier files")
        case .courierNote:
            Text(
                id: "Rekaman yang dibawa dengan stik dari kantor tanpa jaringan.",
                en: "Punches carried on a stick from an office without a line.")
        case .courierUpload: Text(id: "Unggah berkas", en: "Upload a file")
        case .courierTwice:
            Text(
                id: "Diunggah dua kali tidak mengapa: tidak ada yang dihitung dua kali.",
                en: "Twice does no harm: nothing counts twice.")
        case .courierChoose:
            Text(id: "Berkas .courier dari stik", en: "The .courier file on the stick")
        case .courierSize:
            Text(
                id: "Paling besar 512 MiB. Unggahan dicatat dalam jejak audit.",
                en: "At most 512 MiB. Uploads are kept in the audit log.")
        case .courierSend: Text(id: "Unggah dan terima", en: "Upload and take in")
        case .couriersTaken: Text(id: "Berkas terakhir", en: "Latest files")
        case .courierFile: Text(id: "Berkas", en: "File")
        case .noCouriers: Text(id: "Belum ada berkas kurir.", en: "No courier files yet.")
        case .entriesNew: Text(id: "Entri baru", en: "New entries")
        case .entriesKnown: Text(id: "Sudah ada", en: "Known before")
        case .courierResult: Text(id: "Isi berkas", en: "What was in it")
        case .receivedThrough: Text(id: "Diterima sampai", en: "Received through")
        case .receiptBack: Text(id: "Tanda terima", en: "Receipt")
        case .receiptWhy:
            Text(
                id: "Kotak menyimpan rekaman sampai tanda terimanya kembali.",
                en: "The box keeps its punches until the receipt is back.")
        case .receiptSave:
            Text(
                id: "Simpan tanda terima di stik, di samping berkas kurir.",
                en: "Save the receipt on the stick, beside the courier file.")
        case .receiptDownload: Text(id: "Unduh tanda terima", en: "Download the receipt")
        case .receiptCarry: Text(id: "Bawa stik ke kantor.", en: "Take the stick to the office.")
        case .receiptImport:
            Text(id: "Di kotak, dari folder stik:", en: "On the box, in the stick's folder:")
        case .courierNext: Text(id: "Berkas berikutnya", en: "Next file")
        default: nil
        }
    }
}
