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
HEADS = {"sets": "# ipset restore -exist", "iptables": "# iptables-restore --noflush --counters",
         "ip6tables": "# ip6tables-restore --noflush --counters"}
FAMILIES = ("iptables", "ip6tables")
RESTORE = ("--noflush", "--counters", "--wait", "10")
ENVIRONMENT = dict(os.environ, LC_ALL="C", PATH="/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin")
CALL = re.compile(r"-A (\S+) (.*-[jg] (%s\S+))\Z" % CHAIN)


class Refused(OSError):
    """A command did not do it; the text says which, and why."""


def load(text: str, boot: bool = False) -> None:
    """Sets first, for rules name them; both families are tried before either is changed.

    :raises Refused: where a command does
    """
    parts = divided(text)
    try:
        _run(["ipset", "restore", "-exist"], _without_remains(parts["sets"]))
        composed = {command: compose(parts[command], _run([command + "-save", "-t", "filter"]), boot) for command in FAMILIES}
        for command, rules in composed.items():
            _run([command + "-restore", "--test", *RESTORE], rules)
        for command, rules in composed.items():
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


def compose(rules: str, saved: str, boot: bool = False) -> str:
    """:param rules: what is wanted; :param saved: what is there; :returns: what brings one to the other, in one transaction"""
    there = [row[1:].split(" ")[0] for row in saved.splitlines() if row.startswith(":")]
    wanted = [row for row in rules.splitlines() if row.startswith(":")]
    stale = sorted({name for name in there if name.startswith(CHAIN)} - {row[1:].split(" ")[0] for row in wanted})
    made = boot and USER not in there
    place = USER if made or first(saved, "FORWARD") == "-j " + USER else "FORWARD"
    rows = ["*filter"] + wanted + [":%s - [0:0]" % name for name in stale]
    rows += [":%s - [0:0]" % USER, "-I FORWARD -j %s" % USER] if made else []
    rows += ["-D %s %s" % (found.group(1), found.group(2)) for found in map(CALL.match, saved.splitlines())
             if found and not found.group(1).startswith(CHAIN)]
    rows += [row.replace("-I %s " % USER, "-I %s " % place) for row in rules.splitlines() if row.startswith(("-", "["))]
    return "\n".join(rows + ["-X %s" % name for name in stale] + ["COMMIT"]) + "\n"


def first(saved: str, chain: str) -> str:
    return next((row[len(chain) + 4:] for row in saved.splitlines() if row.startswith("-A %s " % chain)), "")


def named(sets: str):
    return {row.split(" ")[1] for row in sets.splitlines() if row.startswith("create ")}


def sweep(wanted) -> None:
    """Takes away our sets that nothing names; one that a rule still uses stays."""
    for name in sorted(there() - wanted | there() & {SET + "new"}):
        _tried(["ipset", "destroy", name])


def there():
    return {name for name in _run(["ipset", "list", "-n"]).split() if name.startswith(SET)}


def _without_remains(sets: str) -> str:
    """A run that was killed may have left the one that is filled beside the old one."""
    return ("destroy %snew\n" % SET if SET + "new" in there() else "") + sets


def _tried(argv, given=""):
    return subprocess.run(argv, input=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT, universal_newlines=True,
                          timeout=60, check=False)


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
