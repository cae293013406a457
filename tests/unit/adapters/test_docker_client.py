# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user reads when the engine cannot be talked to; real sockets, no mocks."""
from __future__ import annotations

import os
import socket
import ssl
import subprocess
import sys
import threading

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import docker_client
from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import EnvironmentFault

from unit.stub_engine import stub_engine  # noqa: F401  pylint: disable=unused-import  # a fixture: pytest looks for it here

WAY_OUT = "start it (systemctl start docker), check that this user may use its socket, or set docker_host."


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch):
    for name in [name for name in os.environ if name.startswith("DOCKER_")]:
        monkeypatch.delenv(name)


def message(**params):
    with pytest.raises(EnvironmentFault) as caught:
        docker_client.connect(params)
    return str(caught.value)


def test_it_connects_and_learns_the_version(stub_engine):  # noqa: F811 (the fixture)
    client = docker_client.connect({"docker_host": stub_engine.url})
    assert client._version == "1.44"


def test_no_socket(tmp_path):
    url = "unix://%s/none.sock" % tmp_path
    assert message(docker_host=url) == "The engine does not answer (%s: 2, 'No such file or directory'); %s" % (url, WAY_OUT)


def test_nobody_listens(tmp_path):
    path = str(tmp_path / "dead.sock")
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(path)
    assert message(docker_host="unix://" + path) == "The engine does not answer (unix://%s: 111, 'Connection refused'); %s" % (
        path, WAY_OUT)


ASK = """
import os, sys
sys.path.insert(0, %r)
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import docker_client
from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import EnvironmentFault
if os.geteuid() == 0:
    os.setgroups([])
    os.setuid(65534)
try:
    docker_client.connect({"docker_host": sys.argv[1]})
except EnvironmentFault as reason:
    print(reason)
"""


def test_no_permission(stub_engine, tmp_path):  # noqa: F811 (the fixture)
    path = stub_engine.url[len("unix://"):]
    os.chmod(path, 0o000)
    for folder in [tmp_path, *list(tmp_path.parents)[:3]]:
        if str(folder) not in ("/", "/tmp"):
            os.chmod(folder, 0o755)
    place = next(entry for entry in sys.path if os.path.isdir(os.path.join(entry, "ansible_collections", "fleetnet")))
    os.chmod(place, 0o755)
    done = subprocess.run([sys.executable, "-c", ASK % place, stub_engine.url], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "The engine does not answer (%s: 13, 'Permission denied'); %s" % (
        stub_engine.url, WAY_OUT), done.stderr


def test_an_unknown_host():
    url = "tcp://nowhere.invalid:2375"
    found = message(docker_host=url)
    assert found.startswith("The engine does not answer (%s: " % url) and found.endswith("); " + WAY_OUT)
    assert len(found.splitlines()) == 1


def test_no_answer_in_time(tmp_path):
    path = str(tmp_path / "mute.sock")
    with socket.socket(socket.AF_UNIX) as mute:
        mute.bind(path)
        mute.listen(5)
        url = "unix://" + path
        assert message(docker_host=url, timeout=1) == (
            "The engine did not answer in time (%s); raise timeout, or see why it is slow." % url)


def test_something_else_listens(tmp_path):
    path = str(tmp_path / "other.sock")
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(path)
        other.listen(5)

        def talk():
            connection, _address = other.accept()
            connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
            connection.close()

        threading.Thread(target=talk, daemon=True).start()
        found = message(docker_host="unix://" + path)
    assert found.startswith("The engine does not answer (unix://%s: " % path) and found.endswith("); " + WAY_OUT)
    assert len(found.splitlines()) == 1


def test_the_engine_fails(stub_engine):  # noqa: F811 (the fixture)
    stub_engine.answers["GET", "/version"] = (500, {"message": "layer store is broken"})
    assert message(docker_host=stub_engine.url) == "%s: the engine answers: layer store is broken" % stub_engine.url


def test_an_engine_that_is_too_old_for_the_wanted_api(stub_engine):  # noqa: F811 (the fixture)
    stub_engine.answers["GET", "/info"] = (400, {"message": "client version 9.99 is too new. Maximum supported API version is 1.44"})
    client = docker_client.connect({"docker_host": stub_engine.url, "api_version": "9.99"})
    with pytest.raises(EnvironmentFault) as caught:
        with docker_client.explained("reading the engine's facts"):
            client.info()
    assert str(caught.value) == ("reading the engine's facts: the engine answers: client version 9.99 is too new. Maximum "
                                 "supported API version is 1.44")


def test_an_address_that_is_none():
    assert message(docker_host="carrier-pigeon://roof").startswith("The engine does not answer (carrier-pigeon://roof: ")


def test_certificates_that_are_not_there(tmp_path):
    missing = str(tmp_path / "ca.pem")
    url = "tcp://127.0.0.1:2376"
    assert message(docker_host=url, tls=True, validate_certs=True, ca_path=missing).startswith(
        "The TLS options for %s do not fit together: " % url)


def test_tls_where_the_other_side_speaks_plainly(tmp_path):
    with socket.socket() as plain:
        plain.bind(("127.0.0.1", 0))
        plain.listen(5)

        def talk():
            connection, _address = plain.accept()
            connection.recv(1000)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            connection.close()

        threading.Thread(target=talk, daemon=True).start()
        url = "tcp://127.0.0.1:%d" % plain.getsockname()[1]
        found = message(docker_host=url, tls=True)
    assert found.startswith("The engine does not answer (%s: " % url) and ssl.OPENSSL_VERSION


WITHOUT_SDK = ASK.replace("import os, sys", "import os, sys; sys.modules['docker'] = None")


def test_the_sdk_is_missing():
    place = next(entry for entry in sys.path if os.path.isdir(os.path.join(entry, "ansible_collections", "fleetnet")))
    done = subprocess.run([sys.executable, "-c", WITHOUT_SDK % place, "unix:///x.sock"], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == ("The Docker SDK for Python is missing on this host; install python3-docker (role "
                                   "fleetnet.docker.engine does)."), done.stderr


@pytest.mark.parametrize("host,local", [
    (None, True), ("unix:///var/run/docker.sock", True), ("http+unix:///x.sock", True), ("/x.sock", True),
    ("tcp://192.0.2.1:2376", False), ("ssh://user@192.0.2.1", False), ("https://192.0.2.1:2376", False),
])
def test_where_the_host_can_be_looked_at(host, local):
    assert docker_client.is_local({"docker_host": host}) is local


def test_settings_of_the_environment_count_where_no_option_is_given(monkeypatch, stub_engine, tmp_path):  # noqa: F811 (the fixture)
    monkeypatch.setenv("DOCKER_HOST", stub_engine.url)
    assert docker_client.connect({})._version == "1.44"
    url = "unix://%s/none.sock" % tmp_path
    assert url in message(docker_host=url)
