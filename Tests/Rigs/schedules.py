#!/usr/bin/env python3
"""Whatever way the calls go, the centre's count is the same: random schedules against the real server, over TLS.

Each schedule is an office with one terminal and up to four journals that speak of its punches: the box's own, a
second box that reads the same terminal, a stick's rows, the journal that follows a repair; and sometimes the box of
another office, whose word about this terminal waits for an operator and counts nothing. Their entries are cut
into calls at random; calls are repeated, overlap, come in the wrong order, leave gaps, are damaged, are sent by
several at the same instant, and the server is killed and started in between. In the end each punch is counted once
with exactly the sightings that were sent, `acked_through` was at every step what the chain allows, and every chain
verifies. The controls: a truth with one punch less or more is noticed, and a centre whose books have lost the
unique key of a punch counts double.

SCHEDULES says how many; 300 in the short form, 10,000 with FULL=1.
"""

import collections
import concurrent.futures
import datetime
import hashlib
import http.client
import os
import random
import sqlite3
import sys
import threading
import time

from oracle import Broken, Case
from paper_bridge import Key, Line, PaperBridge
from titian_rig import Server, folder, running

SCHEDULES = int(os.environ.get("SCHEDULES", 10_000 if os.environ.get("FULL") else 300)) // 2 * 2  # offices are neighbours in pairs
SEED = int(os.environ.get("SEED", 20_261))
BLOCK = 100  # schedules that run beside each other
KILLS = 3  # of the server, in each block
WORKERS = 6
RANK = {"live": 0, "stick": 1, "push": 2, "log": 3}
START = datetime.datetime(2026, 11, 20, 7, 0, 0)


def office(n):
    return f"kantor-{n:05}"


def key(n, box):
    return Key(hashlib.sha256(f"{SEED} {n} {box}".encode()).digest())


class Books:
    """One journal of a schedule, and how far the centre must have it."""

    def __init__(self, bridge):
        self.bridge = bridge
        self.head = 0
        self.sent = []

    @property
    def end(self):
        return len(self.bridge.lines)


