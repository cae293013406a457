# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab host that can be booted: like the lab's first on Debian 13, with every system on it that makes links at boot, one of them at work.

Its second link lan0 is there before any of these systems starts, as a card is; the first, the lab's way in, is left alone.
"""
from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import docker
import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
ENGINE = "26.1"
UNITS = "/etc/systemd/system/"
CARD = """[Unit]
DefaultDependencies=no
Wants=network-pre.target
Before=network-pre.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -ec 'ip link add lan0 address 02:00:00:00:00:10 type veth peer name lan1; ip link set lan1 up; %s'
[Install]
WantedBy=sysinit.target
"""
# It has the engine's own place in the order of the boot, and so sees what the engine finds.
WITNESS = """[Unit]
Wants=network-online.target
After=network-online.target
Before=docker.service
[Service]
Type=oneshot
ExecStart=/bin/sh -ec 'ip -j -d address > /run/links.json; ip -j -4 route > /run/routes.json; ip -j -6 route > /run/routes6.json'
[Install]
RequiredBy=docker.service
"""
# In a container there is no udev; this is how both find out.
SURROUNDINGS = {UNITS + name + ".d/without-udev.conf": "[Service]\nBindReadOnlyPaths=/sys\n" for name in ("systemd-networkd.service", "NetworkManager.service")}
# NetworkManager takes up every card, and would wait for an address on those.
SURROUNDINGS["/etc/NetworkManager/conf.d/lab.conf"] = "[keyfile]\nunmanaged-devices=interface-name:eth0;interface-name:lan1\n"
ADDRESS = "192.0.2.11/24"
NETWORKD = ("systemd-networkd.service", "systemd-networkd-wait-online.service")
NETWORKMANAGER = ("NetworkManager.service", "NetworkManager-wait-online.service", "NetworkManager-dispatcher.service")
KEYFILE = """[connection]
id=lan
uuid=6a1f2f0e-51d7-4f2b-9d0a-3b2c1d4e5f60
type=ethernet
interface-name=lan0
[ipv4]
method=manual
address1=%s
[ipv6]
method=disabled
""" % ADDRESS
NETPLAN = """network:
  version: 2
  renderer: %s
  ethernets:
    lan0:
      addresses: [%s]
