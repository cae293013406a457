# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine as a world of one host's membership and, on a manager, of its swarm: observes and executes, decides nothing."""
from __future__ import annotations

import time
import typing as t

from ..core.errors import EnvironmentFault
from ..core.plan import Step
from ..values.swarm import Addresses, Init, Join, Lost, Membership, Node, Role, Rotation, Settings
from . import docker_swarm_files, docker_swarm_read, docker_swarm_write, host_addresses, netlink_routes
from .docker_client import explained

SECONDS_TO_FOLLOW = 60  # a leader that is demoted hands over first: 8 s seen on 26.1
SECONDS_BETWEEN_LOOKS = 0.1


class DockerSwarm:
    """:param client: the SDK's APIClient
    :param observed: the kind's type for an observation
    :param local: whether the engine's host is the one this runs on
    """

    def __init__(self, client, observed: t.Callable, local: bool):
        self.client, self._observed, self._local = client, observed, local
        self.swarm_facts: t.Dict[str, t.Any] = {}
        self.raw_nodes: t.List[t.Dict[str, t.Any]] = []
        self.me = Membership()

    def engine_id(self) -> str:
        with explained("reading the engine's facts"):
            return self.client.info()["ID"]

    def observe(self, scope) -> t.Any:
        self.me, self.swarm_facts, self.raw_nodes = self.membership(), {}, []
        cluster, nodes, leaderless = self._managed() if self.me.manager else (None, None, False)
        entering = scope.entering and self._local
        return self._observed(
            me=self.me,
            cluster=cluster,
            nodes=nodes,
            leaderless=leaderless,
            addresses=host_addresses.addresses() if self._local else None,
            routes=netlink_routes.routes() if entering else None,
            taken=host_addresses.taken(scope.ports) if self._local else (),
            silent=host_addresses.silent(scope.remotes) if entering else (),
        )

    def membership(self) -> Membership:
        with explained("reading the engine's facts"):
            info = self.client.info()
        folder = info.get("DockerRootDir") or ""
        known = self._local and folder
        return docker_swarm_read.membership(
            info,
            docker_swarm_files.fixed(folder) if known else Addresses(),
            docker_swarm_files.roots(folder) if known else (),
        )

    def _managed(self):
        """A manager without a leader answers neither question, but is a manager all the same."""
        try:
            with explained("reading the swarm"):
                self.swarm_facts = self.client.inspect_swarm()
                self.raw_nodes = self.client.nodes()
        except EnvironmentFault as reason:
            if docker_swarm_write.no_leader(reason.__cause__):
                return None, None, True
            raise
        return docker_swarm_read.cluster(self.swarm_facts), tuple(map(docker_swarm_read.node, self.raw_nodes)), False

    def unlock_key(self) -> t.Optional[str]:
        with explained("reading the unlock key"):
            return (self.client.get_unlock_key() or {}).get("UnlockKey") or None

    def listed(self, what: str, filters: t.Optional[t.Mapping[str, t.Any]]) -> t.List[t.Dict[str, t.Any]]:
        """:param what: nodes, services or tasks"""
        with explained("reading the swarm's %s" % what):
            return getattr(self.client, what)(filters=dict(filters) if filters else None)

    def execute(self, step: Step) -> None:
        """:raises EnvironmentFault: with the engine's own words, or when the engine said yes but did not follow"""
        thing, back = step.thing, step.after is None
        with explained(str(step)):
            if isinstance(thing, (Init, Join)):
                docker_swarm_write.enter(self.client, thing)
                self._until(lambda: self.membership().state == "active", "to become a member")
            elif isinstance(thing, Membership):
                self.client.leave_swarm(force="force" in step.phase)
                self._until(lambda: not self.membership().inside, "to leave")
            elif isinstance(thing, Settings):
                docker_swarm_write.update(self.client, thing)
                certificate = dict(thing.values).get("signing_ca_cert")
                if certificate:
                    self._until(lambda: docker_swarm_read.took_certificate(self.client.inspect_swarm(), certificate), "to take the certificate")
            elif isinstance(thing, Rotation):
                docker_swarm_write.rotate(self.client, thing)
            elif isinstance(thing, Role):
                self._assign(thing)
            elif isinstance(thing, Node) and back:
                self._until(lambda: docker_swarm_write.removed(self.client, thing.id), "to let go of %s" % thing)
            else:
                raise EnvironmentFault("%s cannot be brought back" % (thing if isinstance(thing, Lost) else step))

    def _assign(self, wish: Role) -> None:
        docker_swarm_write.assign(self.client, wish)
        own = wish.node == self.me.node_id
        manager = wish.role == "manager"

        def followed():
            if own:
                return self.membership().manager is manager
            now = docker_swarm_read.node(self.client.inspect_node(wish.node))
            return now.reachability == "reachable" if manager else not now.reachability

        self._until(followed, "to see %s as %s" % (wish, wish.role))

    def _until(self, condition, what: str) -> None:
        deadline = time.monotonic() + SECONDS_TO_FOLLOW
        while not condition():
            if time.monotonic() > deadline:
                raise EnvironmentFault("the engine needs more than %d s %s" % (SECONDS_TO_FOLLOW, what))
            time.sleep(SECONDS_BETWEEN_LOOKS)
