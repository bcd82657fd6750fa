"""Checks what Titian keeps with nothing of Titian: standard-library Python (3.9), short, to be read before it is run.

    verify.py centre.evidence office.evidence office.courier office.courier.receipt

A box writes numbered lines; their hashes form a chain, and the centre signs how far it has the chain. Evidence is what
`titian-server evidence` and `titian journal evidence` write: each line or, once it is forgotten, its digest, with the
hashes kept beside it and what is counted by it. Every file is compared with itself and with the others; `check` is the
whole of it. Exit code 0: all agrees. 1: something was found: ■ was changed, cut or added; ▲ should be looked at; ○ is
only told. 2: wrong arguments, or a file that cannot be read to its end. Formats: docs/reference/evidence.md.
"""

import argparse, base64, collections, datetime, hashlib, itertools, json, re, sys

UNFIT = "■ yang dihitung tidak cocok / what is counted does not fit"
GONE = "■ baris hilang tanpa alasan / line gone without a reason"
BROKEN = "■ rantai putus / chain broken"
APART = "■ tidak menyambung / does not join on"
UNSIGNED = "■ bukan yang ditandatangani pusat / not what the centre signed"
UNREAD = "■ tidak terbaca sampai akhir / cannot be read to its end"
UNCLEAR = (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError, OverflowError)
LOSSLESS = "utf-8", "surrogateescape"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", metavar="FILE", nargs="+")
    for name in ("--centre-key", "--bridge-key"):
        parser.add_argument(name, metavar="BASE64", action="append", default=[], type=unbase64)
    given = parser.parse_args()
    findings = check(given.files, given.centre_key, given.bridge_key)
    for (what, where), (seq, times) in findings.items():
        print(what[0], f"{where}{'' if seq is None else f' #{seq}'}{f' (×{times})' if times > 1 else ''}:", what[2:])
    code = max((2 if what.startswith(UNREAD) else what[0] != "○" for what, _ in findings), default=0)
    print(("● Semuanya cocok. / All agrees.", "■ Ada temuan: jangan hapus apa pun. / Found: delete nothing.",
           "■ Tidak semuanya terbaca. / Not all could be read.")[code])
    return code


def check(files, centre_keys=(), bridge_keys=()):
    """Returns what was found: for each finding and place the first entry, and how often."""
    audit, path, parts = Audit(centre_keys, bridge_keys), None, []
    try:
        for path in dict.fromkeys(files):
            parts.extend(headers(path))
        audit.shared = {journal for journal, times in collections.Counter(
            told.get("journal") for _, told, *_ in parts).items() if times > 1}
        # Keys before what they have signed, receipts before the chains whose hashes they hold.
        for take in (take_keys, take_receipt, take_books, take_known, take_journal, take_call):
            for path, *part in parts:
                take(audit, path, *part)
        check_ends(audit)
    except (OSError, *UNCLEAR) as error:
        audit.found(f"{UNREAD}: {error!r}", path)
    return audit.findings


class Audit:
    """What was found, and what was read: keys, receipts, the centre's books, each chain, what is counted by it."""

    def __init__(self, centre_keys, bridge_keys):
        self.keys = {b"titian receipt v1": set(centre_keys), b"titian sync v1": set(bridge_keys)}
        self.findings, self.journals, self.dates, self.shared = {}, {}, {}, set()
        self.books, self.count = {"erased": [], "terminals": {}, "counts": {}}, collections.Counter()
        self.heads, self.receipts, self.calls, self.known = (collections.defaultdict(dict) for _ in range(4))
        self.safe, self.counted = collections.Counter(), collections.defaultdict(set)

    def found(self, what, where, seq=None):
        """Like findings in one place are one, with the first entry and how many there are."""
        self.findings.setdefault((what, where), [seq, 0])[1] += 1

    def check_signature(self, where, seq, purpose, key, signature, message):
        known = next((known for known in self.keys[purpose] if sha(known)[:8].hex() == key), None)
        if known is None:
            self.found(f"▲ tidak diperiksa, kunci tidak diberikan / not checked, key not given: {key}", where)
        elif not is_signed(known, unbase64(signature), purpose + message):
            self.found("■ tanda tangan salah / wrong signature", where, seq)


# What each file brings.

def headers(path):
    """The lines that no other line counts: what each tells, its bytes, and where in the file those it counts begin."""
    place, skipped = 0, 0
    for line in lines(path):
        place, skipped = place + len(line), skipped - 1
        if skipped < 0:
            told = json.loads(line)
            skipped = told.get("count", 0) + ("prev" in told)
            yield path, told, line, place


def lines(path, place=0, count=None, read=bytes):
    with open(path, "rb") as file:
        file.seek(place)
        yield from map(read, itertools.islice(file, count))


