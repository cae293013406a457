# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One engine under trial, and the few verbs the trials are written in.

Bodies go through the SDK's own transport where the SDK has no argument for a field.
"""

from __future__ import annotations

import time
import uuid

import docker
import docker.errors

from assumptions import image

LABEL = "fleetnet.assumptions"


class Engine:
    """:param host: address of the lab host that it runs on"""

    def __init__(self, url, restart, host=""):
        self.restart_engine_by, self.host = restart, host
        self.api = docker.APIClient(base_url=url, version="auto", timeout=60)
        version = self.api.version()["Version"]
        self.release = ".".join(version.split(".")[:2])
        self.number = tuple(int(part) for part in self.release.split("."))
        self.image = image.ensure(self.api)
        self._subnet = 0

    def new_name(self, what):
        return "%s-%s" % (what, uuid.uuid4().hex[:8])

    def new_subnet(self):
        self._subnet = self._subnet % 250 + 1
        return "10.97.%d.0/24" % self._subnet

    def post(self, path, body):
        """POST a body of one's own, fail as the SDK fails."""
        response = self.api._post_json(self.api._url(path), data=body)
        self.api._raise_for_status(response)
        return response.json() if response.content else None

    # networks

    def network(self, name, subnet=None, **more):
        body = {"Name": name, "Driver": "bridge", "Labels": {LABEL: "1"}, "CheckDuplicate": True}
        if subnet:
            body["IPAM"] = {"Driver": "default", "Config": [{"Subnet": subnet}]}
        body.update(more)
        return self.post("/networks/create", body)["Id"]

    def remove(self, network):
        self.api.remove_network(network)

    def connect(self, network, container, **endpoint):
        self.post("/networks/%s/connect" % network, {"Container": container, "EndpointConfig": endpoint})

    def disconnect(self, network, container, force=False):
        self.post("/networks/%s/disconnect" % network, {"Container": container, "Force": force})

    def members(self, network):
        return set(self.api.inspect_network(network)["Containers"] or {})

    # containers

    def create(self, network, name=None, command=None, endpoint=None, host=None, **more):
        body = {
            "Image": self.image,
            "Cmd": command or ["/bin/sleep", "3600"],
            "Labels": {LABEL: "1"},
            "StopSignal": "SIGKILL",
            "HostConfig": dict({"NetworkMode": network}, **(host or {})),
        }
        if endpoint is not None:
            body["NetworkingConfig"] = {"EndpointsConfig": {network: endpoint}}
        body.update(more)
        path = "/containers/create?name=%s" % (name or self.new_name("c"))
        response = self.api._post_json(self.api.base_url + "/v%s" % self.api._version + path, data=body)
        self.api._raise_for_status(response)
        return response.json()["Id"]

    def run(self, network, **arguments):
        container = self.create(network, **arguments)
        self.start(container)
        return container

    def start(self, container):
        self.api.start(container)

    def stop(self, container):
        self.api.stop(container, timeout=5)

    def restart(self, container):
        self.api.restart(container, timeout=1)

    def inspect(self, container):
        return self.api.inspect_container(container)

    def state(self, container):
        return self.inspect(container)["State"]["Status"]

    def networks(self, container):
        return self.inspect(container)["NetworkSettings"]["Networks"] or {}

    def endpoint(self, container, network):
        return self.networks(container).get(network) or {}

    def execute(self, container, *command):
        """The output of a command in the container; an empty text where it fails."""
        # Engine 20.10 sometimes loses the output of a short command: the last line tells that all of it came.
        for _attempt in range(10):
            job = self.api.exec_create(container, ["/bin/sh", "-c", '"$@"; echo "exit $?"', "sh", *command], stderr=False)["Id"]
            output, _line, code = self.api.exec_start(job).decode("utf-8", "replace").rstrip().rpartition("exit ")
            if code:
                return output.strip() if code == "0" else ""
        raise AssertionError("No output of %s in ten attempts." % command[0])

    def interfaces(self, container):
        """The names the engine gave (eth0 ...), not those that some kernels put into every namespace."""
        lines = self.execute(container, "/bin/cat", "/proc/net/dev").splitlines()[2:]
        return sorted(name for name in (line.split(":")[0].strip() for line in lines) if name.startswith("eth"))

    def default_route(self, container):
        """The interface and gateway of the default route, or an empty text."""
        for line in self.execute(container, "/bin/cat", "/proc/net/route").splitlines()[1:]:
            interface, destination, gateway = line.split()[:3]
            if destination == "00000000":
                octets = [str(int(gateway[i : i + 2], 16)) for i in (6, 4, 2, 0)]
                return "%s via %s" % (interface, ".".join(octets))
        return ""

    def resolves(self, container, name):
        return bool(self.execute(container, "/bin/getent", "hosts", name))

    # the engine itself

    def restart_engine(self):
        self.restart_engine_by()
        self.until(self.api.ping, "the engine to answer again")

    @staticmethod
    def until(condition, what, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if condition():
                    return
            except (docker.errors.DockerException, OSError):
                pass
            time.sleep(0.1)
        raise AssertionError("Waited %d s in vain for %s." % (seconds, what))

    def clean(self):
        """Remove what the trials made; by force, since some of them leave orphan endpoints on purpose."""
        mine = {"label": LABEL}
        for container in self.api.containers(all=True, filters=mine):
            self.api.remove_container(container["Id"], force=True, v=True)
        for network in self.api.networks(filters=mine):
            for endpoint in (self.api.inspect_network(network["Id"])["Containers"] or {}).values():
                self.disconnect(network["Id"], endpoint["Name"], force=True)
            self.remove(network["Id"])
