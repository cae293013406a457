# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One engine's swarm in memory behind the SDK's calls, and the real adapter over it."""
from __future__ import annotations

import copy
import json
from dataclasses import replace

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters.docker_swarm import DockerSwarm
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.swarm import state
from ansible_collections.fleetnet.docker.plugins.module_utils.values.link import Route
from ansible_collections.fleetnet.docker.plugins.module_utils.values.swarm import Address, Addresses

SPEC = {
    "Name": "default", "Labels": {}, "Orchestration": {"TaskHistoryRetentionLimit": 5},
    "Raft": {"SnapshotInterval": 10000, "KeepOldSnapshots": 0, "LogEntriesForSlowFollowers": 500, "ElectionTick": 10, "HeartbeatTick": 1},
    "Dispatcher": {"HeartbeatPeriod": 5000000000}, "CAConfig": {"NodeCertExpiry": 7776000000000000}, "TaskDefaults": {},
    "EncryptionConfig": {"AutoLockManagers": False},
}


class Client:
    """:param row: what observed.yml says: state, manager, node, address, remotes, error, spec, fixed, nodes"""

    def __init__(self, row):
        self.row = copy.deepcopy(row)
        self.sent = []
        self.version = 10
        self.spec = dict(copy.deepcopy(SPEC), **self.row.get("spec", {}))
        self.list = [self._node(**node) for node in self.row.get("nodes", ())]

    @staticmethod
    def _node(id, role="worker", state="ready", hostname="", address="", reachable=True, labels=None):
        raw = {"ID": id, "Version": {"Index": 1}, "Spec": {"Role": role, "Availability": "active", "Labels": labels or {}},
               "Description": {"Hostname": hostname or id}, "Status": {"State": state, "Addr": address}}
        if role == "manager":
            raw["ManagerStatus"] = {"Reachability": "reachable" if reachable else "unreachable", "Addr": address + ":2377"}
        return raw

    def info(self):
        row = self.row
        managers = [{"NodeID": "x", "Addr": text} for text in row.get("remotes", ())]
        return {"ID": "engine", "DockerRootDir": "", "Swarm": {
            "LocalNodeState": row.get("state", "inactive"), "ControlAvailable": row.get("manager", False), "NodeID": row.get("node", ""),
            "NodeAddr": row.get("address", ""), "Error": row.get("error", ""), "RemoteManagers": managers,
            "Cluster": {"ID": "theswarm"} if row.get("manager") and not row.get("leaderless") else None}}

    def inspect_swarm(self):
        return dict({"ID": "theswarm", "Version": {"Index": self.version}, "Spec": copy.deepcopy(self.spec), "SubnetSize": 24,
                     "DefaultAddrPool": ["10.0.0.0/8"], "DataPathPort": 4789}, **self.row.get("fixed", {}))

    def nodes(self):
        return copy.deepcopy(self.list)

    def inspect_node(self, ident):
        return next(copy.deepcopy(node) for node in self.list if node["ID"] == ident)

    # changes

    def update_swarm(self, version, swarm_spec, rotate_worker_token=False, rotate_manager_token=False):
        assert version == self.version
        self.version += 1
        self.spec = swarm_spec
        swarm_spec["CAConfig"].pop("SigningCAKey", None)
        certificate = swarm_spec["CAConfig"].pop("SigningCACert", None)
        if certificate:  # shown as what the nodes trust, never in the Spec (26.1)
            self.row.setdefault("fixed", {})["TLSInfo"] = {"TrustRoot": certificate}
        self.sent.append(("rotate", rotate_worker_token, rotate_manager_token))

    def update_node(self, ident, version, spec):
        node = next(node for node in self.list if node["ID"] == ident)
        node["Spec"] = spec
        if spec["Role"] == "worker":
            node.pop("ManagerStatus", None)
            if ident == self.row["node"]:
                self.row["manager"] = False
        else:
            node["ManagerStatus"] = {"Reachability": "reachable", "Addr": ":2377"}

    def remove_node(self, ident, force=False):
        self.list = [node for node in self.list if node["ID"] != ident]

    def leave_swarm(self, force=False):
        assert force or not self.row.get("manager"), "moby: a manager only leaves by force"
        self.row.update(state="inactive", manager=False, node="", address="", remotes=[], error="")

    def _url(self, path):
        return path

    def _raise_for_status(self, answer):
        pass

    def _post_json(self, url, data):
        self.sent.append((url, json.loads(json.dumps(data))))
        if url == "/swarm/init":
            self.spec = _merge(self.spec, data["Spec"])
            self.row["fixed"] = {key: data[key] for key in ("DataPathPort", "DefaultAddrPool", "SubnetSize") if key in data}
            self.row.update(state="active", manager=True, node="me", address=data.get("AdvertiseAddr", "192.0.2.11").split(":")[0])
            self.row.pop("leaderless", None)
            self.list = [self._node("me", "manager", address=self.row["address"])]
        else:
            self.row.update(state="active", manager=False, node="me", address="192.0.2.12", remotes=data["RemoteAddrs"])


def _merge(old, new):
    return {key: _merge(old.get(key) or {}, value) if isinstance(value, dict) else value for key, value in dict(old, **new).items()}


class World(DockerSwarm):
    """The real adapter; what it would read from the host comes from the case."""

    def __init__(self, client, host):
        super().__init__(client, state.Observed, local=False)
        self.host, self.executed = host or {}, []

    def membership(self):
        me = super().membership()
        known = self.host.get("files", {})
        fixed = Addresses(*(Address(**known[key]) if key in known else getattr(me.fixed, key) for key in ("advertise", "listen", "data_path")))
        return replace(me, fixed=fixed, roots=tuple(self.host.get("roots", ()))) if me.inside else me

    def observe(self, scope):
        seen = super().observe(scope)
        if self.client.row.get("leaderless"):
            seen = replace(seen, nodes=None, cluster=None, leaderless=True)
        entering = self.host if scope.entering else {}
        return replace(
            seen,
            addresses=tuple((name, text) for name, texts in self.host["addresses"].items() for text in texts) if "addresses" in self.host else None,
            routes=tuple(Route(**row) for row in entering.get("routes", ())),
            taken=tuple((row["protocol"], row["port"]) for row in entering.get("taken", ())),
            silent=tuple((row["address"], row["why"]) for row in entering.get("silent", ())),
        )

    def execute(self, step):
        self.executed.append(step)
        super().execute(step)
