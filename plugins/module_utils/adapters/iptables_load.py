# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loads a text for ipset, iptables and ip6tables, so that afterwards of ours is there what it names, and nothing else.

Uses the standard library only, so it is also a program of its own: C(python3 iptables_load.py FILE). With C(--boot) it makes
DOCKER-USER where there is none yet, as the engine would, which then keeps it and what is in it.
"""
from __future__ import annotations

import os
import re
import subprocess
import sys

CHAIN, SET, USER = "FLEETNET-", "fnet-", "DOCKER-USER"
FOLLOWERS = SET + "fresh"  # filled by the program that follows the engine, which may be at it just now
HEADS = {"sets": "# ipset restore -exist", "iptables": "# iptables-restore --noflush --counters",
         "ip6tables": "# ip6tables-restore --noflush --counters"}
FAMILIES = ("iptables", "ip6tables")
RESTORE = ("--noflush", "--counters", "--wait", "10")
ENVIRONMENT = dict(os.environ, LC_ALL="C", PATH="/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin")
CALL = re.compile(r"-A (\S+) (.*-[jg] (%s\S+))\Z" % CHAIN)
COUNTED = re.compile(r"(\[\d+:\d+\]) (?=-A )")
OWN = re.compile(r"(?:\[\d+:\d+\] )?-A (%s\S+) (.*)\Z" % CHAIN)
NUMBER = re.compile(r"(?<=--comment )\d+")


class Refused(OSError):
    """A command did not do it; the text says which, and why."""


def load(text: str, boot: bool = False) -> None:
    """Sets first, for rules name them; both families are tried before either is changed.

    :raises Refused: where a command does
    """
    parts = divided(text)
    try:
        _run(["ipset", "restore", "-exist"], _without_remains(parts["sets"]))
        saved = {command: _saved(command) for command in FAMILIES}
        stay = staying(parts, saved)
        composed = {command: compose(parts[command], saved[command], stay, boot) for command in FAMILIES}
        for command, rules in composed.items():
            _run([command + "-restore", "--test", *RESTORE], rules)
        # Read again at the last moment, for what is counted between reading and loading is lost.
        for command, rules in counting_on(composed, {command: _saved(command) for command in FAMILIES}, stay).items():
            _run([command + "-restore", *RESTORE], rules)
    finally:
        sweep(named(parts["sets"]))


def divided(text: str):
    """:returns: the text's part for each command"""
    found = {name: [] for name in HEADS}
    heads, rows = {head: name for name, head in HEADS.items()}, []
    for row in text.splitlines():
        if row in heads:
            rows = found[heads[row]]
        else:
            rows.append(row)
    return {name: "".join(row + "\n" for row in rows) for name, rows in found.items()}


def compose(rules: str, saved: str, stay=frozenset(), boot: bool = False) -> str:
    """:param rules: what is wanted; :param saved: what is there; :param stay: the lines whose rules need no change but of place

    :returns: what brings one to the other, in one transaction
    """
    saved = COUNTED.sub("", saved)
    there = [row[1:].split(" ")[0] for row in saved.splitlines() if row.startswith(":")]
    wanted = [row[1:].split(" ")[0] for row in rules.splitlines() if row.startswith(":")]
    edits = {name: edited(name, rules, saved, stay) if name in there else None for name in wanted}
    emptied = [name for name in wanted if edits[name] is None]
    stale = sorted({name for name in there if name.startswith(CHAIN)} - set(wanted))
    made = boot and USER not in there
    place = USER if made or first(saved, "FORWARD") == "-j " + USER else "FORWARD"
    rows = ["*filter"] + [":%s - [0:0]" % name for name in emptied + stale]
    rows += [":%s - [0:0]" % USER, "-I FORWARD -j %s" % USER] if made else []
    rows += ["-D %s %s" % (found.group(1), found.group(2)) for found in map(CALL.match, saved.splitlines())
             if found and not found.group(1).startswith(CHAIN)]
    for name in wanted:
        rows += [row for _rule, row in _own(rules) if OWN.match(row).group(1) == name] if name in emptied else edits[name]
    rows += [row.replace("-I %s " % USER, "-I %s " % place) for row in rules.splitlines() if row.startswith("-I ")]
    rows += ["-X %s" % name for name in stale] + ([] if wanted else unused(saved))
    return "\n".join(rows + ["COMMIT"]) + "\n"


def unused(saved: str):
    """:returns: what takes DOCKER-USER away where C(--boot) made it for an engine that keeps none: it has other chains of that name, too"""
    others = [row for row in saved.splitlines() if row.startswith(":DOCKER") and not row.startswith(":%s " % USER)]
    held = [row for row in saved.splitlines() if row.startswith("-A %s " % USER) and not CALL.match(row)]
    calls = [row for row in saved.splitlines() if row.endswith((" -j " + USER, " -g " + USER))]
    if others or held or calls != ["-A FORWARD -j " + USER]:
        return []
    return ["-D FORWARD -j %s" % USER, "-X %s" % USER]