def take_keys(audit, path, told, line, place):
    if "text" in told:  # a request to be enrolled, with the box's key in it
        signature, line, told = unbase64(told["signature"]), told["text"].encode(), json.loads(told["text"])
        if not is_signed(unbase64(told["public_key"]), signature, b"titian enrol v1" + line):
            audit.found("■ tanda tangan salah / wrong signature", path, 0)
    audit.keys[b"titian receipt v1"].update(map(unbase64, told.get("centre_keys", ())))
    audit.keys[b"titian sync v1"].update(unbase64(told[key]) for key in ("public_key",) if key in told)


def take_receipt(audit, path, told, line, place):
    """The centre signs that it has a journal through an entry, the hash there, and how far a backup has it."""
    if signed := told.get("receipt"):
        says, text = json.loads(signed["text"]), signed["text"].encode()
        seq, journal = says["acked_through"], says["journal"]
        audit.check_signature(path, seq, b"titian receipt v1", signed["key"], signed["signature"], text)
        if audit.receipts[journal].setdefault(seq, says["head"]) != says["head"]:
            audit.found(UNSIGNED, path, seq)
        audit.safe[journal] = max(audit.safe[journal], min(seq, says["safe_through"]))


def take_books(audit, path, told, line, place):
    """What the centre notes of all journals, and its audit trail, which is a chain as well."""
    if told.get("evidence") == "books":
        audit.books, start = told, sha(b"titian audit v1").hex()
        for row in walk(audit, f"{path} audit", "audit", start, lines(path, place, told["count"], json.loads), told):
            says = json.loads(row.get("line", "{}"))
            audit.dates[says.get("action"), says.get("at")] = says
        for gone in told["erased"]:
            by = audit.dates.get(("erase-subject", gone["at"]), {}).get("who")
            what = "○ dihapus / erased: " if by else "■ dihapus tanpa jejak audit / erased without an audit trail: "
            audit.found(f"{what}{gone['terminal']} {gone['pin']}, {gone['at']}, {by}", path)


def take_known(audit, path, told, line, place):
    """Every punch that a box has counted, for ever."""
    if told.get("evidence") == "known":
        for row in lines(path, place, told["count"], json.loads):
            audit.known[told["journal"]][row["identity"]] = row["seq"], row["time"], sys.intern(" ".join(row["told"]))
            audit.count[f"{path} {told['journal'][:8]}"] += 1


def take_journal(audit, path, told, line, place):
    """One journal, as a box or the centre has it."""
    if told.get("evidence") in ("bridge", "centre"):
        journal, key = told["journal"], unbase64(told["public_key"])
        where, start = f"{path} {journal[:8]}", sha(b"titian journal v1", bytes.fromhex(journal), key).hex()
        rows = walk(audit, where, journal, start, lines(path, place, told["count"], json.loads), told)
        (check_bridge if told["evidence"] == "bridge" else check_centre)(audit, where, told, rows)
        told = told | {"where": where}  # of one journal several files may have come, of several days
        newest = audit.journals.setdefault((journal, told["evidence"]), told)
        audit.journals[journal, told["evidence"]] = max(newest, told, key=lambda one: one["last"])


def take_call(audit, path, told, line, place):
    """A call in a courier file: signed by its box, and it joins on to the one before it."""
    if "prev" in told:
        *body, trailer = lines(path, place, told["count"] + 1)
        journal, first, end = told["journal"], told["first"], json.loads(trailer)
        audit.check_signature(path, first, b"titian sync v1", told["key"], end["signature"], line + b"".join(body))
        call = audit.calls[path] = audit.calls[path] or {"journal": journal, "first": first, "next": (first, told["prev"])}
        if (journal, (first, told["prev"])) != (call["journal"], call["next"]):
            audit.found(APART, path, first)
        forgotten, last = first + told.get("forgotten", 0), first + told["count"] - 1
        call |= {"next": (last + 1, end["head"]), "through": told.get("through", 0)}
        rows = ({"seq": seq, "digest" if seq < forgotten else "line": text[:-1].decode(*LOSSLESS)}
                for seq, text in enumerate(body, first))
        for _ in walk(audit, path, journal, told["prev"], rows, end | {"last": last}, first):
            pass  # nothing is kept beside a call's lines


# The chain, and what is kept beside it.

