# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What this machine has: commands' answers, capabilities, the addresses in use."""

from __future__ import annotations

import ipaddress
import json
import pathlib
import re
import subprocess

import images

Failure = images.Failure
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


def check_names(lab, containers, network):
    """What has a name of the lab's, and was not made by it, is somebody else's: the lab would take it over, or replace it."""
    rows = [("container", row) for row in output("docker", "ps", "--all", "--format", '{{.Names}}\t{{.Label "fleetnet.lab"}}').splitlines()]
    rows += [("network", row) for row in output("docker", "network", "ls", "--format", '{{.Name}}\t{{.Label "fleetnet.lab"}}').splitlines()]
    for kind, row in rows:
        name, _tab, label = row.partition("\t")
        if label != lab and (kind == "network" and name == network or kind == "container" and name in containers):
            raise Failure("LAB_NAME is '%s', but the %s '%s' on this machine is no lab's; choose another LAB_NAME." % (lab, kind, name))


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
