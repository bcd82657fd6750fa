#!/usr/bin/env python3
"""Types the tutorial as it stands, in both languages, and compares what comes with what the page shows.

The commands of `docs/tutorials/from-nothing-to-first-punch.md` and of its Indonesian half are typed into a
shell on a pseudo terminal, one after the other, as a reader does. Behind a block `sh` a block `text` is what
has to come: its lines, in their order, `…` for anything, times and ids of any run. Names and counts have to be
the page's own.
"""

import os
import pathlib
import pty
import re
import select
import signal
import socket
import sys
import time

from bad_input import Cases
from titian_rig import ROOT

PAGES = {"en_US.UTF-8": "docs/tutorials/from-nothing-to-first-punch.md",
         "id_ID.UTF-8": "docs/tutorials/dari-nol-sampai-rekaman-pertama.md"}
BY_HAND = ("## The same by hand", "## Langkah demi langkah")
PLACE = pathlib.Path("/tmp/titian")
PORTS = (4370, 4371, 8443)
PROMPT = "<ready>"
ANSWERS = [("Password: ", "a long password"), ("Kata sandi: ", "kata sandi panjang"),
           ("Again: ", "a long password"), ("Sekali lagi: ", "kata sandi panjang"),
           ("Write it and start? [y]: ", ""), ("Tulis dan mulai? [y]: ", "")]
# Commands that may be typed twice.
LOOKS = re.compile(r"titian (status|punches)|titian-server punches")
# What differs from run to run.
VARIES = [(r"\d{4}-\d\d-\d\d", "DATE"), (r"\b\d\d:\d\d(:\d\d)?Z?", "TIME"), (r"\b[0-9a-f]{8}\b", "KEY")]


def steps(page):
    """Pairs of (commands, lines that have to come) of the part that is done by hand."""
    text = (ROOT / page).read_text()
    text = text[max(text.find(title) for title in BY_HAND):]
    blocks = re.findall(r"^```(sh|text)\n(.*?)^```$", text, re.M | re.S)
    for number, (kind, body) in enumerate(blocks):
        if kind == "sh":
            follows = blocks[number + 1] if number + 1 < len(blocks) else ("", "")
            yield commands(body), follows[1].splitlines() if follows[0] == "text" else []


def commands(block):
    """Each with its continuation lines and here-documents."""
    whole, end = "", None
    for line in block.splitlines():
        whole += line + "\n"
        if end is None and (begins := re.search(r"<<'(\w+)'", line)):
            end = begins.group(1)
        elif line == end:
            end = None
        if end is None and not line.endswith("\\"):
            yield whole
            whole = ""


def pattern(line):
    for varies, word in VARIES:
        line = re.sub(varies, word, line)
    return re.compile(".*".join(map(re.escape, line.strip().split("…"))))


def missing(shown, came):
    """The first line of the page that did not come after the one before it."""
    for varies, word in VARIES:
        came = re.sub(varies, word, came)
    lines = iter(came.splitlines())
    for line in shown:
        wanted = pattern(line)
        if line.strip() and not any(wanted.fullmatch(there.strip()) for there in lines):
            return line
    return None


class Shell:
    """A reader's bash, in a window of 120 columns."""

    def __init__(self, language):
        self.pid, self.file = pty.fork()
        if self.pid == 0:
            os.chdir(ROOT)
            os.environ.update(TERM="dumb", LANG=language, PS1=PROMPT, PS2="", COLUMNS="120", HISTFILE="")
            for name in ("LC_ALL", "LC_MESSAGES", "LANGUAGE"):
                os.environ.pop(name, None)
            os.execvp("bash", ["bash", "--norc", "--noprofile", "--noediting", "-i"])
        self.until_ready()
        self.type("stty -echo cols 120\n")

    def until_ready(self, seconds=90):
        """What comes until the next prompt; questions are answered as they are met."""
        seen, asked, end = "", 0, time.monotonic() + seconds
        while PROMPT not in seen:
            if time.monotonic() > end:
                raise TimeoutError(f"no prompt:\n{seen}")
            if not select.select([self.file], [], [], 1)[0]:
                continue
            seen += os.read(self.file, 65_536).decode(errors="replace")
            for question, answer in ANSWERS:
                if seen[asked:].endswith(question):
                    asked = len(seen)
                    os.write(self.file, answer.encode() + b"\n")
        return seen

    def type(self, command):
        os.write(self.file, command.encode())
        came = self.until_ready()
        if command.rstrip().endswith("&"):
            time.sleep(1)  # nobody types faster than a program starts
            os.write(self.file, b"\n")
            came += self.until_ready()
        return came.replace("\r", "").replace(PROMPT, "")

    def end(self):
        os.kill(self.pid, signal.SIGHUP)
        os.close(self.file)
        os.waitpid(self.pid, 0)


def daemons():
    """Programs that were started for the tutorial's folder, by their arguments."""
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"/tmp/titian/control.sock" in words and words[0].endswith(b"titiand"):
            yield int(entry.name)


def read(cases, page, language):
    shell = Shell(language)
    try:
        for typed, shown in steps(page):
            typed = list(typed)
            came = [shell.type(command) for command in typed]
            end = time.monotonic() + 30
            while (lacks := missing(shown, "".join(came))) and time.monotonic() < end:
                time.sleep(1)  # a busy machine; a reader would look again, too
                came = [shell.type(command) if LOOKS.match(command) else said for command, said in zip(typed, came)]
            cases.check(lacks is None, f"{page} shows {lacks!r}; what came:\n{''.join(came)}")
    finally:
        shell.end()
    end = time.monotonic() + 10
    while (left := list(daemons())) and time.monotonic() < end:
        time.sleep(0.1)
    cases.check(not left and not PLACE.exists(), f"{page} leaves something behind: {left}")
    for pid in left:
        os.kill(pid, signal.SIGTERM)


def main():
    busy = [port for port in PORTS if not socket.socket().connect_ex(("127.0.0.1", port))]
    if busy or PLACE.exists():
        print(f"the tutorial needs {PLACE} and the ports {PORTS} for itself: {busy or 'the folder is there'}")
        return 1
    cases = Cases()
    for language, page in PAGES.items():
        read(cases, page, language)
    print(f"tutorial: {cases.passed} passed, {cases.failed} failed")
    return 1 if cases.failed else 0


if __name__ == "__main__":
    sys.exit(main())