class Schedule:
    """One office: its truth, its journals, and the order in which things happen."""

    def __init__(self, n):
        self.n = n
        self.dice = random.Random(f"{SEED} {n}")
        self.terminal = f"zkteco:SCHED{n:07}"
        self.truth = self.punches()
        self.seen = collections.defaultdict(list)  # what each identity was said to be, in any journal
        self.books = [Books(self.journal(box, vias)) for box, vias in [
            (0, ["log", "live"]), (1, ["log", "push"]), (0, ["stick"]), (1, ["log"])][:self.dice.randint(1, 4)]]
        self.stranger = self.elsewhere() if self.dice.random() < 0.3 else None
        self.counts = collections.Counter()

    def elsewhere(self):
        """The neighbouring office's box has read this terminal too."""
        bridge = PaperBridge(office(self.n ^ 1), key(self.n ^ 1, 0), journal=self.dice.randbytes(16).hex())
        for pin, when in self.dice.sample(self.truth, self.dice.randint(1, len(self.truth))):
            bridge.punch(self.terminal, pin, when.isoformat())
        return Books(bridge)

    def punches(self):
        """Several in one second, and PINs that differ only by leading zeros."""
        found = set()
        while len(found) < self.dice.randint(2, 9):
            found.add((str(self.dice.randint(1, 40)), START + datetime.timedelta(seconds=self.dice.randint(0, 12))))
        return sorted(found)

    def journal(self, box, vias):
        """The box's first journal holds every punch, the others some of them; each may see one again."""
        bridge = PaperBridge(office(self.n), key(self.n, box), journal=self.dice.randbytes(16).hex())
        bridge.add("bridge", event="start", detail="titiand 0.2")
        rows = list(self.truth) if not hasattr(self, "books") and not self.seen else \
            self.dice.sample(self.truth, self.dice.randint(1, len(self.truth)))
        rows += [row for row in rows if self.dice.random() < 0.25]
        for pin, when in rows:
            via, verify = self.dice.choice(vias), self.dice.choice([("finger", 1), ("card", 4), ("password", 3)])
            shown = pin.zfill(self.dice.choice([1, 4, 8]))
            bridge.punch(self.terminal, shown, when.isoformat(), via, *verify)
            self.seen[pin, when].append((via, verify[0]))
            if self.dice.random() < 0.15:
                bridge.add("oddity", terminal=self.terminal, reason="impossible date", via="log", raw=self.dice.randbytes(8).hex())
        return bridge

    # The calls.

    def run(self, lines):
        """Until every journal is at the centre; then some of it once more."""
        while open_books := [b for b in self.known() if b.head < b.end]:
            self.step(self.dice.choice(open_books), lines)
        for books in self.known():
            if self.dice.random() < 0.5:
                self.replay(books, lines)
            self.expect(lines[0], books, books.bridge.call(books.end + 1, books.end), books.end)  # the heartbeat

    def known(self):
        """A terminal belongs to the office that speaks of it first."""
        return self.books + ([self.stranger] if self.stranger and self.books[0].head > 1 else [])

    def step(self, books, lines):
        kinds = [self.forward, self.overlap, self.replay, self.gap, self.twins, self.race, self.damaged, self.swap, self.fork]
        act = self.dice.choices(kinds, [6, 4, 2, 2, 2, 2, 1, 2, 1])[0]
        self.counts[act.__name__] += 1
        act(books, lines)

    def cut(self, books, first):
        return self.dice.randint(first, books.end)

    def forward(self, books, lines):
        first = books.head + 1
        self.send(lines[0], books, first, self.cut(books, first))

    def overlap(self, books, lines):
        first = self.dice.randint(1, books.head + 1)
        self.send(lines[0], books, first, self.cut(books, first))

    def replay(self, books, lines):
        """The very bytes of an earlier call."""
        if books.sent:
            self.expect(lines[0], books, self.dice.choice(books.sent), books.head)

    def gap(self, books, lines):
        """The centre names the entry it wants."""
        if books.head + 2 > books.end:
            return
        first = self.dice.randint(books.head + 2, books.end)
        status, answer = post(lines[0], books.bridge.call(first, self.cut(books, first)))
        if (status, answer.get("code"), answer.get("send_from")) != (409, "journal-gap", books.head + 1):
            raise Broken(f"schedule {self.n}: {status} {answer} for a gap after {books.head}")
        self.send(lines[0], books, answer["send_from"], self.cut(books, answer["send_from"]))

    def swap(self, books, lines):
        """Two calls in the wrong order, and the late one again."""
        if books.head + 2 > books.end:
            return
        middle = self.dice.randint(books.head + 1, books.end - 1)
        late = books.bridge.call(middle + 1)
        status, _ = post(lines[0], late)
        if status != 409:
            raise Broken(f"schedule {self.n}: {status} for a call that came too early")
        self.send(lines[0], books, books.head + 1, middle)
        self.expect(lines[0], books, late, books.end)

    def damaged(self, books, lines):
        """One byte of what is signed is another: refused, and nothing of it stays."""
        body = bytearray(books.bridge.call(books.head + 1))
        body[self.dice.randrange(body.rindex(b'{"head"'))] ^= 1 << self.dice.randrange(7)
        status, answer = post(lines[0], bytes(body))
        if status not in (400, 401):
            raise Broken(f"schedule {self.n}: {status} {answer} for a damaged call")

    def fork(self, books, lines):
        """A clone with the same key has told one entry differently: refused, and nothing of it is counted."""
        if not books.head:
            return
        clone = PaperBridge(books.bridge.office, books.bridge.key, books.bridge.journal)
        clone.lines, clone.heads = books.bridge.lines[:books.head - 1], books.bridge.heads[:books.head]
        for n in range(2):
            clone.punch(self.terminal, "666", f"2026-11-20T09:00:0{n}")
        status, answer = post(lines[0], clone.call(self.dice.randint(1, books.head)))
        if (status, answer.get("code")) != (409, "journal-forked"):
            raise Broken(f"schedule {self.n}: {status} {answer} for another entry {books.head}")

    def twins(self, books, lines):
        """The same bytes by three at one instant."""
        first = self.dice.randint(1, books.head + 1)
        last = self.cut(books, first)
        body = books.bridge.call(first, last)
        self.together(books, lines, [(body, last)] * len(lines))

    def race(self, books, lines):
        """Three ways of cutting the same stretch at one instant."""
        ways = []
        for _ in lines:
            first = self.dice.randint(1, books.head + 1)
            last = self.cut(books, first)
            ways.append((books.bridge.call(first, last), last))
        self.together(books, lines, ways)

    def together(self, books, lines, ways):
        answers = [None] * len(ways)

        def one(n):
            answers[n] = post(lines[n], ways[n][0])

        threads = [threading.Thread(target=one, args=(n,)) for n in range(1, len(ways))]
        for thread in threads:
            thread.start()
        one(0)
        for thread in threads:
            thread.join()
        before, books.head = books.head, max([books.head] + [last for _, last in ways])
        books.sent += [body for body, _ in ways]
        for (_, last), (status, answer) in zip(ways, answers):
            if status != 200 or not max(before, last) <= answer["acked_through"] <= books.head:
                raise Broken(f"schedule {self.n}: {status} {answer} for one of several at once, through {last}")
            self.check_head(books, answer)

    def send(self, line, books, first, last):
        body = books.bridge.call(first, last)
        books.sent.append(body)
        self.expect(line, books, body, max(books.head, last))

    def expect(self, line, books, body, head):
        status, answer = post(line, body)
        if status != 200 or answer["acked_through"] != head:
            raise Broken(f"schedule {self.n}: {status} {answer}, not acknowledged through {head}")
        books.head = head
        self.check_head(books, answer)

    def check_head(self, books, answer):
        if answer["head"] != books.bridge.heads[answer["acked_through"]].hex():
            raise Broken(f"schedule {self.n}: the head at {answer['acked_through']} is another")

    # The truth.

    def expected(self):
        """(pin, time): how often it was seen, by what way at best, and the ways of proof that may stand there."""
        rows = {}
        for (pin, when), said in self.seen.items():
            best = max((via for via, _ in said), key=RANK.get)
            rows[pin, when.isoformat()] = (len(said), best, {verify for via, verify in said if via == best})
        return rows


