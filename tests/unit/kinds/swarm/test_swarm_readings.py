# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What adapters make of files, certificates and answers."""
from __future__ import annotations

import json
import socket

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import docker_swarm_files, docker_swarm_read, docker_swarm_write
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import host_addresses
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.swarm.identity import digest
from ansible_collections.fleetnet.docker.plugins.module_utils.values.swarm import Address, Addresses

# A real swarm's certificate (26.1) and a token of it.
CERTIFICATE = """-----BEGIN CERTIFICATE-----
MIIBazCCARCgAwIBAgIUUMtvHWGTf6Y+g4P6+w1lnflNAGkwCgYIKoZIzj0EAwIw
EzERMA8GA1UEAxMIc3dhcm0tY2EwHhcNMjYxMTIxMDIzNDAwWhcNNDYxMTE2MDIz
NDAwWjATMREwDwYDVQQDEwhzd2FybS1jYTBZMBMGByqGSM49AgEGCCqGSM49AwEH
A0IABCzQBY1pPCU+TmfPt/SdYqSPpQFX5f8BmFoMCD0T7IaCQgkmFfHDX3WKbCQN
MXWiPhZK7plU9lES31YNTMDqjlujQjBAMA4GA1UdDwEB/wQEAwIBBjAPBgNVHRMB
Af8EBTADAQH/MB0GA1UdDgQWBBTA6iBWh+s5JC/i06gP3BxGvZStcTAKBggqhkjO
PQQDAgNJADBGAiEAoYbgOH/M8iMgLTN/yKbWEfI/6XeMXQ6Vqm8aRFBu/YkCIQC1
K5MM4SYuN8cIEHFxqmk9PfVWp1aNTM+Jnt3evx5+6w==
-----END CERTIFICATE-----
"""
TOKEN = "SWMTKN-1-2p4ila3tjof2tlcyw7ce8jlxjh5bd40l9vg8mmu30i8yihacln-7jijfo5wfdb4z09pte5z8bwa8"


def test_a_token_carries_the_digest_of_its_swarms_certificate():
    assert digest(TOKEN) in docker_swarm_files.digests(CERTIFICATE)
    assert digest(TOKEN.replace("SWMTKN-1-", "SWMTKN-2-1-")) in docker_swarm_files.digests(CERTIFICATE)


def test_while_certificates_rotate_each_of_the_bundle_counts():
    other = CERTIFICATE.replace("MIIB", "MIIC")
    assert digest(TOKEN) in docker_swarm_files.digests(other + CERTIFICATE)


def test_the_engines_own_files(tmp_path):
    (tmp_path / "swarm").mkdir()
    path = tmp_path / "swarm" / "docker-state.json"
    path.write_text(json.dumps({"ListenAddr": "0.0.0.0:2377", "AdvertiseAddr": "192.0.2.11:2377", "DataPathAddr": ""}))
    assert docker_swarm_files.fixed(str(tmp_path)) == Addresses(
        Address("192.0.2.11", 2377), Address("0.0.0.0", 2377), Address("192.0.2.11"))
    path.write_text(json.dumps({"ListenAddr": "[::]:2377", "AdvertiseAddr": "", "DataPathAddr": "fd00::1", "LocalAddr": ""}))
    assert docker_swarm_files.fixed(str(tmp_path)) == Addresses(None, Address("::", 2377), Address("fd00::1"))
    path.write_text("half a fi")
    assert docker_swarm_files.fixed(str(tmp_path)) == Addresses()
    assert docker_swarm_files.roots(str(tmp_path)) == ()


def test_a_new_leader_shows_no_address_of_its_own():
    raw = {"ID": "n", "Spec": {"Role": "manager"}, "Status": {"State": "ready", "Addr": "0.0.0.0"},
           "ManagerStatus": {"Addr": "192.0.2.12:2377", "Reachability": "reachable"}}
    assert docker_swarm_read.node(raw).address == "192.0.2.12"


def test_settings_beside_the_one_that_changes_stay():
    sent = []

    class Client:
        def inspect_swarm(self):
            return {"Version": {"Index": 7}, "Spec": {"Raft": {"SnapshotInterval": 1, "KeepOldSnapshots": 9}, "Labels": {"a": "b"}}}

        def update_swarm(self, **arguments):
            sent.append(arguments)

    docker_swarm_write.update(Client(), docker_swarm_write.Settings((("snapshot_interval", 2), ("labels", ()))))
    assert sent == [dict(version=7, swarm_spec={"Raft": {"SnapshotInterval": 2, "KeepOldSnapshots": 9}, "Labels": {}})]


def test_the_hosts_own_addresses_and_ports():
    assert ("lo", "127.0.0.1") in host_addresses.addresses()
    with socket.socket() as server, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as gram:
        server.bind(("127.0.0.1", 0))
        server.listen()
        gram.bind(("127.0.0.1", 0))
        tcp, udp = server.getsockname()[1], gram.getsockname()[1]
        assert host_addresses.taken([("tcp", "", tcp), ("udp", "", udp)]) == (("tcp", tcp), ("udp", udp))
        assert host_addresses.silent([("127.0.0.1", 1), ("127.0.0.1", tcp)]) == ()
    assert host_addresses.taken([("tcp", "127.0.0.1", tcp)]) == ()
    assert host_addresses.silent([("127.0.0.1", tcp)]) == (("127.0.0.1:%d" % tcp, "Connection refused"),)
