# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Swarm as values: what one host knows of itself, what a manager knows of all, and what can be done."""
from __future__ import annotations

import ipaddress
import typing as t
from dataclasses import dataclass, field

Pairs = t.Tuple[t.Tuple[str, t.Any], ...]
DEFAULT_PORT = 2377

# Option -> where the engine's API keeps it in the swarm's Spec.
SETTINGS: t.Tuple[t.Tuple[str, t.Tuple[str, ...]], ...] = (
    ("name", ("Name",)),
    ("labels", ("Labels",)),
    ("task_history_retention_limit", ("Orchestration", "TaskHistoryRetentionLimit")),
    ("snapshot_interval", ("Raft", "SnapshotInterval")),
    ("keep_old_snapshots", ("Raft", "KeepOldSnapshots")),
    ("log_entries_for_slow_followers", ("Raft", "LogEntriesForSlowFollowers")),
    ("heartbeat_tick", ("Raft", "HeartbeatTick")),
    ("election_tick", ("Raft", "ElectionTick")),
    ("dispatcher_heartbeat_period", ("Dispatcher", "HeartbeatPeriod")),
    ("node_cert_expiry", ("CAConfig", "NodeCertExpiry")),
    ("ca_force_rotate", ("CAConfig", "ForceRotate")),
    ("signing_ca_cert", ("CAConfig", "SigningCACert")),
    ("signing_ca_key", ("CAConfig", "SigningCAKey")),
    ("autolock_managers", ("EncryptionConfig", "AutoLockManagers")),
)


@dataclass(frozen=True)
class Address:
    """An IP address or an interface's name, with a port or without."""

    host: str
    port: t.Optional[int] = None

    @property
    def numeric(self) -> bool:
        """Whether the host is an IP address and not a name."""
        try:
            return bool(ipaddress.ip_address(self.host))
        except ValueError:
            return False

    def __str__(self) -> str:
        if self.port is None:
            return self.host
        return "%s:%d" % ("[%s]" % self.host if ":" in self.host else self.host, self.port)


@dataclass(frozen=True)
class Addresses:
    """What a host says about itself when it enters a swarm; fixed from then on. C(None): not managed, or unknown."""

    advertise: t.Optional[Address] = None
    listen: t.Optional[Address] = None
    data_path: t.Optional[Address] = None


@dataclass(frozen=True)
class Membership:
    """One host's own view.

    :param state: inactive, pending, active, error or locked, as the engine says
    :param roots: SHA-256 of the swarm's root certificates; empty where they cannot be read
    :param cluster: the swarm's id, which only managers know
    """

    state: str = "inactive"
    manager: bool = False
    node_id: str = ""
    address: str = ""
    error: str = ""
    remotes: t.Tuple[str, ...] = ()
    cluster: str = ""
    roots: t.Tuple[str, ...] = ()
    fixed: Addresses = Addresses()

    @property
    def inside(self) -> bool:
        return self.state != "inactive"

    @property
    def never_entered(self) -> bool:
        """A join that was accepted but never reached a manager: the host is no member of anything yet."""
        return self.state in ("pending", "error") and not self.node_id

    def __str__(self) -> str:
        return "its swarm, as %s" % ("manager" if self.manager else "worker")


@dataclass(frozen=True)
class Node:
    """One node as a manager sees it.

    :param reachability: of managers: reachable, unreachable or unknown; empty for workers
    """

    id: str
    hostname: str = ""
    role: str = "worker"
    state: str = "ready"
    address: str = ""
    reachability: str = ""
    leader: bool = False
    labels: Pairs = ()

    @property
    def votes(self) -> bool:
        """Whether it counts for the quorum; after a recovery, former managers keep their role but have no vote."""
        return bool(self.reachability)

    def __str__(self) -> str:
        return "node %s (%s)" % (self.hostname or "without a name", self.id)


@dataclass(frozen=True)
class Cluster:
    """The swarm as a manager sees it; all of it fixed from the beginning but C(settings).

    :param rotating: whether nodes still change to a new certificate, so that the old one may be shown
    """

    id: str
    settings: Pairs = ()
    pools: t.Tuple[str, ...] = ()
    subnet_size: t.Optional[int] = None
    data_path_port: t.Optional[int] = None
    rotating: bool = False


@dataclass(frozen=True)
class Init:
    """A new swarm. :param recover: from this manager's data, without the managers that are lost"""

    own: Addresses = Addresses()
    data_path_port: t.Optional[int] = None
    pools: t.Optional[t.Tuple[str, ...]] = None
    subnet_size: t.Optional[int] = None
    settings: Pairs = field(default=(), repr=False)
    recover: bool = False

    def __str__(self) -> str:
        return "a swarm" + (", advertised as %s" % self.own.advertise if self.own.advertise else "")


@dataclass(frozen=True)
class Join:
    remotes: t.Tuple[Address, ...]
    token: str = field(default="", repr=False)
    own: Addresses = Addresses()

    def __str__(self) -> str:
        return "the swarm managed at %s" % ", ".join(map(str, self.remotes))


@dataclass(frozen=True)
class Settings:
    """:param values: (option, value) pairs; only their names are ever shown"""

    values: Pairs = field(default=(), repr=False)

    def __str__(self) -> str:
        return "swarm settings %s" % ", ".join(key for key, _value in self.values)


@dataclass(frozen=True)
class Role:
    """What a node is to be: manager or worker."""

    node: str
    hostname: str
    role: str

    def __str__(self) -> str:
        return "node %s (%s)" % (self.hostname, self.node)


@dataclass(frozen=True)
class Rotation:
    """:param whose: worker or manager"""

    whose: str

    def __str__(self) -> str:
        return "the %s join token" % self.whose


@dataclass(frozen=True)
class Lost:
    """What no step can bring back."""

    what: str

    def __str__(self) -> str:
        return self.what
