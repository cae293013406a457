# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be told of a list of networks before a host has an engine: all that an empty engine on that host would refuse."""
from __future__ import annotations

import re
import typing as t

from ...core.errors import WishError
from ...values import addresses
from ...values.link import Route
from .checks import validate
from .state import Engine, Observed
from .wish import desired

Raw = t.Mapping[str, t.Any]
# Where one of these is, an engine is or was: only it can tell which networks are its own.
OF_AN_ENGINE = re.compile(r"docker0|docker_gwbridge|br-[0-9a-f]{12}|veth")


def refuse(rows: t.Sequence[Raw], facts: t.Optional[Raw] = None) -> None:
    """:param rows: networks with the module's options, their types already right
    :param facts: the host's own as Ansible gathers them; without the links' only what holds on every host is looked at

    :raises WishError: for the first value that cannot be
    """
    wish = desired({"networks": rows})
    links = _links(facts or {})
    if links and not any(OF_AN_ENGINE.match(name) for name in links):
        # The overlays' manager is one by the time they are made.
        validate(wish, Observed(routes=tuple(_routes(links)), links=frozenset(links), engine=Engine(swarm="manager")))


def check_names(rows: t.Sequence[t.Any], called: str, text: t.Callable[[t.Any], str] = str) -> None:
    """:raises WishError: for the first entry without a name, which has nothing else to be called by"""
    for number, row in enumerate(rows, 1):
        if not isinstance(row, t.Mapping) or not row.get("name"):
            raise WishError("Entry %d of %s (%s) has no name: give it one." % (number, called, text(row)))


def _links(facts: Raw) -> t.Dict[str, Raw]:
    return {value["device"]: value for value in facts.values() if isinstance(value, t.Mapping) and value.get("device")}


def _routes(links: t.Mapping[str, Raw]) -> t.Iterator[Route]:
    """The links' own subnets; what is routed further is not in the facts."""
    for name, link in links.items():
        parent = str(link.get("parent") or "")
        for row in _addresses(link):
            if name != "lo" and row.get("prefix") and not str(row["address"]).startswith("fe80:"):
                yield Route(addresses.loose_subnet("%s/%s" % (row["address"], row["prefix"])), name, parent=parent)


def _addresses(link: Raw) -> t.Iterator[Raw]:
    if link.get("ipv4"):
        yield link["ipv4"]
    yield from link.get("ipv4_secondaries") or ()
    yield from link.get("ipv6") or ()
