# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our own nftables table, as text: read whole, replaced whole. Decides nothing, and touches no other table."""
from __future__ import annotations

import re
import typing as t

from ..core.errors import EnvironmentFault
from . import ended
from .command import run

TABLE = ("inet", "fleetnet")
REMOVED = "table inet fleetnet\ndelete table inet fleetnet\n"  # the first makes sure that there is one to delete
CHAIN = re.compile(r"\tchain (\S+) \{")
COUNTED = re.compile(r'counter packets (?!0 )(\d+) bytes (\d+)(?= )(?=.* comment "([^"]*)"\Z)')


def listing() -> t.Optional[str]:
    """:returns: the table's text, empty where there is none, C(None) where nftables cannot be used

    :raises EnvironmentFault: without the right to look
    """
    done = run(["nft", "-y", "-p", "list", "table", *TABLE])
    if done.well:
        return done.out
    if done.code is None or "not supported" in done.err:
        return None
    if "Operation not permitted" in done.err:
        raise EnvironmentFault("nftables may not be read by this user; become root (become: true).")
    if "No such file or directory" in done.err:
        return ""
    raise EnvironmentFault("nft cannot list table %s: %s" % (" ".join(TABLE), _first(done.err)))


def load(text: str) -> None:
    """One transaction: all of it, or nothing. Lines that stay go on counting from what they have at the last moment."""
    there = listing() or ""
    done = run(["nft", "-f", "-"], counting_on(text, there))
    if not done.well:
        raise EnvironmentFault("nft refuses the rules, and none of them is in force: %s" % _first(done.err))
    ended.renew(ended.NFTABLES, there, text)


def counting_on(text: str, there: str) -> str:
    """:param text: where a line has counted, it is one that is there too; :param there: the table
    :returns: the text, such lines with the counters of the table; a comment that stands twice in a chain says nothing
    """
    now: t.Dict[t.Tuple[str, str], t.List[str]] = {}
    for chain, row, found in _counted(there):
        now.setdefault((chain, found.group(3)), []).append(found.group())
    rows = text.split("\n")
    for chain, row, found in _counted(text):
        known = now.get((chain, found.group(3)), ())
        if len(known) == 1:
            rows[row] = rows[row].replace(found.group(), known[0], 1)
    return "\n".join(rows)


def _counted(text: str) -> t.Iterator[t.Tuple[str, int, t.Match[str]]]:
    chain = ""
    for row, words in enumerate(text.split("\n")):
        heading, found = CHAIN.match(words), COUNTED.search(words)
        chain = heading.group(1) if heading else chain
        if found:
            yield chain, row, found


def _first(text: str) -> str:
    return (text.strip().splitlines() or ["no reason given"])[0][:300]