unanswered = []  # calls that a restart has cut


def post(line, body):
    """Sends until there is an answer: a call whose answer was lost is sent again, as a bridge does."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        try:
            status, answer = line.sync(body)
            if status != 503:
                return status, answer
        except (OSError, ValueError, http.client.HTTPException):
            unanswered.append(len(body))
            line.close()
        time.sleep(0.2)
    raise TimeoutError("no answer within two minutes")


def judge(store, schedules):
    """What is wrong with the centre's count; empty if it is the truth."""
    wrong = []
    for schedule in schedules:
        found = collections.defaultdict(list)
        for pin, seconds, sightings, via, verify in store.execute(
                "SELECT p.pin, p.time, p.sightings, p.via, p.verify FROM punch p JOIN office o ON o.id = p.office"
                " JOIN terminal t ON t.id = p.terminal WHERE o.name = ? AND t.name = ?",
                (office(schedule.n), schedule.terminal)):
            when = datetime.datetime.fromtimestamp(seconds, datetime.UTC).replace(tzinfo=None).isoformat()
            found[pin, when].append((sightings, via, verify))
        expected = schedule.expected()
        for row in expected.keys() | found.keys():
            if row not in found:
                wrong.append(("lost", schedule.n, row))
            elif row not in expected:
                wrong.append(("invented", schedule.n, row))
            elif len(found[row]) > 1:
                wrong.append(("double", schedule.n, row))
            else:
                (sightings, via, verify), (seen, best, proofs) = found[row][0], expected[row]
                if (sightings, via) != (seen, RANK[best]) or verify not in proofs:
                    wrong.append(("sightings", schedule.n, row, found[row][0], expected[row]))
        counted = store.execute("SELECT punches FROM office WHERE name = ?", (office(schedule.n),)).fetchone()[0]
        if counted != len(schedule.truth):
            wrong.append(("the office's own count", schedule.n, counted, len(schedule.truth)))
        waiting = store.execute("SELECT count(*) FROM waiting w JOIN terminal t ON t.id = w.terminal WHERE t.name = ?",
                                (schedule.terminal,)).fetchone()[0]
        if waiting != (schedule.stranger.end if schedule.stranger else 0):
            wrong.append(("entries from elsewhere that wait", schedule.n, waiting))
    return wrong


def store_of(server):
    return sqlite3.connect(f"file:{server.data}/centre.db?mode=ro", uri=True, timeout=30)


def block(server, numbers, pool):
    """Runs some schedules beside each other; the server dies in the middle of them, several times."""
    schedules = [Schedule(n) for n in numbers]
    broken = []

    def worker(mine):
        lines = [Line(server.address) for _ in range(3)]
        try:
            for schedule in mine:
                schedule.run(lines)
                done.append(schedule)
        except Broken as error:
            broken.append(str(error))
        finally:
            for line in lines:
                line.close()

    done = []
    running_ones = [pool.submit(worker, schedules[n::WORKERS]) for n in range(WORKERS)]
    for part in range(1, KILLS + 1):
        while len(done) < part * len(schedules) // (KILLS + 1) and not broken and not all(r.done() for r in running_ones):
            time.sleep(0.005)
        server.kill()
        server.start()
    for one in running_ones:
        one.result()
    if broken:
        raise Broken("; ".join(broken[:3]))
    return schedules


