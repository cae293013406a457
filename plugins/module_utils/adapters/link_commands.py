# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps backwards, as commands of iproute2: the roll-back timer has to run without this collection and its libraries."""
from __future__ import annotations

import typing as t

from ..core.plan import Step
from ..values.hostfile import File
from ..values.link import Link, Route
from .rollback_timer import Command

IP = "ip"


def back(steps: t.Sequence[Step], routes: t.Iterable[Route], place: t.Callable[[str], str]) -> t.Iterator[Command]:
    """:param routes: those that went with a link; :param place: where the path of a file lies; :returns: what takes these steps back, the last one first"""
    for step in reversed(steps):
        if isinstance(step.thing, File):
            yield _file(step, place)
        else:
            yield from (_route(step) if isinstance(step.thing, Route) else _link(step))
    for route in routes:
        yield from _route(Step(route, None))


def _file(step: Step, place: t.Callable[[str], str]) -> Command:
    if step.before is None:
        return Command(("rm", "-f", place(step.after.path)))
    return Command(("tee", place(step.before.path)), step.before.text)


def _route(step: Step) -> t.Iterator[Command]:
    route = step.thing
    way = (route.subnet, *(("via", route.gateway) if route.gateway else ()), "dev", route.interface)
    family = "-6" if ":" in route.subnet else "-4"
    if step.before is None:
        yield Command((IP, family, "route", "del", *way), may_fail=True)
    else:
        yield Command((IP, family, "route", "replace", *way))


def _link(step: Step) -> t.Iterator[Command]:
    was, made = step.before, step.after
    if was is None:
        yield Command((IP, "link", "del", "dev", made.name), may_fail=True)
        return
    if made is None:
        yield Command((IP, "link", "add", "link", was.parent, "name", was.name, "type", was.kind, *_kind(was)), may_fail=True)
    if was.mtu is not None:
        yield Command((IP, "link", "set", "dev", was.name, "mtu", str(was.mtu)))
    for word, value in (("promisc", was.promiscuous), ("", was.up)):
        if value is not None:
            state = ("on" if value else "off") if word else ("up" if value else "down")
            yield Command((IP, "link", "set", "dev", was.name, *filter(None, (word,)), state))
    if was.addresses is not None:
        yield from _addresses(was, made)


def _kind(link: Link) -> t.Tuple[str, ...]:
    return ("id", str(link.vlan_id)) if link.kind == "vlan" else ("mode", str(link.mode))


def _addresses(was: Link, made: t.Optional[Link]) -> t.Iterator[Command]:
    came = set(made.addresses or ()) - set(was.addresses or ()) if made is not None else set()
    for text in sorted(came):
        yield Command((IP, "address", "del", text, "dev", was.name), may_fail=True)
    for text in was.addresses or ():
        yield Command((IP, "address", "replace", text, "dev", was.name))
