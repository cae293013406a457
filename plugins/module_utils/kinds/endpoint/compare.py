# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs between two endpoints, and a wish laid over what is there.

Nothing that an engine assigns by itself is compared: the short id among the aliases, dynamic addresses, MAC addresses.
"""
from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from ...values.endpoint import Endpoint
from .state import Observed, Wish, key_of

LISTS = ("aliases", "links", "link_local_ips")
ADDRESSES = ("ipv4_address", "ipv6_address")
COMPARED = (*LISTS, *ADDRESSES, "driver_opts", "gw_priority")


@dataclass(frozen=True)
class Difference:
    """:param field: the option's name; :param wanted: and :param found: as in the endpoint"""

    field: str
    wanted: t.Any
    found: t.Any

    def __str__(self) -> str:
        return "%s is %s, wanted %s" % (self.field, _show(self.found), _show(self.wanted))


def differences(want: Endpoint, have: Endpoint, observed: Observed) -> t.Tuple[Difference, ...]:
    """:returns: nothing where a connect with what is wanted would bring nothing new"""
    gaps = [] if want is have else [
        Difference(field, getattr(want, field), getattr(have, field)) for field in COMPARED
        if _canonical(field, getattr(want, field)) != _canonical(field, getattr(have, field))
        and not _by_swarm(field, want, observed)]
    if observed.engine.gives_mac:
        gaps += mac_difference(want.mac_address, have, observed)
    return tuple(gaps)


def _by_swarm(field, want: Endpoint, observed: Observed) -> bool:
    """While a container is up, a swarm shows each address it gave out as if it had been asked for."""
    network = observed.network(want.network)
    return field in ADDRESSES and not getattr(want, field) and network is not None and network.scope == "swarm"


def mac_difference(want: t.Optional[str], have: Endpoint, observed: Observed) -> t.List[Difference]:
    """A container that runs shows its address, requested or not; one that is down only sometimes what was requested."""
    found = mac_seen(have, observed)
    return [Difference("mac_address", want, found)] if want and found and want != found else []


def mac_seen(have: Endpoint, observed: Observed) -> t.Optional[str]:
    held = observed.holds(key_of(have))
    return held.mac_address if held and held.mac_address else have.mac_address


def laid_over(wish: Wish, have: Endpoint) -> Endpoint:
    """:returns: the endpoint that is wanted: what is not managed, and what means the same, stays as it is"""
    changed = {"mac_address": wish.mac_address} if wish.mac_address else {}
    for field in COMPARED:
        given = getattr(wish, field)
        if given is not None:
            want = _merged(field, given, wish, have)
            if _canonical(field, want) != _canonical(field, getattr(have, field)):
                changed[field] = want
    return replace(have, **changed) if changed else have


def _merged(field, given, wish: Wish, have: Endpoint):
    if field == "aliases":
        given = tuple(alias for alias in given if alias != have.container[:12])  # the engine's own, on every endpoint
    if field in LISTS:
        kept = _canonical(field, getattr(have, field)) if wish.appends else ()
        return tuple(sorted({*given, *kept}))
    if field in ADDRESSES:
        return given or None
    if field == "driver_opts" and not wish.exact:
        return tuple(sorted({**dict(have.driver_opts), **dict(given)}.items()))
    return given


def canonical_link(text: str) -> str:
    """A link without an alias is one by the container's own name."""
    return text if ":" in text else "%s:%s" % (text, text)


def _canonical(field, value):
    return tuple(sorted(map(canonical_link, value))) if field == "links" else value


def _show(value) -> str:
    if isinstance(value, tuple):
        return ", ".join("=".join(item) if isinstance(item, tuple) else item for item in value) or "unset"
    return "unset" if value is None else str(value)