def prepared(server, numbers):
    """All offices in one file, all bridges in the books: a code each would take hours."""
    rows = server.folder / "many.csv"
    rows.write_text("id,name,zone,stage,contact\n" + "".join(f"{office(n)},Kantor {n},Asia/Makassar,aktif,\n" for n in numbers))
    server.command("office", "import", rows, timeout=600)
    server.stop()
    with sqlite3.connect(server.data / "centre.db") as books:
        ids = dict(books.execute("SELECT name, id FROM office"))
        keys = [(key(n, box), ids[office(n)]) for n in numbers for box in (0, 1)]
        books.executemany("INSERT INTO bridge (name, key, office, hostname, enrolled_at) VALUES (?, ?, ?, 'kertas', 0)",
                          [(k.id, k.public, where) for k, where in keys])
    books.close()
    server.start()


def controls(server, schedules):
    """A wrong truth is noticed, and so are books that count twice; how many rows the latter cost."""
    store = store_of(server)
    one = Schedule(schedules[0].n)
    one.seen = dict(schedules[0].seen)
    gone = one.seen.pop(next(iter(one.seen)))
    if [w[0] for w in judge(store, [one])] != ["invented"]:
        raise Broken("a truth without one punch goes unnoticed: this rig proves nothing")
    one.seen = dict(schedules[0].seen) | {("999", START): gone}
    if [w[0] for w in judge(store, [one])] != ["lost"]:
        raise Broken("a truth with one punch more goes unnoticed: this rig proves nothing")
    store.close()


def without_unique_key():
    """The control: how many punches stand twice at a centre whose books have lost their unique key."""
    numbers = list(range(90_000, 90_030))
    with folder() as place:
        server = Server(place)
        with running(server), concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            prepared(server, numbers)
            server.stop()
            with sqlite3.connect(server.data / "centre.db") as books:
                (made,) = books.execute("SELECT sql FROM sqlite_master WHERE name = 'punch'").fetchone()
                books.execute("DROP TABLE punch")
                books.execute(made.replace(",\n    PRIMARY KEY (office, terminal, time, pin)", "").replace(", WITHOUT ROWID", ""))
            books.close()
            server.start()
            schedules = block(server, numbers, pool)
            store = store_of(server)
            wrong = judge(store, schedules)
            store.close()
            return sum(w[0] == "double" for w in wrong)


def main():
    case = Case("schedules", "calls repeated, cut elsewhere, reordered, at once, across restarts", "centre")
    steps = collections.Counter()
    with folder() as place:
        server = Server(place)
        with running(server), concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            numbers = list(range(SCHEDULES))
            prepared(server, numbers)
            for start in range(0, SCHEDULES, BLOCK):
                schedules = block(server, numbers[start:start + BLOCK], pool)
                store = store_of(server)
                wrong = judge(store, schedules)
                store.close()
                case.rounds += len(schedules)
                case.acknowledged += sum(len(s.truth) for s in schedules)
                case.lost += sum(w[0] == "lost" for w in wrong)
                case.double += sum(w[0] == "double" for w in wrong)
                if wrong:
                    raise Broken(f"{len(wrong)} wrong, e.g. {wrong[:3]} (SEED={SEED})")
                for schedule in schedules:
                    steps.update(schedule.counts)
                if start == 0:
                    controls(server, schedules)
                    told = {(p["terminal"], p["pin"], p["time"], p["sightings"]) for p in server.punches(office(0))}
                    assert told == {(schedules[0].terminal, pin, when, seen)
                                    for (pin, when), (seen, _, _) in schedules[0].expected().items()}, told
                if start % (20 * BLOCK) == 0:
                    print(f"  {case.rounds} schedules, {sum(steps.values())} steps", flush=True)
            if len(unanswered) < SCHEDULES // BLOCK:
                raise Broken("the restarts have cut no calls: this rig proves nothing")
            if wrong := case.payload(server, None):
                raise Broken("; ".join(wrong))
    print(f"  {len(unanswered)} calls were cut by a restart and sent again")
    print(f"  steps: {', '.join(f'{n} {what}' for what, n in steps.most_common())}")
    case.bites(without_unique_key())
    case.write()
    print("schedules: passed")


if __name__ == "__main__":
    sys.exit(main())
