# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host in memory with an engine, a table and DOCKER-USER, and policies at random, for tests of what must hold for all of them."""
from __future__ import annotations

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from hypothesis import strategies as st

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import docker_user, firewall_guard
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.firewall import ipt, state
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.firewall.backend import of_text
from ansible_collections.fleetnet.docker.plugins.module_utils.values.network import Network, pairs
from ansible_collections.fleetnet.docker.plugins.modules import firewall as module


class Trouble(Exception):
    """nft, or iptables, refuses."""


class Killed(BaseException):
    """No handler of the code under test catches this, as none sees SIGKILL."""


def network(name, driver="bridge", bridge=None, ident="0" * 64):
    options = pairs({"com.docker.network.bridge.name": bridge} if bridge else {})
    return Network(name=name, driver=driver, driver_options=options, id=ident, ipam_config=(), labels=())


NETWORKS = (network("bridge", bridge="docker0"), network("front", ident="a" * 64), network("back", ident="b" * 64),
            network("host", "host"), network("lan", "macvlan"), network("mesh", "overlay"), network("woven", "weaveworks/net-plugin:2"))


class Host:
    """:ivar listing: what nft prints of our table; :ivar rules: our rules in DOCKER-USER
    :ivar iptables: text of our chains there, C(None) where iptables cannot be used
    :ivar disk: what is loaded at boot, C(None) without systemd; :ivar order: what the roll-back timer will do, C(None) while none runs
    :ivar disorder: whether the disk would not load it as it is, or something else

    After each step, and when the timer has fired, the unit that follows the engine comes and puts back what the disk says, as it does in
    the time between two steps.
    """

    def __init__(self, networks=NETWORKS, published=("tcp . 8080",), chains=(4, 6), listing="", rules=(), iptables=None, **facts):
        self.networks, self.published, self.chains, self.listing, self.rules = networks, published, chains, listing, list(rules)
        self.iptables, self.disk, self.order = iptables, "", None
        self.disorder = False
        self.facts, self.executed = facts, []
        self.before_step = self.after_step = lambda step: None

    def observe(self, scope):
        facts = dict(self.facts)
        through = facts.pop("through", None) or state.Through(self.chains, tuple(sorted(self.rules)))
        return state.Observed(**{**dict(
            listing=self.listing, networks=self.networks, published=self.published, through=through, persisted=self.disk,
            disorder=self.disorder, pending="token" if self.order else "", iptables=self.iptables,
            undo=tuple(command.input for command in self.order or () if command.input)), **facts})

    def execute(self, step):
        self.before_step(step)
        self.executed.append(step)
        getattr(self, "_" + step.phase)(step)
        self._follow()
        self.after_step(step)

    def _follow(self):
        """It makes no rule of its own, and leaves everything alone while a change waits to be confirmed and written."""
        backend, ruleset = of_text(self.disk or "")
        if ruleset and not self.order and not (self.listing if backend == "nftables" else self.iptables):
            self._take_in(backend, self.disk)

    def _end(self, step):
        self.facts["flows"] = tuple(flow for flow in self.facts["flows"] if flow not in step.before.flows)
        self.facts["ended"] = tuple(sorted({*self.facts.get("ended", ()), step.before.backend}))

    def _forget(self, step):
        self.facts["ended"] = tuple(backend for backend in self.facts["ended"] if backend != step.before.backend)

    def _load(self, step):
        self._take_in((step.after or step.before).backend, step.after.text if step.after else "")

    _sweep = _load

    def _take_in(self, backend, text):
        if backend == "iptables":
            self.iptables = text if ipt.parse(text) else ""
        else:
            self.listing = _loaded(text)

    def _arm(self, step):
        """As the timer takes over what one before it has to put back, by the commands that the firewall gives it."""
        former = self.order or ()
        known = {command.thing for command in former}
        self.order = (*former, *(command for command in firewall_guard.commands(step.after) if command.thing not in known))

    def _disarm(self, step):
        if not self.order:
            raise Trouble("The timer was faster.")
        self.order = None

    def _persist(self, step):
        self.disk, self.disorder = step.after.text if step.after else "", False

    def time_is_up(self):
        """The timer fires, if one runs."""
        for command in self.order or ():
            if command.input:
                self._take_in(of_text(command.input)[0], command.input)
            else:
                self.rules = [rule for rule in self.rules if list(command.argv) != docker_user.change("-D", *rule)]
        self.order = None
        self._follow()

    def reboot(self):
        self.order, self.listing, self.rules, self.iptables = None, "", [], None if self.iptables is None else ""
        self._take_in(of_text(self.disk or "")[0], self.disk or "")

    def _put(self, step):
        self.rules.append((step.after.family, step.after.mark))

    def _take(self, step):
        self.rules.remove((step.before.family, step.before.mark))

    def portrait(self):
        return (self.listing, sorted(self.rules)) + ((self.iptables,) if self.iptables is not None else ())


