# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lab is to be (plan), and whether its hosts answer (ready). The plan is checked before any effect."""

from __future__ import annotations

import ipaddress
import json
import os
import pathlib
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import images

Failure = images.Failure
CACHE = images.CACHE
CAP_NAMES = (
    "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE "
    "NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT "
    "SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE "
    "AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ "
    "PERFMON BPF CHECKPOINT_RESTORE"
).split()


def output(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failure("`%s` failed: %s" % (" ".join(command), done.stderr.strip()))
    return done.stdout


def setting(name, default):
    return os.environ.get(name) or default


def per_host(name, default, count):
    """One value for all hosts, or a comma list with one for each."""
    values = setting(name, default).split(",")
    if len(values) not in (1, count):
        raise Failure("%s lists %d values for %d hosts; give one, or one for each." % (name, len(values), count))
    return values * count if len(values) == 1 else values


def read_settings():
    name = setting("LAB_NAME", "fleetnet")
    if not re.fullmatch(r"[a-z][a-z0-9]{0,19}", name):
        raise Failure("LAB_NAME is '%s'; use up to 20 small letters and digits, a letter first." % name)
    text = setting("LAB_SUBNET", "10.203.0.0/24")
    try:
        subnet = ipaddress.IPv4Network(text)
    except ValueError as problem:
        raise Failure("LAB_SUBNET is '%s', which is no IPv4 network (%s); use one such as 10.203.0.0/24." % (text, problem))
    if subnet.prefixlen != 24:
        raise Failure("LAB_SUBNET is '%s'; the lab needs a /24, such as 10.203.0.0/24." % text)
    count = setting("LAB_HOSTS", "3")
    if not re.fullmatch(r"[1-9][0-9]?", count) or int(count) > 40:
        raise Failure("LAB_HOSTS is '%s'; use a number from 1 to 40." % count)
    return name, subnet, int(count)


def networks_in_use(own):
    """Subnets of the machine's routes and of the engine's networks, except the lab's own."""
    own_bridge = "-"
    identifiers = output("docker", "network", "ls", "--quiet").split()
    for network in json.loads(output("docker", "network", "inspect", *identifiers)):
        subnets = [entry.get("Subnet") for entry in network["IPAM"]["Config"] or []]
        if network["Name"] == own:
            own_bridge = "br-" + network["Id"][:12]
            yield None, subnets[0]
            continue
        for subnet in subnets:
            if subnet and ":" not in subnet:
                yield "Docker network '%s'" % network["Name"], subnet
    for route in json.loads(output("ip", "-4", "-json", "route", "show", "table", "all") or "[]"):
        if route["dst"] == "default" or route.get("dev") in (own_bridge, "lo") or route.get("type") in ("local", "broadcast"):
            continue
        yield "the route through %s" % route.get("dev", "the routing table"), route["dst"]


def check_subnet(name, subnet):
    used = list(networks_in_use(name + "-lab"))
    taken = []
    for owner, text in used:
        other = ipaddress.ip_network(text, strict=False)
        if owner is None:
            if other != subnet:
                raise Failure(
                    "lab '%s' already exists on %s, not on %s; unset LAB_SUBNET, or run `./dev lab down` first." % (name, other, subnet)
                )
            return
        taken.append((owner, other))
    for owner, other in taken:
        if other.overlaps(subnet):
            free = next(
                (
                    candidate
                    for candidate in ipaddress.ip_network("10.192.0.0/10").subnets(new_prefix=24)
                    if not any(candidate.overlaps(network) for _owner, network in taken)
                ),
                "another /24",
            )
            raise Failure(
                "LAB_SUBNET %s overlaps %s, which %s uses on this machine; choose a free one, such as LAB_SUBNET=%s."
                % (subnet, other, owner, free)
            )


def missing_capabilities():
    status = pathlib.Path("/proc/self/status").read_text()
    bounding = int(re.search(r"^CapBnd:\s*(\S+)", status, re.M).group(1), 16)
    last = int(pathlib.Path("/proc/sys/kernel/cap_last_cap").read_text())
    return [name for bit, name in enumerate(CAP_NAMES) if bit <= last and not bounding >> bit & 1]


def container_rights():
    """Arguments for docker_container: plain privileged where the machine can grant it."""
    version, cgroup = output("docker", "info", "--format", "{{.ServerVersion}} {{.CgroupVersion}}").split()
    missing = missing_capabilities()
    rights = {"privileged": True}
    # Later engines grant what they have themselves, and refuse to leave out what they have not.
    if missing and int(version.split(".")[0]) < 22:
        # These neither know the newest ones by name nor grant them.
        missing = [name for name in missing if name not in ("PERFMON", "BPF", "CHECKPOINT_RESTORE")]
        rights = {
            "capabilities": ["ALL"],
            "cap_drop": missing,
            "security_opts": ["seccomp=unconfined", "apparmor=unconfined"],
            "device_cgroup_rules": ["a *:* rwm"],
        }
    if cgroup == "2":
        rights["cgroupns_mode"] = "private"
    return rights


def plan():
    name, subnet, count = read_settings()
    engines = per_host("LAB_ENGINE", "26.1", count)
    variants = per_host("LAB_VARIANT", "engine", count)
    nodes = [images.node(engine, variant) for engine, variant in zip(engines, variants)]
    check_subnet(name, subnet)
    base = subnet.network_address
    return {
        "name": name,
        "subnet": str(subnet),
        "gateway": str(base + 1),
        "network": name + "-lab",
        "cache": str(CACHE / name),
        "key": str(CACHE / "id_ed25519"),
        "registry": {"name": name + "-registry", "address": str(base + 5), "image": images.registry().tag},
        "rights": container_rights(),
        "hosts": [
            {
                "name": "host%d" % number,
                "container": "%s-host%d" % (name, number),
                "address": str(base + 10 + number),
                "engine": engines[number - 1],
                "variant": variants[number - 1],
                "image": nodes[number - 1].tag,
            }
            for number in range(1, count + 1)
        ],
    }


def build():
    """Build the images that this lab needs and nobody has built yet."""
    hosts = {(host["engine"], host["variant"]) for host in plan()["hosts"]}
    images.ensure([images.node(*kind) for kind in sorted(hosts)] + [images.registry()] + images.served())


def publish():
    """Push what the registry does not hold yet under the content's own tag."""
    registry = "127.0.0.1:" + registry_port(plan())
    images.await_registry(registry)
    for image in images.served():
        if images.push(image, "lab/" + image.name, registry):
            print("pushed %s" % image.name, flush=True)


def ssh_options(current):
    return [
        "-i", current["key"], "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", "-o", "ConnectTimeout=2",
        "-o", "GlobalKnownHostsFile=/dev/null", "-o", "StrictHostKeyChecking=yes",
        "-o", "UserKnownHostsFile=%s/known_hosts" % current["cache"],
    ]  # fmt: skip


def wait_for(host, current, started):
    """Wait for SSH, a settled systemd without failed units, and the engine's answer."""
    if host["variant"] == "engine":
        question = "systemctl is-system-running --wait && sudo docker info --format '{{.ServerVersion}}'"
    else:
        question = "systemctl is-system-running --wait"
    command = ["ssh"] + ssh_options(current) + ["ops@" + host["address"], question]
    answer = None
    while time.monotonic() < started + 90:
        try:
            answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        except subprocess.TimeoutExpired:
            continue
        if answer.returncode == 0:
            version = answer.stdout.split()[-1]
            if host["variant"] == "engine" and not version.startswith(host["engine"]):
                raise Failure("%s runs engine %s, not %s; rebuild with `./dev clean --images`." % (host["name"], version, host["engine"]))
            print("  %s %s answers (%s %s)" % (host["name"], host["address"], host["variant"], version), flush=True)
            return
        time.sleep(0.3)
    units = subprocess.run(
        ["docker", "exec", host["container"], "systemctl", "--failed", "--plain", "--no-legend"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    raise Failure(
        "%s (%s) did not come up within 90 s: %s %s %sLook at `docker exec %s journalctl -p warning`, then run `./dev lab down` and try again."
        % (host["name"], host["address"], answer.stdout.strip() if answer else "", answer.stderr.strip() if answer else "no answer,",
           units.stdout, host["container"])
    )  # fmt: skip


def host_key(host):
    """The host's public key, read through the engine and not over the network, so that SSH can be strict."""
    for _attempt in range(50):
        found = subprocess.run(
            ["docker", "exec", host["container"], "cat", "/etc/ssh/ssh_host_ed25519_key.pub"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if found.returncode == 0 and found.stdout.startswith("ssh-ed25519"):
            return "%s %s\n" % (host["address"], " ".join(found.stdout.split()[:2]))
        if "is not running" in found.stderr:
            break
        time.sleep(0.2)
    raise Failure(
        "%s ended or made no SSH host key (%s); `docker logs %s` says why. Then run `./dev lab down` and try again."
        % (host["name"], found.stderr.strip(), host["container"])
    )


def running():
    """Whether the lab stands as planned, so that nothing needs to be made: fails with what is missing."""
    current = plan()
    wanted_labels = {host["container"]: "%s-%s" % (host["engine"], host["variant"]) for host in current["hosts"]}
    wanted_labels[current["registry"]["name"]] = ""
    listed = output(
        "docker", "ps", "--filter", "label=fleetnet.lab=" + current["name"], "--format", '{{.Names}} {{.Label "fleetnet.engine"}}'
    )
    found = dict(line.split(" ", 1) for line in listed.splitlines())
    missing = [name for name, label in wanted_labels.items() if found.get(name) != label]
    if missing or not served_images_are_current(current):
        sys.exit(1)
    ready()


def registry_port(current):
    return output("docker", "port", current["registry"]["name"], "5000/tcp").split(":")[-1].strip()


def served_images_are_current(current):
    registry = "127.0.0.1:" + registry_port(current)
    return all(images.is_served(image, "lab/" + image.name, registry) for image in images.served())


def ready():
    current, started = plan(), time.monotonic()
    folder = pathlib.Path(current["cache"])
    folder.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(max_workers=8) as pool:
        folder.joinpath("known_hosts").write_text("".join(pool.map(host_key, current["hosts"])))
        list(pool.map(lambda host: wait_for(host, current, started), current["hosts"]))


COMMANDS = {
    "check": lambda: plan() and None,
    "plan": lambda: print(json.dumps(plan())),
    "build": build,
    "publish": publish,
    "ready": ready,
    "running": running,
}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in COMMANDS:
        sys.exit("usage: lab.py %s" % "|".join(COMMANDS))
    try:
        COMMANDS[sys.argv[1]]()
    except Failure as failure:
        sys.exit("lab: %s" % failure)
