#!/usr/bin/env python3
"""Bad input gets a clear error in both languages and loses nothing.

Each case runs the real programs as a technician or an attacker would, and looks at the exit code,
the words and what is kept.
"""

import gzip
import json
import ssl
import sys
import urllib.error
import urllib.request

from titian_rig import OFFICE, Bridge, Server, Simulator, folder, program, run, running


class Cases:
    def __init__(self):
        self.passed, self.failed = 0, 0

    def check(self, condition, what, seen=""):
        if condition:
            self.passed += 1
        else:
            self.failed += 1
            print(f"  FAILED: {what}\n    {str(seen)[:600]}")

    def speaks(self, what, words, *arguments, **options):
        """The command fails and says one of `words[language]` in each language."""
        for language, word in words.items():
            done = run(*arguments, "--lang", language, check=False, **options)
            said = done.stdout + done.stderr
            self.check(done.returncode != 0, f"{what} ({language}): fails", said)
            self.check(word in said, f"{what} ({language}): says '{word}'", said)
            self.check("Swift/" not in said and "Fatal" not in said, f"{what}: does not crash", said)


def configurations(cases, place):
    """An unknown key names the nearest known one; a wrong type names the key."""
    good = 'office = "upt-contoh-utara"\ntimezone = "Asia/Makassar"\n'
    terminal = '[[terminal]]\nname = "lobi"\ndriver = "zkteco"\nlink = "tcp://127.0.0.1:4370"\n'
    for name, text, words in [
        ("unknown key", good + terminal + "pol_s = 5\n", {"id": "poll_s", "en": "poll_s"}),
        ("wrong type", good + terminal + 'poll_s = "often"\n', {"id": "poll_s", "en": "poll_s"}),
        ("unknown zone", good.replace("Makassar", "Mars") + terminal, {"id": "timezone", "en": "timezone"}),
        ("unknown driver", good + terminal.replace("zkteco", "zktecco"), {"id": "zkteco", "en": "zkteco"}),
        ("no TOML", "office = = \n", {"id": "toml", "en": "toml"}),
    ]:
        path = place / "bad.toml"
        path.write_text(text)
        cases.speaks(name, words, program("titian"), "config", "check", "--config", path)
        done = run(program("titiand"), "--check", "--config", path, check=False)
        cases.check(done.returncode != 0, f"{name}: titiand --check refuses it", done.stderr)
    path = place / "server-bad.toml"
    path.write_text('listen = "127.0.0.1:0"\ndatta = "x"\n')
    done = run(program("titian-server"), "serve", "--config", path, check=False)
    cases.check(done.returncode != 0 and "data" in done.stdout + done.stderr,
                "server: an unknown key names the nearest", done.stderr)


def terminals(cases, place):
    """Another make on the port, a wrong key, nobody there."""
    anviz = Simulator("anviz", place, ["tcp:127.0.0.1:0"], "--records", 10, "--seed", 3)
    zk = Simulator("zkteco", place, ["tcp:127.0.0.1:0"], "--records", 10, "--seed", 4,
                   "--comm-key", 999)
    with running(anviz, zk):
        read = [program("titian"), "read"]
        cases.speaks("another make", {"id": "bukan", "en": "not a"},
                     *read, anviz.links[0], "--driver", "zkteco")
        cases.speaks("another make, the other way", {"id": "bukan", "en": "not a"},
                     *read, zk.links[0], "--driver", "anviz")
        cases.speaks("no communication key", {"id": "kunci", "en": "communication key"},
                     *read, zk.links[0], "--driver", "zkteco")
        key = place / "wrong.key"
        key.write_text("1\n")
        key.chmod(0o600)
        cases.speaks("wrong communication key", {"id": "kunci", "en": "communication key"},
                     *read, zk.links[0], "--driver", "zkteco", "--comm-key-file", key)
        key.write_text("999\n")
        done = run(*read, zk.links[0], "--driver", "zkteco", "--comm-key-file", key, "--json")
        cases.check(len(done.stdout.splitlines()) == 10, "the right key reads all", done.stdout)
    cases.speaks("nobody there", {"id": "tidak terjangkau", "en": "cannot be reached"},
                 *read, "tcp://127.0.0.1:9", "--driver", "zkteco")
    cases.speaks("no such port", {"id": "tidak ada", "en": "no port"},
                 *read, "serial:///dev/ttyNONE0?baud=9600", "--driver", "anviz")


