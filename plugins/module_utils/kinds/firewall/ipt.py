# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A ruleset as one text in three parts: for C(ipset restore), and for C(iptables-restore --noflush) of each family.

The rules of one family change at once. The text says what is to be there; what loads it takes away what it does not name, and puts the
jumps in front: from INPUT, and from DOCKER-USER, or FORWARD where there is none.
"""
from __future__ import annotations

import typing as t

from ...values.firewall import Line, Ruleset
from . import ipt_sets
from .ipt_read import parse  # noqa: F401  pylint: disable=unused-import  # backend.py reads by the module that writes
from .ipt_rules import Features, Spelling, hints, spelling_of, through
from .ipt_table import DIRECTORY, FAMILIES, HEADS, HOOKS, OWNER, THROUGH, TITLE, chain_name, written


def render(ruleset: t.Optional[Ruleset]) -> str:
    rows, spelling = [HEADS["sets"]], spelling_of(ruleset or Ruleset())
    for found in ruleset.sets if ruleset else ():
        rows += ipt_sets.written(found)
    for family in FAMILIES:
        rows += [HEADS[family], "*filter"] + (list(_table(ruleset, spelling, family)) if ruleset else []) + ["COMMIT"]
    return "\n".join(rows) + "\n"


def _table(ruleset: Ruleset, spelling: Spelling, family: int) -> t.Iterator[str]:
    for name in [DIRECTORY, THROUGH] + [chain_name(chain.name) for chain in ruleset.chains]:
        yield ":%s - [0:0]" % name
    for features in _directory(ruleset, spelling, family):
        yield "-A %s %s" % (DIRECTORY, written(features))
    for features in through(ruleset.mark):
        yield "-A %s %s" % (THROUGH, written(features))
    for chain in ruleset.chains:
        for number, row in enumerate(chain.lines):
            yield from _line(chain.name, number, row, spelling, family)
    for chain in ruleset.chains:
        if chain.hook:
            yield '-I %s -m comment --comment "%s" -j %s' % (HOOKS[chain.hook][0], OWNER, chain_name(chain.name))


def _line(chain: str, number: int, row: Line, spelling: Spelling, family: int) -> t.Iterator[str]:
    comment = remark(number, row)
    # A line that was counted goes on where it was, in the first of its rules.
    counted = row.counter if any(row.counter or ()) and not (family == 6 and spelling.rules(chain, row, 4)) else None
    for features in spelling.rules(chain, row, family):
        front = "[%d:%d] " % counted if counted else ""
        counted = None
        yield front + "-A %s %s" % (chain_name(chain), written(commented(features, comment)))


def line_text(chain: str, row: Line, ruleset: Ruleset) -> str:
    """One line as all its rules, to be shown."""
    spelling = spelling_of(ruleset)
    found = {written(commented(features, row.comment or "-")): None for family in FAMILIES for features in spelling.rules(chain, row, family)}
    return " | ".join("-A %s %s" % (chain_name(chain), text) for text in found)


def remark(number: int, row: Line) -> str:
    found = "".join([str(number)] + [" %s=%s" % (match.key, ",".join(match.values)) for match in hints(row)])
    return found + ("; %s" % row.comment if row.comment else "")


def commented(features: Features, comment: str) -> Features:
    """The comment stands in front of the target."""
    place = next(place for place, feature in enumerate(features) if feature[0] in ("-j", "-g"))
    return features[:place] + (("--comment", comment),) + features[place:]


def _directory(ruleset: Ruleset, spelling: Spelling, family: int) -> t.Iterator[Features]:
    yield (("--comment", TITLE % (ruleset.digest, ruleset.mark)),)
    for found in ruleset.sets:
        comment = ("--comment", "@%s %s" % (found.name, found.type) + ("; %s" % found.comment if found.comment else ""))
        for look in ipt_sets.looks(found, spelling.names[found.name], family) or [()]:
            yield (*look, comment)
