# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which back end renders the policy on this host, and what each of them has in force."""
from __future__ import annotations

import functools
import typing as t

from ...values.firewall import FOREIGN, Line, Ruleset
from . import ipt, ipt_keep, nft
from .state import Observed

NFTABLES, IPTABLES = "nftables", "iptables"
FIREWALLD = "firewalld"
PLACES = {NFTABLES: "the rules in table inet fleetnet", IPTABLES: "the rules in chains FLEETNET-* of iptables"}


def usable(backend: str, observed: Observed) -> bool:
    return listing(backend, observed) is not None


def choose(wanted: str, observed: Observed) -> str:
    """C(auto): the engine's own, where it says nftables; else iptables where all rules stand in its legacy variant, for there is one
    place to look at then, unless firewalld is active, whose reload flushes them; else nftables, wherever the host can.
    """
    if wanted != "auto":
        return wanted
    old = observed.legacy and not observed.modern and observed.engine_backend != NFTABLES
    preferred = IPTABLES if old and FIREWALLD not in observed.others else NFTABLES
    return preferred if usable(preferred, observed) or not usable(other(preferred), observed) else other(preferred)


def other(backend: str) -> str:
    return IPTABLES if backend == NFTABLES else NFTABLES


def listing(backend: str, observed: Observed) -> t.Optional[str]:
    return observed.listing if backend == NFTABLES else observed.iptables


def have(backend: str, observed: Observed) -> t.Optional[Ruleset]:
    return _read(backend, listing(backend, observed) or "")


@functools.lru_cache(maxsize=4)  # a plan asks for it again and again, and 10,000 addresses take a moment
def _read(backend: str, text: str) -> t.Optional[Ruleset]:
    return nft.parse(text) if backend == NFTABLES else ipt.parse(text)


def in_force(wanted: str, observed: Observed) -> t.Tuple[str, t.Optional[Ruleset]]:
    """The chosen back end's rules, or those of the other where only that one has any."""
    chosen = choose(wanted, observed)
    first, second = have(chosen, observed), have(other(chosen), observed)
    return (chosen, first) if first is not None or second is None else (other(chosen), second)


def render(backend: str, ruleset: t.Optional[Ruleset]) -> str:
    return nft.render(ruleset) if backend == NFTABLES else ipt.render(ruleset)


def as_it_is(backend: str, observed: Observed) -> str:
    """A text that puts back what is there now, with what somebody else put in; empty where rendering does."""
    found = have(backend, observed)
    if found is None or not found.foreign:
        return ""
    text = listing(backend, observed) or ""
    return nft.render(None) + text if backend == NFTABLES else ipt_keep.loadable(text)


def of_text(text: str) -> t.Tuple[str, t.Optional[Ruleset]]:
    """:returns: whose text it is, and what it brings"""
    if text.startswith(ipt.HEADS["sets"]):
        return IPTABLES, ipt.parse(text)
    start = text.find("table inet fleetnet {")  # behind the two lines that make room
    return NFTABLES, nft.parse(text[start:]) if start >= 0 else None


def line_text(backend: str, chain: str, row: Line, ruleset: Ruleset) -> str:
    if row.verdict.startswith(FOREIGN):
        return row.verdict[len(FOREIGN):]
    return nft.line_text(row, ruleset.mark) if backend == NFTABLES else ipt.line_text(chain, row, ruleset)
