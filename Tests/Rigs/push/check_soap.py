#!/usr/bin/env python3
"""The web server of older terminals: whole, cut at every byte, gone, and with a wrong key.

A server written with nothing but the standard library gives the published answer, byte by byte as it
was recorded, to `titian read http://…`. Only the whole answer, given twice, ends with 0.
"""

import http.server
import json
import os
import pathlib
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from titian_rig import folder, program, run  # noqa: E402

FIXTURE = pathlib.Path(os.environ.get("TITIAN_FIXTURES", "/nowhere")) / "zk/soap-getattlog-exchange.dat"


class Cases:
    def __init__(self):
        self.passed, self.failed = 0, 0

    def check(self, condition, what, seen=""):
        self.passed += bool(condition)
        self.failed += not condition
        if not condition:
            print(f"  FAILED: {what}\n    {str(seen)[:400]}")


class Server(http.server.BaseHTTPRequestHandler):
    body, status, key, questions = b"", 200, b"0", []

    def do_POST(self):
        question = self.rfile.read(int(self.headers["Content-Length"]))
        Server.questions.append((self.path, question))
        self.wfile.write(b"HTTP/1.0 %d x\r\nContent-Type: text/xml\r\nContent-Length: 99999\r\n\r\n" % Server.status)
        right = b"<ArgComKey xsi:type=\"xsd:integer\">%s</ArgComKey>" % Server.key in question
        self.wfile.write(Server.body if right else b"")

    def log_message(self, *_):
        pass


def read(port, *options):
    done = run(program("titian"), "read", f"http://127.0.0.1:{port}", "--driver", "zkteco", "--json", *options,
               check=False)
    return done, [json.loads(line) for line in done.stdout.splitlines() if '"pin"' in line]


def main():
    if not FIXTURE.exists():
        required = os.environ.get("TITIAN_REQUIRE_FIXTURES") == "1"
        print(f"soap: {'TITIAN_FIXTURES names no folder' if required else 'skipped, no TITIAN_FIXTURES'}")
        return 1 if required else 0
    cases = Cases()
    question, answer = FIXTURE.read_bytes().split(b"===RESPONSE===\n")
    truth = [("1001", "2026-03-02T07:29:58", 1, 0), ("1002", "2026-03-02T07:31:10", 0, 1)]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]

    Server.body = answer
    done, rows = read(port)
    found = [(r["pin"], r["time"], r["verify_no"] if "verify_no" in r else r["verify"],
              r["state_no"] if "state_no" in r else r["state"]) for r in rows]
    cases.check(done.returncode == 0 and [f[:2] for f in found] == [t[:2] for t in truth], "the recorded answer",
                (done.returncode, rows, done.stderr))
    cases.check(all(q == ("/iWsService", question.split(b"\r\n\r\n", 1)[1].strip()) for q in Server.questions),
                "is asked for as recorded", Server.questions[:1])
    cases.check(len(Server.questions) == 2, "and twice, because nothing else confirms it")

    end = answer.index(b"</GetAttLogResponse>") + len(b"</GetAttLogResponse>")
    for length in range(0, end, 1 if "--all" in sys.argv else 3):
        Server.body = answer[:length]
        done, rows = read(port)
        whole = answer[:length].count(b"</Row>")
        cases.check(done.returncode != 0, f"cut at {length}: never a whole log", done.stdout)
        cases.check([(r["pin"], r["time"]) for r in rows] == [t[:2] for t in truth[:whole]],
                    f"cut at {length}: its whole rows and no other", rows)
    Server.body, Server.key = answer, b"4711"
    done, rows = read(port)
    cases.check(done.returncode != 0 and "terminal.empty-or-wrong-key" in done.stdout + done.stderr and not rows,
                "a wrong key is not an empty log", (done.returncode, done.stdout, done.stderr))
    with folder() as place:
        key = place / "key"
        key.write_text("4711\n")
        done, rows = read(port, "--comm-key-file", key)
        cases.check(done.returncode == 0 and len(rows) == 2, "the right key", done.stderr)
    Server.status = 404
    done, rows = read(port)
    cases.check(done.returncode != 0 and "terminal.unsupported" in done.stdout + done.stderr, "no such service",
                done.stdout + done.stderr)
    server.shutdown()
    for link in ["serial:///dev/ttyUSB0", "usb://1b55:b400"]:
        done = run(program("titian"), "read", link, "--driver", "zkteco", "--json", check=False)
        cases.check(done.returncode != 0 and "line.unpublished" in done.stdout + done.stderr, f"{link} is named",
                    done.stdout + done.stderr)
    print(f"soap: {cases.passed} passed, {cases.failed} failed")
    return 1 if cases.failed else 0


if __name__ == "__main__":
    sys.exit(main())
