# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program of its own: keeps the elements of the table's sets in step with the engine, and repairs what others flush.

It needs nothing but the standard library. It sleeps until the engine tells of an event, or the kernel of a change of some
packet filter; then it reads both, and changes what differs in one transaction. It never makes or changes a rule of the policy.
"""
from __future__ import annotations

import http.client
import os
import re
import select
import socket
import subprocess
import sys
import time

if __package__:
    from .firewall_engine import ask, bridges, engine_events, run, seen
else:  # it lies beside it
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    from firewall_engine import ask, bridges, engine_events, run, seen

RULES = "/etc/fleetnet/firewall.nft"
ELEMENTS = "/var/lib/fleetnet/firewall-elements.nft"
ROLLBACK = "/run/fleetnet/rollback/firewall"
TABLE = "inet fleetnet"
NETLINK_NETFILTER, SOL_NETLINK, ADD_MEMBERSHIP, NFTABLES_GROUP = 12, 270, 1, 7
LOOK_AGAIN_SECONDS = 60.0
SETTLE_SECONDS = 0.2
RECONNECT_SECONDS = 0.5
REPEAT_SECONDS = 1.0
TROUBLE = (OSError, http.client.HTTPException, ValueError, subprocess.SubprocessError)
STATIC = ("-m", "mark", "--mark", "%s/%s", "-m", "comment", "--comment", "fleetnet.docker", "-j", "ACCEPT")
SET = re.compile(r'\tset (\S+) \{\n(?:\t\t(?!comment|elements).*\n)*(?:\t\tcomment "network (\S+)"\n)?')
EMPTIED = re.compile(r"\tchain \S+ \{\n\t\ttype .*\n\t\}")  # what the kernel calls is never without rules
CHAIN = re.compile(r"\tchain (\S+) \{\n((?:\t\t.*\n)*)\t\}")
MARK = re.compile(r'comment "fleetnet\.docker sha256:[0-9a-f]{64} mark:(0x[0-9a-f]+)"')


def wanted(networks, containers):
    """:returns: set name or ("network", NAME) -> elements, in nft's spelling, sorted"""
    names = [(network, '"%s"' % name) for network, name in bridges(networks)]
    ports = {"%s . %d" % (row.get("Type") or "tcp", row["PublicPort"]) for raw in containers for row in raw.get("Ports") or ()
             if row.get("PublicPort") and not (row.get("IP") or "").startswith(("127.", "::1"))}
    found = {("network", network): sorted(name for other, name in names if other == network) for network, _name in names}
    found.update(bridges=sorted({name for _network, name in names}), same=sorted({"%s . %s" % (name, name) for _network, name in names}),
                 published=sorted(ports))
    return found


def dynamic_sets(listing):
    """:returns: set name -> network name, or the set's own for what all tables have"""
    found = {name: ("network", network) for name, network in SET.findall(listing) if network}
    found.update((name, name) for name, network in SET.findall(listing) if name in ("bridges", "same", "published"))
    return found


def elements(listing):
    """:returns: of one set as nft lists it"""
    found = re.search(r"elements = \{([^}]*)\}", listing)
    return sorted(" ".join(text.split()) for text in found.group(1).split(",")) if found else []


def refill(listing, want):
    sets = dynamic_sets(listing)
    changes = []
    for name, source in sorted(sets.items()):
        have = elements(run(["nft", "-y", "list", "set", *TABLE.split(), name])[1])
        if have != want.get(source, []):
            changes.append(filled(name, want.get(source, [])))
    if changes:
        run(["nft", "-f", "-"], "".join(changes))
    if not is_armed():
        remember("".join(filled(name, want.get(source, [])) for name, source in sorted(sets.items())))


def filled(name, values):
    text = "flush set %s %s\n" % (TABLE, name)
    return text + ("add element %s %s { %s }\n" % (TABLE, name, ", ".join(values)) if values else "")