def _loaded(text):
    """Without the two lines that make room."""
    lines = text.splitlines()[2:]
    return "\n".join(lines) + "\n" if lines else ""


def completed(params):
    """:returns: the parameters as AnsibleModule hands them to the module: typed, with defaults"""
    found = ArgumentSpecValidator(module.ARGUMENT_SPEC).validate(params)
    assert not found.error_messages, found.error_messages
    return found.validated_parameters


flags = st.booleans()
addresses = st.one_of(
    st.ip_addresses(v=4).map(str), st.ip_addresses(v=6).map(str), st.sampled_from(["0.0.0.0/0", "::/0", "10.0.0.0/8", "2001:db8::/32"]),
    st.tuples(st.integers(0, 2 ** 32 - 300), st.integers(1, 299)).map(
        lambda pair: "%s-%s" % tuple(".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0)) for number in (pair[0], sum(pair)))))
ports = st.one_of(st.integers(1, 65535).map(str), st.tuples(st.integers(1, 65000), st.integers(1, 535)).map(
    lambda pair: "%d-%d" % (pair[0], sum(pair))))
comments = st.sampled_from(["", "admin page", "it's me; {drop}", "für alle #1, a.b", "accept", "published 2: x"])
interfaces = st.sampled_from(["eth0", "wlan0", "eth*", "br-ff.1", "tun-1"])


def lists(of, named=()):
    return st.one_of(st.none(), st.lists(st.one_of(of, *map(st.just, named)), min_size=1, max_size=4))


@st.composite
def rules(draw, section):
    row = {"action": draw(st.sampled_from(["accept", "drop", "reject"])), "log": draw(flags), "comment": draw(comments)}
    if draw(flags):
        row["protocols"] = draw(st.lists(st.sampled_from(["tcp", "udp", "sctp"]), min_size=1, max_size=3, unique=True))
        row["ports"] = draw(lists(ports, ["@web"]))
    elif section != "published" and draw(flags):
        row["protocols"] = draw(st.lists(st.sampled_from(["icmp", "esp", "tcp", "vrrp", "igmp", "gre"]), min_size=1, max_size=3, unique=True))
    if row["action"] == "accept" and draw(flags):
        limit = draw(st.sampled_from(["10/second", "1/second", "7/minute", "60/minute", "3/hour", "3600/hour", "5000/day"]))
        row.update(limit=limit, burst=draw(st.one_of(st.none(), st.integers(1, 99))))
    row["sources"] = draw(lists(addresses, ["@office"]))
    if section == "forwarded":
        row["from"], row["to"] = (draw(lists(st.sampled_from(["front", "back", "outside", "later"]))) for _end in range(2))
        if len(set(row["from"] or ())) == 1 and set(row["from"]) == set(row["to"] or ()):
            row["to"] = None
        row["destinations"] = draw(lists(addresses, ["@office"]))
    else:
        row["interfaces"], row["networks"] = draw(lists(interfaces)), draw(lists(st.sampled_from(["front", "later"])))
    return row


def _meeting(rule, office):
    """Without what is refused: sources of one family and destinations of the other."""
    families = []
    for texts in (rule.get("sources"), rule.get("destinations")):
        plain = [element for text in texts or () for element in (office if text == "@office" else [text])]
        families.append({6 if ":" in text else 4 for text in plain} or {4, 6})
    return rule if families[0] & families[1] else dict(rule, destinations=None)


@st.composite
def policies(draw):
    """Module parameters that are no mistake."""
    params = {"sets": [{"name": "office", "elements": draw(st.lists(addresses, max_size=4))},
                       {"name": "web", "type": "ports", "elements": draw(st.lists(ports, max_size=3))}],
              "ssh_port": draw(st.one_of(st.none(), st.integers(1, 65535))), "allow_lockout": draw(flags)}
    for section in ("published", "forwarded", "host"):
        if draw(flags):
            params[section] = {"default": draw(st.sampled_from(["accept", "drop"])),
                               "rules": [_meeting(rule, params["sets"][0]["elements"]) for rule in draw(st.lists(rules(section), max_size=3))]}
            if section == "published":
                params[section]["direct"] = draw(st.sampled_from(["accept", "drop"]))
    if draw(flags) or not set(params) & {"published", "forwarded", "host"}:
        members = draw(st.sampled_from([["192.0.2.11", "2001:db8::12"], ["192.0.2.11"], ["2001:db8::12"], ["2001:db8::/126", "2001:db8::9"]]))
        port = draw(st.sampled_from([4789, 7946, 7945, 7947, 8472, 2377, 1, 65535]))
        params["cluster"] = {"members": members, "encrypted": draw(flags), "data_path_port": port}
    if draw(flags):
        params["mark"] = draw(st.sampled_from([1, 0x2000, 0x100000, 0x80000000]))
    return completed(params)
