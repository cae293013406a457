# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one static rule in DOCKER-USER, and what iptables says of the engine's own rules. Decides nothing."""
from __future__ import annotations

import re
import typing as t

from ..core.errors import EnvironmentFault
from .command import run

COMMANDS = {4: "iptables", 6: "ip6tables"}
CHAIN = "DOCKER-USER"
COMMENT = "fleetnet.docker"
WAIT = ("-w", "10")
RULE = re.compile(r'-A DOCKER-USER -m mark --mark (0x[0-9a-f]+)/(0x[0-9a-f]+) -m comment --comment "?fleetnet\.docker"? -j ACCEPT\Z')
HARMLESS = re.compile(r"-A DOCKER-USER (?:.* )?-j (?:FLEETNET-\S+|RETURN)\Z")
DIRECT_DROP = re.compile(r"-A PREROUTING -d (\S+) ! -i (\S+) (?:.* )?-j DROP\Z")
DIRECT_ACCEPT = re.compile(r"-A PREROUTING -d (\S+) -i (\S+) (?:.* )?-j ACCEPT\Z")
LEGACY_TABLES = {4: "/proc/net/ip_tables_names", 6: "/proc/net/ip6_tables_names"}


def chains() -> t.Tuple[t.Tuple[int, ...], t.Tuple[t.Tuple[int, int], ...]]:
    """:returns: (families that have a chain DOCKER-USER, (family, mark) of each of our rules in it)"""
    families, rules = [], []
    for family, command in COMMANDS.items():
        done = run([command, *WAIT, "-S", CHAIN])
        if not done.well:
            continue
        families.append(family)
        for row in done.out.splitlines():
            found = RULE.match(row)
            if found and found.group(1) == found.group(2):
                rules.append((family, int(found.group(1), 16)))
    return tuple(families), tuple(rules)


def put(family: int, mark: int) -> None:
    """In front of all others, for engines before 28.2 end the chain with RETURN."""
    _change("-I", family, mark)


def take(family: int, mark: int) -> None:
    _change("-D", family, mark)


def change(how: str, family: int, mark: int) -> t.List[str]:
    """The command that does something with our rule: C(-I), C(-D) or C(-C)."""
    bit = "0x%x/0x%x" % (mark, mark)
    return [COMMANDS[family], *WAIT, how, CHAIN, "-m", "mark", "--mark", bit, "-m", "comment", "--comment", COMMENT, "-j", "ACCEPT"]


def _change(how: str, family: int, mark: int) -> None:
    done = run(change(how, family, mark))
    if not done.well:
        raise EnvironmentFault("%s cannot change %s: %s" % (COMMANDS[family], CHAIN, (done.err.strip().splitlines() or ["no reason"])[0]))


def raw_drops() -> t.Dict[str, t.Set[str]]:
    """:returns: for each bridge whose containers the engine (28 and later) shields in the raw table, the interfaces it trusts"""
    trusted: t.Dict[str, t.Set[str]] = {}
    found: t.Dict[str, t.Set[str]] = {}
    for family, command in COMMANDS.items():
        # Saving does not make the table, where listing it would.
        done = run([command + "-save", "-t", "raw"]) if _variant(command) != "legacy" or "raw" in _legacy_tables(family) else None
        for row in done.out.splitlines() if done and done.well else ():
            accept, drop = DIRECT_ACCEPT.match(row), DIRECT_DROP.match(row)
            if accept:
                trusted.setdefault(accept.group(1), set()).add(accept.group(2))
            elif drop:
                found.setdefault(drop.group(2), set()).update(trusted.get(drop.group(1), ()))
    return found


def forward_drops() -> t.Tuple[int, ...]:
    """:returns: families (4, 6) in which FORWARD drops by its policy"""
    return tuple(family for family, command in COMMANDS.items() if "-P FORWARD DROP" in run([command, *WAIT, "-S", "FORWARD"]).out.splitlines())


def strangers() -> t.Tuple[int, ...]:
    """:returns: families (4, 6) whose DOCKER-USER holds rules that neither this collection nor an engine puts there"""
    return tuple(family for family, command in COMMANDS.items()
                 if any(row.startswith("-A ") and not HARMLESS.match(row) and not RULE.match(row)
                        for row in run([command, *WAIT, "-S", CHAIN]).out.splitlines()))


def variants() -> t.Tuple[bool, bool]:
    """:returns: whether rules stand in the legacy variant of iptables, and in the nf_tables one; C((False, False)) where only one can"""
    if not any(_legacy_tables(family) for family in COMMANDS):
        return False, False
    return _has_rules("legacy"), _has_rules("nft")


def _has_rules(variant: str) -> bool:
    texts = [run([command + "-%s-save" % variant]).out for command in COMMANDS.values()]
    return any(row.startswith("-A ") for text in texts for row in text.splitlines())


def _legacy_tables(family: int) -> t.Tuple[str, ...]:
    """What the kernel has loaded: reading it by command would load it."""
    try:
        with open(LEGACY_TABLES[family], encoding="ascii") as stream:
            return tuple(stream.read().split())
    except OSError:
        return ()


def _variant(command: str) -> str:
    return "legacy" if "legacy" in run([command, "-V"]).out else "nf_tables"
