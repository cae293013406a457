# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel and this host's own nft make of a rendered ruleset: loaded into an empty network namespace and read back."""
from __future__ import annotations

import os
import shutil
import subprocess

import pytest
from hypothesis import HealthCheck, given, settings

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import docker_bridges, nftables
from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import EnvironmentFault
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.firewall import compile as compiled, kind, nft
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.firewall.state import Scope

from unit.kinds.firewall.firewall_host_model import Host, completed, policies

SEEN = Host(published=("sctp . 1", "tcp . 8080", "udp . 53")).observe(Scope())
APART = "fnfw-nft-%d" % os.getpid()
# Another nft than this host's: words that run a command where it is, such as "docker exec -i CONTAINER", with an empty network namespace.
ELSEWHERE = os.environ.get("FLEETNET_NFT", "").split()
WORDS = ELSEWHERE or ["ip", "netns", "exec", APART]


def usable():
    return bool(ELSEWHERE) or os.geteuid() == 0 and bool(shutil.which("nft"))


pytestmark = pytest.mark.skipif(not usable(), reason="needs root and nft")


@pytest.fixture(scope="module", autouse=True)
def namespace():
    if not ELSEWHERE:
        subprocess.run(["ip", "netns", "add", APART], check=True)
    yield
    if not ELSEWHERE:
        subprocess.run(["ip", "netns", "del", APART], check=True)


def loaded(text):
    """:returns: what nft prints of our table, having loaded the text twice (the second time in the place of the first)"""
    for words in (["-f", "-"], ["-f", "-"], ["-y", "-p", "list", "table", "inet", "fleetnet"]):
        done = subprocess.run([*WORDS, "nft", *words], input=text, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr + text
    return done.stdout


@given(policies())
@settings(max_examples=int(os.environ.get("FLEETNET_EXAMPLES", "60")), deadline=None, suppress_health_check=list(HealthCheck))
def test_what_is_loaded_is_read_back_as_what_was_rendered(params):
    made = compiled.ruleset(kind.desired(params), SEEN)
    printed = loaded(nft.render(made))
    assert nft.parse(printed) == made
    # What was printed can be loaded again: that is how a host goes back.
    assert nft.parse(loaded(nft.render(None) + printed)) == made


@pytest.mark.parametrize("mark", [1, 0x100000, 0x80000000])
def test_each_bit_is_read_back_as_it_was_rendered(mark):
    params = completed({"mark": mark, "forwarded": {"rules": [{"action": "accept", "from": ["front"], "to": ["back"]}]}})
    made = compiled.ruleset(kind.desired(params), SEEN)
    assert nft.parse(loaded(nft.render(made))) == made


def test_ten_thousand_addresses_and_a_thousand_rules_take_no_time():
    crowd = ["10.%d.%d.%d" % (number // 62500, number // 250 % 250, number % 250) for number in range(0, 20000, 2)]
    rules = [{"action": "accept", "ports": [str(1000 + number)], "sources": ["@crowd"]} for number in range(1000)]
    params = completed({"sets": [{"name": "crowd", "elements": crowd}], "published": {"default": "drop", "rules": rules}})
    begun = spent()
    made = compiled.ruleset(kind.desired(params), SEEN)
    printed = loaded(nft.render(made))
    assert nft.parse(printed) == made
    assert spent() - begun < 2, "seconds of the processor for rendering, loading twice, reading back"


def spent():
    """Of this process and its children: other work on the machine does not count."""
    return sum(os.times()[:4])


@pytest.fixture
def apart(monkeypatch):
    """The adapter's commands run in the empty network namespace."""
    real = nftables.run
    for adapter in (nftables, docker_bridges):
        monkeypatch.setattr(adapter, "run", lambda argv, given="": real([*WORDS, *argv], given))
    real([*WORDS, "nft", "flush", "ruleset"])


def test_adapter(apart):
    assert nftables.listing() == ""
    made = compiled.ruleset(kind.desired(completed({"host": {"default": "drop"}})), SEEN)
    nftables.load(nft.render(made))
    assert nft.parse(nftables.listing()) == made
    before = nftables.listing()
    with pytest.raises(EnvironmentFault) as caught:
        nftables.load(nft.render(made) + "add rule inet fleetnet nowhere accept\n")
    assert str(caught.value).startswith("nft refuses the rules, and none of them is in force: ")
    assert nftables.listing() == before
    nftables.load(nft.render(None))
    assert nftables.listing() == ""


ENGINE = """table %s docker-bridges {
    chain filter-FORWARD {
        type filter hook forward priority filter; policy accept;
        %s
    }
}
"""
ACCEPTS = {"meta mark & 0x00100000 == 0x00100000 counter accept": 0x100000, "meta mark 0x00000001 accept": 1, "counter accept": 0, "": 0}


@pytest.mark.parametrize("line", ACCEPTS)
def test_the_mark_of_an_engine_with_nftables(apart, line):
    assert docker_bridges.listings() == {} and docker_bridges.mark({}) == 0
    nftables.load(ENGINE % ("ip", line))
    assert docker_bridges.mark(docker_bridges.listings()) == ACCEPTS[line]
    nftables.load(ENGINE % ("ip6", line))
    assert sorted(docker_bridges.listings()) == [4, 6] and docker_bridges.mark(docker_bridges.listings()) == ACCEPTS[line]
    nftables.load("flush chain ip6 docker-bridges filter-FORWARD\n")
    assert docker_bridges.mark(docker_bridges.listings()) == 0, "IPv6 would not be let through"


SUBNETS = {"br-a": ["172.18.0.0/16", "fd00:18::/64"], "br-b": ["172.19.0.0/16"], "br-c": []}
# What the engine writes, and the bridge and what it trusts of it.
RAW = {
    'ip daddr 172.18.0.2 iifname != "br-a" counter drop comment "DROP DIRECT ACCESS"': {"br-a": set()},
    'ip daddr 172.18.0.2 iifname != { "br-a", "eth1" } counter drop': {"br-a": {"eth1"}},
    'ip daddr 172.19.0.2 iifname != { "br-a", "br-b", "zz" } counter drop': {"br-b": {"br-a", "zz"}},
    'ip daddr 172.19.0.0/16 iifname != { "br-b", "lo" } counter drop': {"br-b": {"lo"}},
    'ip daddr 172.77.0.2 iifname != { "br-c" } counter drop': {"br-c": set()},
    'ip daddr 172.18.0.2 iifname != "br-a" counter accept': {}, 'iifname "eth0" drop': {}, "": {},
}


@pytest.mark.parametrize("line", RAW)
def test_what_an_engine_with_nftables_drops_before_any_mark(apart, line):
    nftables.load("table ip docker-bridges {\n chain raw-PREROUTING {\n type filter hook prerouting priority raw;\n %s\n }\n chain other {\n"
                  ' ip daddr 172.18.0.9 iifname != "br-c" drop\n }\n}\n' % line)
    assert docker_bridges.raw_drops(docker_bridges.listings(), SUBNETS) == RAW[line]


def test_what_it_drops_for_both_families(apart):
    for family, address in (("ip", "172.18.0.2"), ("ip6", "fd00:18::2")):
        nftables.load("table %s docker-bridges {\n chain raw-PREROUTING {\n %s daddr %s iifname != \"br-a\" drop\n }\n}\n" % (
            family, family, address))
    assert docker_bridges.raw_drops(docker_bridges.listings(), SUBNETS) == {"br-a": set()}
