# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host's firewall as a world: the engine, nftables and DOCKER-USER are read, and a step goes to who carries out its phase."""
from __future__ import annotations

import typing as t

from ..core.plan import Step
from . import conntrack, docker_bridges, docker_read, docker_user, ended, iptables, nftables, other_firewalls, ssh_path
from .docker_client import explained

LOOPBACK = ("127.", "::1")
LOADERS = {"nftables": nftables, "iptables": iptables}


class Firewall:
    """:param client: the SDK's APIClient; :param observed: the kind's type for an observation, :param through: its type for
    what accepts the mark

    :param handlers: what carries out steps of further phases; :param reads: what reads further fields of an observation
    """

    def __init__(self, client, observed: t.Callable, through: t.Callable, handlers: t.Optional[t.Dict[str, t.Callable]] = None,
                 reads: t.Optional[t.Dict[str, t.Callable]] = None):
        self._client, self._observed, self._through, self._reads = client, observed, through, reads or {}
        self._handlers = {
            "load": _load,
            "sweep": _load,
            "put": lambda step: docker_user.put(step.after.family, step.after.mark),
            "take": lambda step: docker_user.take(step.before.family, step.before.mark),
            "end": _end,
            "forget": lambda step: ended.forget(step.before.backend),
            **(handlers or {}),
        }
        self._info: t.Dict[str, t.Any] = {}
        self.containers: t.List[t.Dict[str, t.Any]] = []

    def engine_id(self) -> str:
        return self.info()["ID"]

    def info(self) -> t.Dict[str, t.Any]:
        if not self._info:
            with explained("reading the engine's facts"):
                self._info = self._client.info()
        return self._info

    def observe(self, scope) -> t.Any:
        with explained("reading networks and published ports"):
            networks, self.containers = self._client.networks(), self._client.containers()
        driver = (self.info().get("FirewallBackend") or {}).get("Driver") or "iptables"  # unsaid before 28.1
        families, rules = docker_user.chains()
        legacy, modern = docker_user.variants()
        uses_nftables = driver.startswith("nftables")
        tables = docker_bridges.listings()
        return self._observed(
            listing=nftables.listing(),
            iptables=iptables.listing(),
            others=other_firewalls.active(),
            ended=ended.kept(),
            networks=tuple(docker_read.network(raw) for raw in networks),
            published=published(self.containers),
            engine_backend="nftables" if uses_nftables else "iptables",
            through=self._through(families, rules, docker_bridges.mark(tables) if uses_nftables else 0),
            raw_drops=_shields(docker_user.raw_drops(), docker_bridges.raw_drops(tables, _subnets(networks))),
            engine_tables=tuple(sorted(tables)),
            forward_drops=docker_user.forward_drops() if uses_nftables else (),
            strangers=docker_user.strangers() if uses_nftables else (),
            legacy=legacy,
            modern=modern,
            ssh_port=ssh_path.port(),
            rootless=docker_read.rootless(self.info()),
            **(dict(flows=conntrack.flows(), paths=conntrack.paths()) if scope.flows else {}),
            **{name: read() for name, read in self._reads.items()},
        )

    def execute(self, step: Step) -> None:
        self._handlers[step.phase](step)


def _load(step: Step) -> None:
    loader = LOADERS[step.thing.backend]
    loader.load(step.after.text if step.after else loader.REMOVED)


def _shields(*found: t.Mapping[str, t.Set[str]]) -> t.Tuple[t.Tuple[str, t.Tuple[str, ...]], ...]:
    """What only one of them trusts, the other drops."""
    bridges = sorted({name for each in found for name in each})
    return tuple((name, tuple(sorted(set.intersection(*(set(each[name]) for each in found if name in each))))) for name in bridges)


def _subnets(networks) -> t.Dict[str, t.Tuple[str, ...]]:
    return {docker_read.bridge(raw): tuple(pool.subnet for pool in docker_read.network(raw).ipam_config or () if pool.subnet)
            for raw in networks if raw.get("Driver") == "bridge"}


def _end(step: Step) -> None:
    """Kept out first, for a packet may come between."""
    backend, flows = step.before.backend, step.before.flows
    ended.keep(backend, flows)
    try:
        for flow in flows:
            conntrack.end(flow)
    except BaseException:
        ended.release(backend, flows)  # the former policy may let them go on
        raise


def published_by(containers: t.Iterable[t.Mapping[str, t.Any]]) -> t.Iterator[t.Tuple[str, str, str, int, t.Tuple[int, ...]]]:
    """:returns: ("container", its name, protocol, port, families) of each port that somebody else than the host itself can ask for"""
    for raw in containers:
        name = (raw.get("Names") or ["/" + raw["Id"][:12]])[0].lstrip("/")
        for row in raw.get("Ports") or ():
            if row.get("PublicPort") and not (row.get("IP") or "").startswith(LOOPBACK):
                address = row.get("IP")
                yield "container", name, row.get("Type") or "tcp", row["PublicPort"], ((6 if ":" in address else 4),) if address else (4, 6)


def published(containers: t.Iterable[t.Mapping[str, t.Any]]) -> t.Tuple[str, ...]:
    return tuple(sorted({"%s . %d" % (protocol, port) for _what, _name, protocol, port, _families in published_by(containers)}))
