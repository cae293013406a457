# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a firewall is asked to be, and what is seen."""
from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ...values.firewall import Ruleset
from ...values.flow import Flow, Paths
from ...values.network import Network

OUTSIDE = "outside"
DEFAULT_MARK = 0x100000
DEFAULT_BURST = 5
SECTIONS = ("published", "forwarded", "host")


@dataclass(frozen=True)
class Rule:
    """One rule in the user's terms; an empty tuple is "any"."""

    action: str
    protocols: t.Tuple[str, ...] = ()
    ports: t.Tuple[str, ...] = ()
    sources: t.Tuple[str, ...] = ()
    destinations: t.Tuple[str, ...] = ()
    interfaces: t.Tuple[str, ...] = ()
    networks: t.Tuple[str, ...] = ()
    origin: t.Tuple[str, ...] = ()
    to: t.Tuple[str, ...] = ()
    limit: str = ""
    burst: int = DEFAULT_BURST
    log: bool = False
    comment: str = ""


@dataclass(frozen=True)
class Section:
    """:param direct: of C(published) only: what becomes of traffic past the published port"""

    default: str = "accept"
    rules: t.Tuple[Rule, ...] = ()
    direct: str = ""


@dataclass(frozen=True)
class NamedSet:
    name: str
    type: str
    elements: t.Tuple[str, ...] = ()


@dataclass(frozen=True)
class Cluster:
    members: t.Tuple[str, ...]
    data_path_port: int = 4789
    encrypted: bool = True


@dataclass(frozen=True)
class Wish:
    """:param stage: keep (all at once), try (behind a roll-back timer, nothing persistent), confirm (what a try left to do), or
    whole (what both of them do together)
    :param settled: whether it was carried out, and only what it says itself is asked for
    """

    absent: bool = False
    backend: str = "auto"
    sets: t.Tuple[NamedSet, ...] = ()
    published: t.Optional[Section] = None
    forwarded: t.Optional[Section] = None
    host: t.Optional[Section] = None
    cluster: t.Optional[Cluster] = None
    allow_lockout: bool = False
    ssh_port: t.Optional[int] = None
    mark: int = DEFAULT_MARK
    stage: str = "keep"
    flush: bool = False
    settled: bool = False

    def sections(self) -> t.Iterator[t.Tuple[str, Section]]:
        for name in SECTIONS:
            if getattr(self, name) is not None:
                yield name, getattr(self, name)

    @property
    def lets_through(self) -> bool:
        """Whether something is accepted that Docker's isolation would drop."""
        return self.forwarded is not None and any(rule.action == "accept" for rule in self.forwarded.rules)

    def named(self, name: str) -> t.Optional[NamedSet]:
        return next((found for found in self.sets if found.name == name), None)


@dataclass(frozen=True)
class Through:
    """Where what is marked can be accepted, and is.

    :param chains: families (4, 6) that have a chain DOCKER-USER; :param rules: (family, mark) of our static rules there
    :param daemon_mark: the mark that an engine with nftables accepts by itself, 0 without one
    """

    chains: t.Tuple[int, ...] = ()
    rules: t.Tuple[t.Tuple[int, int], ...] = ()
    daemon_mark: int = 0


@dataclass(frozen=True)
class Observed:
    """:param listing: text of our own table, empty without one, C(None) where nftables cannot be used
    :param networks: of the engine; :param published: "tcp . 8080" of each port that is published now
    :param engine_backend: iptables or nftables; :param raw_drops: (bridge, interfaces it trusts) where the
    engine drops in the raw table what comes to containers by any other interface
    :param engine_tables: families (4, 6) that have a table C(docker-bridges), which an engine with nftables makes
    :param forward_drops: families in which FORWARD of iptables drops by its policy, and :param strangers: families whose DOCKER-USER holds
    rules of somebody else; both are read beside such an engine only
    :param legacy: whether Docker's or other rules stand in the legacy variant of iptables; :param modern: in the other one
    :param pending: of a roll-back timer, empty without one; :param undo: the texts that it would load, one for each back end that was
    changed; :param persisted: text on the disk to be loaded at boot, empty without
    one, C(None) where nothing loads it; :param disorder: whether something of ours lies there that does not load just that
    :param iptables: text of our own chains and sets, empty without one, C(None) where iptables or ipset cannot be used
    :param others: other firewalls that are active (firewalld, ufw)
    :param ended: the back ends that have something made that keeps connections ended
    :param rootless: whether the engine's networks are in a network namespace of its own
    """

    listing: t.Optional[str] = ""
    networks: t.Tuple[Network, ...] = ()
    published: t.Tuple[str, ...] = ()
    engine_backend: str = "iptables"
    through: Through = Through()
    raw_drops: t.Tuple[t.Tuple[str, t.Tuple[str, ...]], ...] = ()
    engine_tables: t.Tuple[int, ...] = ()
    forward_drops: t.Tuple[int, ...] = ()
    strangers: t.Tuple[int, ...] = ()
    legacy: bool = False
    modern: bool = False
    ssh_port: t.Optional[int] = None
    pending: str = ""
    persisted: t.Optional[str] = None
    disorder: bool = False
    flows: t.Tuple[Flow, ...] = ()
    paths: Paths = Paths()
    iptables: t.Optional[str] = None
    others: t.Tuple[str, ...] = ()
    rootless: bool = False
    ended: t.Tuple[str, ...] = ()
    undo: t.Tuple[str, ...] = ()

    def network(self, name: str) -> t.Optional[Network]:
        return next(iter(self.called(name)), None)

    def called(self, name: str) -> t.Tuple[Network, ...]:
        """Engines before API 1.44 may have several networks of one name."""
        return tuple(net for net in self.networks if net.name == name)


@dataclass(frozen=True)
class Scope:
    """One round of reads is all there is; C(flows): whether connections that are there already are read too."""

    flows: bool = False


@dataclass(frozen=True)
class Target:
    """What is to be in force: the snapshot of the way back, too.

    :param restore: text that puts back a table in which something foreign was found
    :param timer: leave, armed (where something changes), off, or passed (armed, and off again)
    :param persisted: text to be loaded at boot, empty for none, C(None) to leave what is there
    :param backend: whose rules these are; :param other: what the other one has, and :param other_restore: as C(restore) for that
    :param orderly: whether what loads the text at boot must be in order, too
    :param kernel: whether it speaks of what is in force at all, and not of the disk alone
    :param undo: of a snapshot: what a timer that ran would put back. When that timer is gone, this is to be in force, whatever C(kernel)
        says: what was in force at the snapshot was only tried
    """

    ruleset: t.Optional[Ruleset] = None
    through: t.Tuple[t.Tuple[int, int], ...] = ()
    restore: str = ""
    timer: str = "leave"
    persisted: t.Optional[str] = None
    backend: str = "nftables"
    other: t.Optional[Ruleset] = None
    other_restore: str = ""
    orderly: bool = True
    kernel: bool = True
    undo: t.Tuple[str, ...] = ()
