#!/usr/bin/env python3
"""Fuzzes every decoder of bytes from outside: `fuzz.py short` about a minute, `fuzz.py long` for hours.

The short form tries as good as the same inputs each time: new ones are what the long form is for. FUZZ_SECONDS
is the time for each target there (600), FUZZ_TARGETS a few of their names.
`fuzz.py keep` makes the kept corpus anew from all that was found; read the diff before committing it.
Findings lie in .build-fuzz/findings: `titian-fuzz TARGET FILE` shows one again.
"""

import ctypes
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / ".build-fuzz"
PROGRAM = BUILD / "release/titian-fuzz"
KEPT = ROOT / "Tests/Fixtures/corpus"
# What grew out of recordings of real terminals is never kept in the repository.
OWN = BUILD / "corpus"
FOUND = BUILD / "corpus-with-fixtures" if os.environ.get("TITIAN_FIXTURES") else OWN
FINDINGS = BUILD / "findings"
# Swift's own report of a trap would stand before libFuzzer's, which saves the input.
ENVIRONMENT = os.environ | {
    "TITIAN_FUZZ": "1", "SWIFT_BACKTRACE": "enable=no", "SWIFT_DETERMINISTIC_HASHING": "1"}
# What each target of the short form costs, in a count that is the same on every machine.
SHORT_RUNS = 8_000
# The program itself stops at a second of the processor and at too many bytes for an input; these
# are for what never comes back.
LIMITS = ["-timeout=25", "-rss_limit_mb=512", "-malloc_limit_mb=64"]
# What is kept: so many inputs of a target at most, none longer than this.
MOST_KEPT, LONGEST_KEPT = 16, 1536


def build():
    flags = ["-c", "release", "-Xswiftc", "-sanitize=fuzzer", "-Xswiftc", "-enable-testing"]
    subprocess.run(
        ["swift", "build", "--scratch-path", BUILD, *flags, "--product", "titian-fuzz"],
        cwd=ROOT, env=ENVIRONMENT, check=True)


def stay_in_place():
    """Memory at the same addresses each time: what is compared steers the fuzzer."""
    no_random_addresses = 0x0040000
    ctypes.CDLL(None).personality(no_random_addresses)


def run(*words, **more):
    return subprocess.run([PROGRAM, *map(str, words)], env=ENVIRONMENT, text=True, preexec_fn=stay_in_place, **more)


def targets():
    wanted = os.environ.get("FUZZ_TARGETS", "").split()
    listed = run("list", capture_output=True, check=True).stdout.split("\n")
    pairs = [line.split() for line in listed if line]
    return [(name, int(longest)) for name, longest in pairs if not wanted or name in wanted]


def seeds(name, folder):
    folder.mkdir(parents=True, exist_ok=True)
    run("seeds", name, folder, check=True)
    return folder


def fuzz(name, longest, limits, corpus, more=()):
    """One run. The new inputs go to the first folder, the others are only read."""
    folders = [corpus, *(folder for folder in more if folder.is_dir())]
    FINDINGS.mkdir(parents=True, exist_ok=True)
    result = run(
        name, *LIMITS, *limits, f"-max_len={longest}", "-print_final_stats=1",
        "-reload=0", f"-artifact_prefix={FINDINGS}/{name}-", *folders,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, errors="replace")
    return result.returncode, result.stderr


def number(pattern, text):
    found = re.findall(pattern, text)
    return int(found[-1]) if found else 0


def report(name, code, log):
    runs = number(r"number_of_executed_units: (\d+)", log)
    cover, peak = number(r"cov: (\d+)", log), number(r"peak_rss_mb: +(\d+)", log)
    print(f"{name:18} {runs:12,} runs {cover:6} edges {peak:4} MB  {'good' if code == 0 else 'FOUND'}", flush=True)
    if code:
        interesting = [line for line in log.splitlines() if re.search(r"BROKEN|ERROR|SUMMARY|written to|Fatal", line)]
        print("\n".join(interesting[-8:] or log.splitlines()[-8:]), flush=True)
    return runs


def prove_that_it_bites():
    """A mistake put in on purpose has to be found, or the fuzzer is blind."""
    with tempfile.TemporaryDirectory(prefix="titian-fuzz-") as scratch:
        result = run(
            "control", "-seed=1", "-max_total_time=60", "-print_final_stats=1", f"-artifact_prefix={scratch}/", scratch,
            capture_output=True, errors="replace")
    if "deadly signal" not in result.stderr:
        sys.exit("the control is not found: the fuzzer sees nothing\n" + result.stderr[-500:])
    runs = number(r"number_of_executed_units: (\d+)", result.stderr)
    print(f"control            found after {runs:,} runs", flush=True)


def fuzz_all(is_short):
    prove_that_it_bites()
    chosen = targets()
    limits = ["-seed=1", f"-runs={SHORT_RUNS}"] if is_short else [
        f"-max_total_time={os.environ.get('FUZZ_SECONDS', 600)}"]
    start, failed, total = time.monotonic(), [], 0
    with tempfile.TemporaryDirectory(prefix="titian-fuzz-") as scratch:
        scratch = pathlib.Path(scratch)
        for name, longest in chosen:
            corpus = scratch / name if is_short else FOUND / name
            corpus.mkdir(parents=True, exist_ok=True)
            first = seeds(name, scratch / f"{name}-seeds")
            code, log = fuzz(name, longest, limits, corpus, [KEPT / name, first])
            total += report(name, code, log)
            if code:
                failed.append(name)
    print(f"{total:,} runs in {time.monotonic() - start:.0f} s")
    if failed:
        sys.exit(f"something is found in: {', '.join(failed)}")
    if run("memory").returncode:
        sys.exit("a decoder holds too much memory")


def keep():
    """The inputs that together reach what is reached, without those of real terminals."""
    ENVIRONMENT.pop("TITIAN_FIXTURES", None)
    for name, longest in targets():
        with tempfile.TemporaryDirectory(prefix="titian-fuzz-") as scratch:
            scratch = pathlib.Path(scratch)
            first, merged = seeds(name, scratch / "seeds"), scratch / "merged"
            merged.mkdir()
            sources = [folder for folder in (KEPT / name, first, OWN / name) if folder.is_dir()]
            run(name, "-merge=1", f"-max_len={min(longest, LONGEST_KEPT)}", *LIMITS, merged, *sources,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
            inputs = sorted(merged.iterdir(), key=lambda path: path.stat().st_size, reverse=True)
            shutil.rmtree(KEPT / name, ignore_errors=True)
            (KEPT / name).mkdir(parents=True)
            # Those with the most in them reach the most; the small ones are found again at once.
            for path in inputs[:MOST_KEPT]:
                shutil.copy(path, KEPT / name / path.name[:12])


def main():
    what = sys.argv[1] if len(sys.argv) == 2 else ""
    if what not in ("short", "long", "keep"):
        sys.exit(__doc__)
    build()
    if what == "keep":
        keep()
    else:
        fuzz_all(what == "short")


if __name__ == "__main__":
    main()
