"""What the built programs say of themselves, for the manual pages and the reference."""

import json
import os
import subprocess

LOCALES = {"en": "en_US.UTF-8", "id": "id_ID.UTF-8"}


def described(binaries, program, language):
    """A program's commands, as its parser dumps them in one language."""
    words = {**os.environ, "LANG": LOCALES[language], "LC_ALL": "", "LC_MESSAGES": "", "LANGUAGE": ""}
    done = subprocess.run([binaries / program, "--experimental-dump-help"], check=True, capture_output=True, env=words)
    return json.loads(done.stdout)["command"]


def shown(argument):
    """`--from SEQ`, `-o, --output FILE`, `FILE…`, `--lang id|en`, as a reader types it."""
    value = argument.get("valueName", "")
    value = value if "|" in value else value.upper()
    if argument["kind"] == "positional":
        return value + ("…" if argument.get("isRepeating") else "")
    names = ", ".join(("-" if name["kind"] == "short" else "--") + name["name"] for name in argument["names"])
    return f"{names} {value}" if argument["kind"] == "option" else names