def walk(audit, where, journal, head, rows, ends, first=1):
    """Computes a chain anew; compares it with what is kept, signed, told by other files, and with where it should end."""
    receipts, seq = audit.receipts[journal], first - 1
    compare(audit, journal, seq, head, where)
    for seq, row in enumerate(rows, first):
        digest = sha(row["line"].encode(*LOSSLESS)).hex() if "line" in row else row["digest"]
        if not digest.startswith(row.get("digest", "")):
            audit.found("■ baris diubah / line changed", where, seq)
        head = sha(bytes.fromhex(head), bytes.fromhex(digest)).hex()
        if row["seq"] != seq or row.get("hash", head) != head:
            audit.found(BROKEN, where, seq)
        head = row.get("hash", head)
        if receipts.get(seq, head) != head:
            audit.found(UNSIGNED, where, seq)
        compare(audit, journal, seq, head, where)
        yield {"counted": [], "gone": [], **row}
    if (seq, head) != (ends["last"], ends["head"] or head):
        audit.found(BROKEN, where, seq + 1)


def compare(audit, journal, seq, head, where):
    """What all files say of one place in a chain must agree; remembered of journals that several tell of."""
    if journal in audit.shared:
        said, other = audit.heads[journal].setdefault(seq, (bytes.fromhex(head), where))
        if said.hex() != head:
            audit.found("■ tidak sama / not the same", f"{other} / {where}", seq)


def check_bridge(audit, where, told, rows):
    """The box has counted each punch, at its first entry. Lines may be gone that a backup of the centre has."""
    journal, known = told["journal"], audit.known[told["journal"]]
    firsts = {seq: name for name, (seq, *_) in known.items() if 0 < seq <= told["last"]}  # 0: a repair took it over
    for row in rows:
        first, punch = firsts.pop(row["seq"], None), punch_of(row.get("line"))
        name = identity(punch) if punch else None
        if punch and name not in known or "line" in row and first and not (
                name == first and punch["told"] in known[name][2].split()):
            audit.found(UNFIT, where, row["seq"])
        if "line" not in row and row["seq"] > max(told["safe"], audit.safe[journal]):
            audit.found(GONE, where, row["seq"])
    if told["last"] < told["confirmed"]:
        audit.found(BROKEN, where, told["last"] + 1)
    if firsts or audit.count[where] != told["punches"]:
        audit.found("■ jumlah tidak cocok / a count does not fit: punches", where)
    if told["acked"] and told["acked"] not in audit.receipts[journal]:
        audit.found("▲ tanda terima hilang, atau disk penuh / receipt gone, or disk full", where, told["acked"])


def check_centre(audit, where, told, rows):
    """By each entry one punch is counted at most: as its line says, or of a line that is gone for its age."""
    for row in rows:
        punch, kept, gone = punch_of(row.get("line")), row["counted"], {why for why, _ in row["gone"]}
        if punch:
            punch["office"] = office_of(audit.books["terminals"].get(punch["terminal"]), punch["time"],
                                        [office for first, office in told["offices"] if first <= row["seq"]][-1:])
        if (kept or punch) and not (len(kept) == 1 and (
                kept[0].items() <= punch.items() if punch else "line" not in row and gone == {"retention"})):
            audit.found(UNFIT, where, row["seq"])
        if "line" not in row and not any(may_be_gone(audit, why, at) for why, at in row["gone"]):
            audit.found(GONE, where, row["seq"])
        if any(why.endswith("hole") for why in gone):
            audit.found("▲ hilang saat pusat dipulihkan / lost when the centre was restored", where, row["seq"])
        audit.count.update(entries=1, kept=len(kept), sightings=sum("pin" in one for one in kept))
        audit.count.update(f"office {one['office']}" for one in kept if "shown" in one)
        if told["journal"] in audit.shared:
            audit.counted[told["journal"]].update(identity(one) for one in ([punch] if punch else kept) if "pin" in one)


def office_of(terminal, time, writer):
    """Where the terminal stood then, if boxes of the office that wrote the entry may speak of it."""
    if terminal and set(writer) & set(terminal["readers"]):
        return ([office for since, office in terminal["stood"] if since <= time] or [terminal["stood"][0][1]])[-1]


def may_be_gone(audit, why, at):
    """Whether the centre may lack a line for this: the audit trail says who did it, or it was told as lost."""
    return why == "retention" and ("apply-retention", at) in audit.dates or why.endswith("hole") or (
        why == "subject" and any(gone["at"] <= at for gone in audit.books["erased"]))