def edited(chain: str, rules: str, saved: str, stay):
    """A rule that nobody touches loses no packet it counts; one that is put back does, by what comes meanwhile.

    :returns: what comes after the rules that stay where they are, taken away and appended anew, or C(None) where none stays
    """
    old = [_spelled(row) for _rule, row in _own(saved) if OWN.match(row).group(1) == chain]
    new = [row for _rule, row in _own(rules) if OWN.match(row).group(1) == chain]
    kept = 0
    # A line's rules stay only all together; what is no line of its own stays where it reads the same.
    while kept < min(len(old), len(new)) and _line_of(new[kept]) in stay | {None} and old[kept] == _spelled(new[kept]):
        kept += 1
    return ["-D %s %d" % (chain, place) for place in range(len(old), kept, -1)] + new[kept:] if kept or not new else None


def first(saved: str, chain: str) -> str:
    return next((row[len(chain) + 4:] for row in saved.splitlines() if row.startswith("-A %s " % chain)), "")


def staying(wanted, saved):
    """A line is several rules, of both families; its count, given in the first of them, may be spread over all where all stay.

    :param wanted: the rules for each command; :param saved: those that are there
    :returns: the lines, as (chain, number), that have all their rules there
    """
    there_now = {command: {rule for rule, _row in _own(saved[command])} for command in FAMILIES}
    found = [(_line_of(row), rule in there_now[command]) for command in FAMILIES for rule, row in _own(wanted[command])]
    return {line for line, stays in found if line} - {line for line, stays in found if not stays}


def counting_on(composed, saved, lines):
    """:returns: what is to be loaded, the given lines with the counts they have by now: all of a line's in the first rule put back

    For ip6tables 1.8.9 with nf_tables takes no counter at all.
    """
    first, counts, now = {}, {}, {}
    for command in FAMILIES:
        for rule, row in _own(saved[command]):
            now.setdefault((command, rule), []).append([int(number) for number in COUNTED.match(row).group(1).strip("[]").split(":")])
        for rule, row in _own(composed[command]):
            if _line_of(row) in lines and now.get((command, rule)):
                place = first.setdefault(_line_of(row), (command, row))
                packets, size = now[command, rule].pop(0)
                counts[command, row] = (0, 0)
                counts[place] = (counts[place][0] + packets, counts[place][1] + size)
    return {command: "".join("[%d:%d] %s\n" % (*counts[command, row], COUNTED.sub("", row)) if (command, row) in counts else row + "\n"
                             for row in rules.splitlines()) for command, rules in composed.items()}


def _own(rows: str):
    """:returns: of each rule in our chains (chain, its words without the line's number), and the row"""
    for row in rows.splitlines():
        found = OWN.match(row)
        if found:
            yield (found.group(1), NUMBER.sub("", _spelled(row), count=1)), row


def _spelled(row: str) -> str:
    """A rule's words, whether iptables wrote them or this collection."""
    return OWN.match(row).group(2).replace('"', "").replace("\\", "").replace("/32 ", " ").replace("/128 ", " ")


def _line_of(row: str):
    number = NUMBER.search(_spelled(row))
    return (OWN.match(row).group(1), number.group()) if number else None


def named(sets: str):
    return {row.split(" ")[1] for row in sets.splitlines() if row.startswith("create ")}


def sweep(wanted) -> None:
    """Takes away our sets that nothing names; one that a rule still uses stays."""
    for name in sorted(there() - wanted - ({FOLLOWERS} if wanted else set()) | there() & {SET + "new"}):
        _tried(["ipset", "destroy", name])


def there():
    return {name for name in _run(["ipset", "list", "-n"]).split() if name.startswith(SET)}


def _without_remains(sets: str) -> str:
    """A run that was killed may have left the one that is filled beside the old one."""
    return ("destroy %snew\n" % SET if SET + "new" in there() else "") + sets


def _saved(command: str) -> str:
    return _run([command + "-save", "-c", "-t", "filter"])


def _tried(argv, given=""):
    return subprocess.run(argv, input=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE,  # pylint: disable=ansible-bad-function  # a program of its own
                          env=ENVIRONMENT, universal_newlines=True, timeout=60, check=False)


def _run(argv, given=""):
    try:
        done = _tried(argv, given)
    except OSError as reason:
        raise Refused("%s cannot be run (%s)" % (argv[0], reason.strerror)) from reason
    except subprocess.TimeoutExpired as reason:
        raise Refused("%s did not end within 60 s" % argv[0]) from reason
    if done.returncode:
        told = [row for row in done.stderr.strip().splitlines() if not row.startswith(("Try ", "# Warning"))]
        raise Refused("%s refuses it: %s" % (argv[0], " ".join(told)[:300] or "no reason given"))
    return done.stdout


def main(words):
    """:param words: C(--boot) or nothing, then files; without a file what comes in is loaded"""
    texts = []
    for path in [word for word in words if word != "--boot"]:
        with open(path, encoding="utf-8") as stream:
            texts.append(stream.read())
    for text in texts or [sys.stdin.read()]:
        load(text, "--boot" in words)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (Refused, OSError) as trouble:
        raise SystemExit(str(trouble)) from trouble