def remember(text):
    """For the next boot: ports are published again before the engine answers anybody."""
    if read(ELEMENTS) == text:
        return
    os.makedirs(os.path.dirname(ELEMENTS), mode=0o700, exist_ok=True)
    with open(ELEMENTS + ".new", "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(ELEMENTS + ".new", ELEMENTS)


def is_armed():
    """Whether a change waits to be confirmed and written; what is in force then is nobody's business but its own."""
    try:
        return any(name.startswith("armed-") for name in os.listdir(ROLLBACK))
    except FileNotFoundError:
        return False


def read(path):
    """:returns: what lies there, empty without it"""
    try:
        with open(path, encoding="utf-8") as stream:
            return stream.read()
    except FileNotFoundError:
        return ""


def robbed(listing, rules):
    """Whether somebody took lines of the policy on the disk away; another policy is about to be written there."""
    title, wanted_title = MARK.search(listing), MARK.search(rules)
    if not title or not wanted_title or title.group() != wanted_title.group():
        return False
    there = dict(lines(listing))
    return any(there.get(chain, 0) < number for chain, number in lines(rules))


def lines(text):
    """:returns: how many each chain has"""
    for chain, body in CHAIN.findall(text):
        yield chain, sum(not row.startswith("\t\ttype ") for row in body.splitlines())


def table():
    """The table without the elements of its sets; put back from the disk where somebody flushed it, or a chain of it."""
    there, listing = run(["nft", "-t", "list", "table", *TABLE.split()])
    rules = "" if is_armed() else read(RULES)
    if rules and (not there or EMPTIED.search(listing) or robbed(listing, rules)):
        run(["nft", "-f", RULES])
        there, listing = run(["nft", "-t", "list", "table", *TABLE.split()])
    return listing if there else ""


def let_through(listing):
    """The one static rule, where the policy lets something through and DOCKER-USER is there without it."""
    bit = MARK.search(listing)
    if not bit or 'comment "let through"' not in listing:
        return
    rule = [part % (bit.group(1), bit.group(1)) if "%" in part else part for part in STATIC]
    for command in ("iptables", "ip6tables"):
        if run([command, "-w", "10", "-S", "DOCKER-USER"])[0] and not run([command, "-w", "10", "-C", "DOCKER-USER", *rule])[0]:
            run([command, "-w", "10", "-I", "DOCKER-USER", *rule])


def put_right(own_rule):
    listing = table()
    if listing:
        if own_rule:
            let_through(listing)
        refill(listing, wanted(*seen()))


def kernel_changes():
    """A socket that wakes us on each change of nftables, also of those that iptables makes by it."""
    found = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
    found.bind((0, 0))
    found.setsockopt(SOL_NETLINK, ADD_MEMBERSHIP, NFTABLES_GROUP)
    found.setblocking(False)
    return found


def drained(source):
    """:returns: whether the other end is still there"""
    while True:
        try:
            if not source.recv(65536):
                return False
        except BlockingIOError:
            return True
        except OSError:
            return source.family == socket.AF_NETLINK  # more changes than it can hold are changes, too


def follow(kernel, events, repair):
    """Until the engine goes away."""
    own_rule = not ((ask("/info").get("FirewallBackend") or {}).get("Driver") or "").startswith("nftables")
    while True:
        repair(own_rule)
        ready = select.select([kernel, events], [], [], REPEAT_SECONDS if is_armed() else LOOK_AGAIN_SECONDS)[0]
        if ready == [kernel]:
            # The engine changes its rules one by one, and tells of it when all is done.
            ready += select.select([events], [], [], SETTLE_SECONDS)[0]
        if not min(map(drained, ready)):  # looks at all of them, also after one that has ended
            return


def main(repair=put_right, keep=table):
    kernel = kernel_changes()
    while True:
        try:
            events = engine_events()
            try:
                follow(kernel, events, repair)
            finally:
                events.close()
        except TROUBLE:
            try:
                keep()  # without the engine there is still the policy to keep
            except TROUBLE:
                pass  # tried again with the next look
        time.sleep(RECONNECT_SECONDS)


if __name__ == "__main__":
    main()