def enrolment(cases, place, server):
    bridge = Bridge(place, [{"name": "lobi", "driver": "zkteco", "link": "tcp://127.0.0.1:9"}],
                    server.address)
    enroll = [program("titian"), "enroll", server.address, "-", *bridge.where]
    cases.speaks("not a code", {"id": "kode", "en": "code"}, *enroll, stdin="titian1.abc\n")
    expired = json.loads(server.command("enroll-code", "--office", OFFICE, "--days", "0", "--json").stdout)
    cases.speaks("expired code", {"id": "kedaluwarsa", "en": "expired"}, *enroll, stdin=expired["code"])
    code = server.enrolment_code()
    other = Server(place / "other")
    with running(other):
        other.add_office()
        foreign = [program("titian"), "enroll", other.address, "-", *bridge.where]
        cases.speaks("a server with another key", {"id": "kunci", "en": "key"}, *foreign,
                     stdin=code["code"])
        cases.speaks("a code of another centre", {"id": "kunci", "en": "key"}, *enroll,
                     stdin=other.enrolment_code()["code"])
    bridge.enroll(code)
    again = bridge.enroll(code)
    cases.check(again.returncode == 0, "the same box may ask again: an answer can be lost", again.stderr)
    (place / "twin").mkdir()
    twin = Bridge(place / "twin", [], server.address)
    cases.speaks("a code used twice", {"id": "sudah dipakai", "en": "used"}, program("titian"), "enroll",
                 server.address, "-", *twin.where, stdin=code["code"])


def post(server, body, encoding=None, path="/api/v1/sync"):
    request = urllib.request.Request(
        server.address + path, data=body, method="POST",
        headers={"Content-Type": "application/x-ndjson",
                 **({"Content-Encoding": encoding} if encoding else {})})
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with urllib.request.urlopen(request, context=context, timeout=60) as answer:
            return answer.status, answer.headers.get("Content-Type"), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers.get("Content-Type"), error.read()
    except (ConnectionError, urllib.error.URLError, TimeoutError) as error:
        return 0, "", str(error).encode()


def bodies(cases, server):
    def refused(what, status, *arguments, **options):
        code, kind, text = post(server, *arguments, **options)
        cases.check(code == status, f"{what}: {status}", (code, text))
        cases.check(kind and kind.startswith("application/problem+json"), f"{what}: a problem document", kind)
        problem = json.loads(text or b"{}")
        cases.check(problem.get("title") and problem.get("judul") and problem.get("code"),
                    f"{what}: in both languages", text)

    refused("not ours", 400, b"hello\n")
    refused("empty", 400, b"")
    refused("not gzip", 400, b"hello\n", encoding="gzip")
    refused("inflates without end", 413, gzip.compress(b"\0" * 200_000_000), encoding="gzip")
    refused("cut gzip", 400, gzip.compress(b"x" * 1000)[:30], encoding="gzip")
    refused("enrolment that is none", 400, b"[]", path="/api/v1/enrol")
    before = server.memory()["VmHWM"]
    cases.check(before < 400_000, "a bomb does not fill the server's memory", before)


def main():
    cases = Cases()
    with folder() as place:
        (place / "other").mkdir()
        configurations(cases, place)
        terminals(cases, place)
        server = Server(place)
        with running(server):
            server.add_office()
            enrolment(cases, place, server)
            bodies(cases, server)
            cases.check(server.command("verify", check=False).returncode == 0, "the books are whole")
    print(f"bad input: {cases.passed} passed, {cases.failed} failed")
    return 1 if cases.failed else 0


if __name__ == "__main__":
    sys.exit(main())
