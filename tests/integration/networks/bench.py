# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks and containers on an engine under test, the module run as a process, and what inspect shows."""
from __future__ import annotations

import contextlib
import importlib
import io
import ipaddress
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import docker.errors
from assumptions.engine import Engine

from module_runner import give

TESTS = Path(__file__).resolve().parents[2]
COLLECTIONS = next(place for place in sys.path if os.path.isdir(os.path.join(place, "ansible_collections", "fleetnet")))
PREFIX = "fnit-"
LABEL = "fleetnet.integration"
# What an engine assigns anew by itself; everything else an endpoint shows has to be as before.
ASSIGNED = ("EndpointID", "NetworkID", "MacAddress", "IPAddress", "GlobalIPv6Address")


def client_image():
    """The lab's own client (a small Debian with nc and python3), from the lab's registry."""
    subnet = ipaddress.ip_network(os.environ.get("LAB_SUBNET", "10.203.0.0/24"))
    return os.environ.get("FLEETNET_CLIENT_IMAGE") or "%s:5000/lab/client:1" % subnet[5]


class Killed(Exception):
    """The module's process was killed, as it was to be."""


class Bench:
    """:param engine: assumptions.engine.Engine; :param folder: where this test keeps journal and parameters

    :param module: name of the module under test
    """

    def __init__(self, engine: Engine, folder, module="network"):
        self.engine, self.api, self.folder, self.module = engine, engine.api, folder, module
        self.state_dir = folder / "state"
        self.url = "unix://" + engine.api._custom_adapter.socket_path

    # what is there

    def network(self, name, subnet=None, **more):
        return self.engine.network(PREFIX + name, subnet, Labels={LABEL: "1"}, **more)

    def box(self, name, network, run="running", command=None, policy=None, endpoint=None, host=None, **more):
        """:param run: running, paused, stopped, created or restarting"""
        if run == "restarting":
            command, policy = ["sh", "-c", "exit 1"], "always"
        settings = dict({"RestartPolicy": {"Name": policy}} if policy else {}, **(host or {}))
        ident = self.engine.create(PREFIX + network, name=PREFIX + name, command=command or ["sleep", "3600"], endpoint=endpoint,
                                   host=settings, Image=client_image(), Labels={LABEL: "1"}, **more)
        if run != "created":
            self.engine.start(ident)
        if run == "paused":
            self.api.pause(ident)
        if run == "stopped":
            self.engine.stop(ident)
        if run == "restarting":
            self.engine.until(lambda: self.engine.state(ident) == "restarting", "the back-off of %s" % name)
        return ident

    def clean(self):
        for box in self.api.containers(all=True, filters={"label": LABEL}):
            self.api.remove_container(box["Id"], force=True)
        # A configuration network stays while another one is made from it.
        for net in sorted(self.api.networks(), key=lambda row: row["ConfigOnly"]):
            if net["Name"].startswith(PREFIX):
                with contextlib.suppress(docker.errors.NotFound):  # a swarm lists a removed network for some moments more
                    self._remove_network(net["Id"])

    def _remove_network(self, ident):
        for key, end in (self.api.inspect_network(ident)["Containers"] or {}).items():
            if not key.startswith("lb-"):  # the swarm's own
                self.engine.disconnect(ident, end["Name"], force=True)
        self.api.remove_network(ident)

    # the module

    def run(self, through=None, **params):
        """:param through: a proxy, or nothing; :returns: the module's answer

        :raises Killed: when the process ended by a signal
        """
        params = dict(params, docker_host=through.url if through else self.url, state_dir=str(self.state_dir))
        return self._elsewhere(params, through) if through else _here(self.module, params)

    def _elsewhere(self, params, through):
        """In a process of its own, which can be killed."""
        file = self.folder / "params.json"
        file.write_text(json.dumps(params))
        process = subprocess.Popen([sys.executable, str(TESTS / "module_runner.py"), self.module, str(file)], text=True,
                                   env=dict(os.environ, PYTHONPATH=COLLECTIONS), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        through.kill = process.kill
        out, err = process.communicate(timeout=180)
        if process.returncode < 0:
            raise Killed(process.returncode)
        assert out, err
        return json.loads(out)

    def done(self, **params):
        """The module's answer, which must be no failure."""
        answer = self.run(**params)
        assert not answer.get("failed"), answer
        return answer

    def journals(self):
        return sorted(self.state_dir.glob("*.json")) if self.state_dir.exists() else []

    # what inspect shows

    def portrait(self):
        """Networks and containers of this test, without what an engine assigns anew."""
        nets = {net["Name"]: _network(net) for net in self.api.networks() if net["Name"].startswith(PREFIX)}
        boxes = {}
        for row in self.api.containers(all=True, filters={"label": LABEL}):
            details = self.api.inspect_container(row["Id"])
            boxes[details["Name"]] = _box(details)
        return {"networks": nets, "containers": boxes}

    def wait_for_loops(self):
        """Until each container that crashes is in its back-off, for a while at least."""
        for row in self.api.containers(all=True, filters={"label": LABEL}):
            if "loop" in row["Names"][0]:
                self.engine.until(lambda ident=row["Id"]: self.engine.state(ident) == "restarting", "a container's back-off")

    def orphans(self):
        """Endpoints that the engine counts on a network though they are no container's, and that stay.

        While a container crashes, its endpoint is nobody's for a moment.
        """
        found = self._orphans()
        for _attempt in range(20):
            if not found:
                break
            time.sleep(0.5)
            found &= self._orphans()
        return sorted(found)

    def _orphans(self):
        found = set()
        for net in self.api.networks():
            if net["Name"].startswith(PREFIX):
                known = {row["Id"] for row in self.api.containers(all=True)}
                found |= {key for key in self.api.inspect_network(net["Id"])["Containers"] or {} if key not in known}
        return found


def _here(name, params):
    module = importlib.import_module("ansible_collections.fleetnet.docker.plugins.modules." + name)
    give(params)
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.suppress(SystemExit):
        module.main()
    return json.loads(out.getvalue())


def _network(net):
    keys = ("Driver", "Options", "Labels", "Internal", "Attachable", "Ingress", "EnableIPv6", "EnableIPv4", "ConfigOnly",
            "ConfigFrom", "Scope")
    pools = sorted((sorted(row.items(), key=str) for row in net["IPAM"]["Config"] or []), key=str)
    return dict({key: net.get(key) for key in keys}, pools=pools)


def _box(details):
    state = details["State"]["Status"]
    # A container between two crashes is now running, now restarting.
    looping = (details["HostConfig"].get("RestartPolicy") or {}).get("Name") == "always" and state in ("running", "restarting")
    steady = state in ("running", "paused") and not looping
    shown = {name: _endpoint(details, end, steady) for name, end in details["NetworkSettings"]["Networks"].items()}
    kept = {} if looping else {"started": details["State"]["StartedAt"], "pid": details["State"]["Pid"]}
    return dict(kept, state="looping" if looping else state, mode=details["HostConfig"]["NetworkMode"], networks=shown,
                attached=bool(details["NetworkSettings"]["Networks"]))


def _endpoint(details, end, steady):
    shown = {key: value for key, value in end.items() if key not in ASSIGNED}
    # Engine 20.10 lists the short id among the aliases as soon as the container has been started.
    shown["Aliases"] = sorted(set(end.get("Aliases") or ()) - {details["Id"][:12]})
    shown["DNSNames"] = sorted(end.get("DNSNames") or ())
    if not steady:
        # What else a stopped container shows is left over from its last run.
        shown = {key: value for key, value in shown.items() if key in ("Aliases", "IPAMConfig", "Links", "DriverOpts", "GwPriority")}
    shown["IPAMConfig"] = {key: value for key, value in (end.get("IPAMConfig") or {}).items() if value}
    for key in ("Links", "DriverOpts"):
        shown[key] = shown.get(key) or None
    return shown


def changes_without_ids(changes):
    return [re.sub(r"/[0-9a-f]{64}", "", change.split("?")[0]) for change in changes]