"""
BRIDGE = """source /etc/network/interfaces.d/*
auto br0
iface br0 inet static
    pre-up ip link add br0 type bridge
    pre-up ip link set lan0 master br0
    pre-up ip link set lan0 up
    address %s
""" % ADDRESS
# How the host's own system configures lan0: what it is told, and what runs.
SYSTEMS = {
    "networkd": ({"/etc/systemd/network/20-lan.network": "[Match]\nName=lan0\n\n[Network]\nAddress=%s\n" % ADDRESS}, NETWORKD),
    "networkd, another link": ({"/etc/systemd/network/20-far.network": "[Match]\nName=lan1\n\n[Network]\nAddress=198.51.100.1/24\n"}, NETWORKD),
    "networkmanager": ({"/etc/NetworkManager/system-connections/lan.nmconnection": KEYFILE}, NETWORKMANAGER),
    "netplan, networkd behind it": ({"/etc/netplan/10-lan.yaml": NETPLAN % ("networkd", ADDRESS)}, NETWORKD),
    "netplan, NetworkManager behind it": ({"/etc/netplan/10-lan.yaml": NETPLAN % ("NetworkManager", ADDRESS)}, NETWORKMANAGER),
    "ifupdown": ({"/etc/network/interfaces": "source /etc/network/interfaces.d/*\nauto lan0\niface lan0 inet static\n    address %s\n" % ADDRESS},
                 ("networking.service",)),
    # The parent comes after what is made on it, as Debian's own file has the folder in its first line.
    "ifupdown, a bridge": ({"/etc/network/interfaces": BRIDGE}, ("networking.service",)),
}
BOOT_SECONDS = 60
SECRET = (".nmconnection", ".yaml")  # what their readers refuse when others can read it


class BootedHost:
    """:param system: one of C(SYSTEMS)"""

    def __init__(self, system, folder):
        self._folder = folder
        self._api = docker.APIClient(version="auto", timeout=120)
        like = self._api.inspect_container(self._like())
        self.name = "%s-booting" % os.environ["LAB_NAME"]
        self.close()
        config = dict(like["Config"], Image=image(like["Config"]["Image"]), Hostname="booting", HostConfig=like["HostConfig"])
        config["Env"] = [text if not text.startswith("LAB_HOST=") else "LAB_HOST=" + self.name for text in config["Env"]]
        self._api.create_container_from_config(config, self.name)
        self._api.start(self.name)
        self._awake()
        self._prepare(*SYSTEMS[system])
        self.boot()

    def _like(self):
        """:returns: id of the lab's first host of the distribution that docs/macvlan_parent.md speaks of"""
        wanted = ["fleetnet.lab=" + os.environ["LAB_NAME"], "fleetnet.engine=%s-engine" % ENGINE]
        found = sorted((row["Names"][0], row["Id"]) for row in self._api.containers(filters={"label": wanted}) if "-host" in row["Names"][0])
        if not found:
            pytest.skip("no host of lab %s has engine %s (Debian 13)" % (os.environ["LAB_NAME"], ENGINE))
        return found[0][1]

    def close(self):
        try:
            self._api.remove_container(self.name, v=True, force=True)
        except docker.errors.NotFound:
            pass

    def _prepare(self, files, units):
        self.link = "br0" if "br0" in "".join(files.values()) else "lan0"
        by_hand = "" if "lan0" in "".join(files.values()) else "ip address add %s dev lan0; ip link set lan0 up" % ADDRESS
        files = {**files, **SURROUNDINGS, UNITS + "card.service": CARD % by_hand, UNITS + "witness.service": WITNESS}
        for path, text in files.items():
            mode = "600" if path.endswith(SECRET) else "644"
            self.run("mkdir -p %s && cat > %s && chmod %s %s" % (os.path.dirname(path), path, mode, path), text)
        self.run("systemctl daemon-reload && systemctl enable card.service witness.service %s" % " ".join(units))

    def run(self, command, text=""):
        done = subprocess.run(["docker", "exec", "-i", self.name, "sh", "-ec", command], input=text, capture_output=True, text=True, check=False)
        assert done.returncode == 0, "%s: %s%s" % (command, done.stdout, done.stderr)
        return done.stdout

    def boot(self):
        """Links, addresses and routes go with the old network namespace; all that is left is on the disk."""
        self.run("touch /run/before")
        self._api.restart(self.name, timeout=20)
        self._awake()
        self.run("test ! -e /run/before")

    def _awake(self):
        until = time.monotonic() + BOOT_SECONDS
        while True:
            asked = subprocess.run(["docker", "exec", self.name, "systemctl", "is-system-running", "--wait"], capture_output=True, text=True, check=False,
                                   timeout=BOOT_SECONDS)
            if asked.stdout.strip() in ("running", "degraded"):
                break
            assert time.monotonic() < until, asked.stdout + asked.stderr
            time.sleep(0.2)
        failed = self.run("systemctl --failed --plain --no-legend")
        assert not failed, failed

    def apply(self, came_in_by="", **params):
        """:param came_in_by: what sshd would say; :returns: the module's answer, by a real run of Ansible"""
        play = self._folder / "play.json"
        task = {"fleetnet.docker.macvlan_parent": params, "environment": {"SSH_CONNECTION": came_in_by} if came_in_by else {}}
        play.write_text(json.dumps([{"hosts": "all", "gather_facts": False, "tasks": [task]}]))
        command = [str(Path(sys.executable).parent / "ansible-playbook"), str(play), "-i", self.name + ",", "-c", "community.docker.docker",
                   "-e", "ansible_python_interpreter=/usr/bin/python3"]
        env = dict(os.environ, ANSIBLE_COLLECTIONS_PATH=str(ROOT / ".venv/collections"), ANSIBLE_STDOUT_CALLBACK="ansible.builtin.json")
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=env)
        text = done.stdout[done.stdout.find("{"):]
        assert text, done.stdout + done.stderr
        return json.loads(text)["plays"][0]["tasks"][0]["hosts"][self.name]

    def now(self):
        return picture(*(self.run("ip -j " + what) for what in ("-d address", "-4 route", "-6 route")))

    def becomes(self, wanted, seconds=15):
        """:returns: the last picture seen, as soon as it is the one that is wanted"""
        until = time.monotonic() + seconds
        while self.now() != wanted and time.monotonic() < until:
            time.sleep(0.5)
        return self.now()

    def when_the_engine_came(self):
        return picture(*(self.run("cat /run/%s.json" % name) for name in ("links", "routes", "routes6")))


def picture(links, *routes):
    """:returns: link -> what a person would compare; the engine's and the lab's own links left out"""
    shown = {}
    for row in json.loads(links):
        if row["ifname"] not in ("lo", "eth0", "docker0", "lan1"):
            info = row.get("linkinfo", {})
            given = sorted("%(local)s/%(prefixlen)s" % one for one in row["addr_info"] if one["scope"] != "link")
            shown[row["ifname"]] = [info.get("info_kind"), info.get("info_data", {}).get("mode"), info.get("info_data", {}).get("id"),
                                    row.get("link"), row["mtu"], "UP" in row["flags"], bool(row.get("promiscuity")), given, []]
    for row in (row for text in routes for row in json.loads(text or "[]")):
        if row["dev"] in shown and not row["dst"].startswith(("fe80:", "ff00:")):
            shown[row["dev"]][-1].append(row["dst"])
    return shown


def image(node):
    """:returns: tag of the image, built once from the lab host's own and named after it"""
    tag = "fleetnet-lab/booting:" + node.rpartition(":")[2]
    subprocess.run(["docker", "build", "--quiet", "--label", "fleetnet.lab.image=booting", "--build-arg", "BASE=" + node, "--tag", tag,
                    str(HERE / "booting")], check=True, capture_output=True, env=dict(os.environ, DOCKER_BUILDKIT="0"))
    return tag