def check_ends(audit):
    """What should be there and is not: receipts beyond an end, journals, punches, calls, what is noted of all."""
    counts, journals = audit.books["counts"], audit.journals
    for (journal, side), told in journals.items():
        if max(audit.receipts[journal], default=0) > told["last"]:
            audit.found(UNSIGNED, told["where"], told["last"] + 1)
        if side == "centre" and (box := journals.get((journal, "bridge"))):
            if told["last"] > box["last"]:
                audit.found("■ tidak ada di kotak / the box does not have it", told["where"], box["last"] + 1)
            check_counted(audit, told, audit.known[journal], audit.counted[journal])
    for journal in [journal for journal, held in audit.receipts.items() if held and counts]:
        if (journal, "centre") not in journals:
            audit.found("■ jurnal tidak ada di pusat / the centre does not have this journal", journal[:8])
    for path, call in audit.calls.items():
        if call["next"][0] <= call["through"]:
            audit.found("■ terpotong / cut", path, call["next"][0])
        if call["first"] > journals.get((call["journal"], "centre"), {"last": call["first"]})["last"] + 1:
            audit.found(APART, path, call["first"])
    for what in [what for what, noted in counts.items() if noted != audit.count[what]]:
        audit.found(f"■ jumlah tidak cocok / a count does not fit: {what}", "centre")
    if counts and not any(audit.receipts.values()):
        audit.found("▲ tidak ada tanda terima / no receipts to compare with", "centre")


def check_counted(audit, told, known, counted):
    """What the centre counts by a journal is what its box has counted, but for people who were erased."""
    if counted - known.keys():
        audit.found(UNFIT, told["where"])
    for name, (seq, time, _) in known.items():
        if 0 < seq <= told["last"] and name not in counted and not any(
                name == identity({**gone, "time": time}) for gone in audit.books["erased"]):
            audit.found(UNFIT, told["where"], seq)


# What a line tells.

FORM = re.compile(r"[a-z0-9]{1,16}:[A-Za-z0-9._+-]{1,64} [!-~]{1,24} \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", re.ASCII)
WORDS = {"via": "live log push stick", "verify": "other finger face palm card password pin combined",
         "state": "other in out break-out break-in overtime-in overtime-out none"}
KINDS = {"verify": str, "state": str, "via": str, "work": int, "verify_no": int, "state_no": int}


def punch_of(line):
    """The punch that a line tells of, in the centre's words; None if it tells of none."""
    try:
        told = json.loads(line)
        terminal, shown, time = told["terminal"], told["pin"].strip("\0 "), told["time"].replace(" ", "T")
        datetime.datetime.fromisoformat(time)
        if told["kind"] != "punch" or len(line.encode()) > 65_536 or not FORM.fullmatch(f"{terminal} {shown} {time}"):
            return None
        if any(type(told.get(key) or kind()) is not kind for key, kind in KINDS.items()):
            return None
        words = {key: told[key] if told.get(key) in known.split() else known.split()[0] for key, known in WORDS.items()}
        verify, state, work = (told.get(key) or 0 for key in ("verify_no", "state_no", "work"))
        return {"terminal": terminal, "pin": re.sub(r"^(#?)0+(?=\d+$)", r"\1", shown), "time": time, "shown": shown,
                "work": work, **words, "told": f"{verify % 2**8}/{state % 2**8}/{work % 2**32}"}
    except UNCLEAR:
        return None


def identity(punch):
    """What makes a punch count once, and what a box keeps of it for ever."""
    return sha("\0".join(["punch", *(punch[key] for key in ("terminal", "pin", "time"))]).encode())[:16].hex()


# Hashes and signatures.

def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def unbase64(text):
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise ValueError("base64")  # another spelling is a change
    return data


P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493  # Ed25519, as in RFC 8032
D = -121665 * pow(121666, -1, P) % P


def add(p, q):
    k = D * p[0] * p[1] * q[0] * q[1] % P
    inverse = pow(1 - k * k, -1, P)
    return (p[0] * q[1] + p[1] * q[0]) * (1 - k) * inverse % P, (p[1] * q[1] + p[0] * q[0]) * (1 + k) * inverse % P


def times(number, point):
    half = times(number // 2, add(point, point)) if number > 1 else (0, 1)
    return add(half, point) if number % 2 else half


def point(data):
    """The point that 32 bytes stand for: y, and in the last bit whether x is odd. None if there is none."""
    y, is_odd = int.from_bytes(data, "little") % 2**255, data[31] >> 7
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * pow(2, (P - 1) // 4, P) % P
    if len(data) == 32 and y < P and x * x % P == square and (x != 0 or not is_odd):
        return x if x % 2 == is_odd else P - x, y


def is_signed(key, signature, message):
    """Whether R = S·B - k·A, where the signature is R and S, the key is A, and y of B is 4/5."""
    a, s = point(key), int.from_bytes(signature[32:], "little")
    if a is None or len(signature) != 64 or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    x, y = add(times(s, point(b"\x58" + b"\x66" * 31)), times(k, (P - a[0], a[1])))
    return (y | x % 2 << 255).to_bytes(32, "little") == signature[:32]


if __name__ == "__main__":
    sys.exit(main())
