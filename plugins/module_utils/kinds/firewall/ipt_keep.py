# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What iptables and ipset print of our own chains and sets, as a text that can be loaded again just so."""
from __future__ import annotations

import typing as t

from .ipt_filter import table
from .ipt_read import divided
from .ipt_sets import FRESH
from .ipt_table import CHAIN, FAMILIES, HEADS, SET


def loadable(listing: str) -> str:
    """Somebody else's chains and sets are left out; the jumps are put in front again."""
    parts = divided(listing)
    rows = [HEADS["sets"], *_sets(parts["sets"])]
    for family in FAMILIES:
        found = table(parts[family])
        rows += [HEADS[family], "*filter", *(":%s - [0:0]" % name for name in found.own)]
        rows += ["[%d:%d] -A %s %s" % (*counter, name, text) for name in found.own for counter, text in found.chains[name]]
        rows += ["-I %s %s" % (name, text) for name, texts in found.chains.items() if not name.startswith(CHAIN)
                 for _counter, text in texts if "-j " + CHAIN in text]
        rows.append("COMMIT")
    return "\n".join(rows) + "\n"


def _sets(text: str) -> t.Iterator[str]:
    held: t.Dict[str, t.Tuple[str, t.List[str]]] = {}
    for row in text.splitlines():
        word, name, rest = (row.split(" ", 2) + ["", ""])[:3]
        if word == "create" and name.startswith(SET):
            held[name] = (rest, [])
        elif word == "add" and name in held:
            held[name][1].append(rest)
        elif word == "swap" and name in held:
            held[rest] = held.pop(name)
    for name, (kind, elements) in held.items():
        yield from ("create %s %s" % (name, kind), "create %s %s" % (FRESH, kind), *("add %s %s" % (FRESH, element) for element in elements),
                    "swap %s %s" % (FRESH, name), "destroy %s" % FRESH)
