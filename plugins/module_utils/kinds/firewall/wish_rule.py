# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One rule of a policy: from what the user wrote to a frozen value; everything a text can be wrong in is found here."""
from __future__ import annotations

import re
import typing as t

from ...core.errors import WishError
from ...values import ranges
from . import state
from .state import Rule

NETWORK = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}\Z")  # moby: RestrictedNamePattern
INTERFACE = re.compile(r"[A-Za-z0-9_.-]{1,15}\Z|[A-Za-z0-9_.-]{1,14}\*\Z")
LIMIT = re.compile(r"([1-9][0-9]{0,6})/(second|minute|hour|day)\Z")
COMMENT_BYTES = 90  # nftables keeps 128 for a line, with what stands in front
PORTED = ("tcp", "udp", "sctp")
PROTOCOLS = {"published": PORTED, "host": PORTED + ("icmp", "esp", "gre", "igmp", "vrrp"),
             "forwarded": PORTED + ("icmp", "esp", "gre", "igmp", "vrrp")}


def read(where, section, row, sets) -> Rule:
    """:param where: what messages call it; :param sets: those that are defined, by name

    :raises WishError: for the first value that cannot be
    """
    ports = _ports(where, row.get("ports"), sets)
    rule = Rule(
        action=row["action"], protocols=_protocols(where, section, row.get("protocols"), ports), ports=ports,
        sources=_addresses(where, "source", row.get("sources"), sets),
        destinations=_addresses(where, "destination", row.get("destinations"), sets),
        interfaces=_names(where, "interface", row.get("interfaces"), INTERFACE, "use a name like eth0, or eth* for all that begin so"),
        networks=_networks(where, "networks", row.get("networks")), origin=_networks(where, "from", row.get("from")),
        to=_networks(where, "to", row.get("to")), limit=_limit(where, row), burst=_burst(where, row), log=bool(row.get("log")),
        comment=_comment(where, row.get("comment") or ""))
    _families_meet(where, rule, sets)
    _ends_meet(where, rule)
    return rule


def _ends_meet(where, rule):
    """What stays inside a network crosses no rule of forwarded, nor does what only passes this host by."""
    if state.OUTSIDE in rule.networks:
        raise WishError("%s has %s among networks, which are Docker's; name some, or leave networks out." % (where, state.OUTSIDE))
    if len(rule.origin) == 1 and rule.origin == rule.to:
        raise WishError("%s is from %s to the same, and forwarded judges only what crosses from one network into another or leaves it; %s." % (
            where, rule.to[0], "name a network" if rule.to[0] == state.OUTSIDE else "use the network's option enable_icc for what stays inside it"))


def _families_meet(where, rule, sets):
    if rule.sources and rule.destinations and not _families(rule.sources, sets) & _families(rule.destinations, sets):
        raise WishError("%s has sources of one family and destinations of the other; nothing would fit it, so make two rules." % where)


def _families(texts, sets) -> t.Set[int]:
    plain = [element for text in texts for element in (sets[text[1:]].elements if text.startswith("@") else (text,))]
    return {6 if ":" in element else 4 for element in plain} or {4, 6}


def _protocols(where, section, given, ports) -> t.Tuple[str, ...]:
    protocols = tuple(sorted(set(given or (("tcp",) if ports else ()))))
    wrong = [each for each in protocols if each not in PROTOCOLS[section]]
    if wrong:
        raise WishError("%s has the protocol %r, which %s cannot have; use %s."
                        % (where, wrong[0], section, ", ".join(PROTOCOLS[section])))
    without = [each for each in protocols if each not in PORTED]
    if ports and without:
        raise WishError("%s has ports and the protocol %s, which has none; make two rules." % (where, without[0]))
    return protocols


def _ports(where, given, sets) -> t.Tuple[str, ...]:
    texts = [str(text) for text in given or ()]
    named = [_named(where, text, "ports", sets) for text in texts if text.startswith("@")]
    plain = [text for text in texts if not text.startswith("@")]
    for text in plain:
        checked(ranges.ports, text, "The port %r of " + where[0].lower() + where[1:])
    if given is not None and not texts:
        raise WishError("%s has an empty list of ports and would fit nothing; name some, or leave ports out." % where)
    return ranges.canonical_ports(plain) + tuple(sorted(set(named)))


def _addresses(where, what, given, sets) -> t.Tuple[str, ...]:
    texts = [str(text) for text in given or ()]
    named = [_named(where, text, "addresses", sets) for text in texts if text.startswith("@")]
    plain = [text for text in texts if not text.startswith("@")]
    for text in plain:
        checked(ranges.addresses, text, "The " + what + " %r of " + where[0].lower() + where[1:])
    if given is not None and not texts:
        raise WishError("%s has an empty list of %ss and would fit nothing; name some, or leave %ss out." % (where, what, what))
    return sum(ranges.canonical_addresses(plain).values(), ()) + tuple(sorted(set(named)))


def _named(where, text, kind, sets) -> str:
    found = sets.get(text[1:])
    if found is None:
        raise WishError("%s uses the set %s, which is not among sets; define it there." % (where, text))
    if found.type != kind:
        raise WishError("%s uses %s for %s, but that is a set of %s; use another." % (where, text, kind, found.type))
    return text


def _names(where, what, given, pattern, advice) -> t.Tuple[str, ...]:
    wrong = [name for name in given or () if not pattern.match(name)]
    if wrong:
        raise WishError("%s has the %s %r, which cannot be one; %s." % (where, what, wrong[0], advice))
    if given is not None and not given:
        raise WishError("%s has an empty list for %s and would fit nothing; name some, or leave it out." % (where, what))
    return tuple(sorted(set(given or ())))


def _networks(where, what, given) -> t.Tuple[str, ...]:
    return _names(where, what, given, NETWORK, "use the name of a Docker network")


def _limit(where, row) -> str:
    limit = row.get("limit") or ""
    if limit and not LIMIT.match(limit):
        raise WishError("%s has the limit %r; write it like 10/second (second, minute, hour, day)." % (where, limit))
    if limit and row["action"] != "accept":
        raise WishError("%s has a limit and the action %s; a limit says how much is accepted, so use accept." % (where, row["action"]))
    return limit


def _burst(where, row) -> int:
    burst = row.get("burst")
    if burst is None:
        return state.DEFAULT_BURST
    if not row.get("limit"):
        raise WishError("%s has a burst without a limit; give both." % where)
    if not 1 <= burst <= 10000:
        raise WishError("%s has the burst %d; it must be 1 to 10000." % (where, burst))
    return burst


def _comment(where, text) -> str:
    if len(text.encode("utf-8", "replace")) > COMMENT_BYTES:
        raise WishError("%s has a comment of more than %d bytes; shorten it." % (where, COMMENT_BYTES))
    if not text.isprintable() or set(text) & set('"\\') or text != text.strip():
        raise WishError("%s has the comment %r; leave out quotes, backslashes, control characters and spaces at its ends." % (where, text))
    return text


def checked(reader, text, what):
    """:param what: of a message, with a place for the text"""
    try:
        return reader(text)
    except ValueError as reason:
        raise WishError("%s is wrong (%s); write it like %s." % (
            what % text, reason, "80 or 8000-8010" if reader is ranges.ports else "192.0.2.7, 192.0.2.0/24 or 192.0.2.7-192.0.2.9")) from reason
