# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways to an engine that is elsewhere: TLS with certificates of both sides, and SSH. The engine behind is a real one."""
from __future__ import annotations

import contextlib
import os
import select
import shutil
import socket
import ssl
import subprocess
import threading
import time

import docker.api.client
import pytest
from assumptions import reach

from integration.networks.bench import PREFIX

SSHD = shutil.which("sshd", path=os.environ.get("PATH", "") + ":/usr/sbin") or os.environ.get("FLEETNET_SSHD")


def openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """A certificate authority, and the engine's and the client's certificate; the engine is called engine1.test."""
    folder = tmp_path_factory.mktemp("certificates")
    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    for ca in ("ca", "other"):
        openssl(folder, "req", "-x509", *new, "-keyout", ca + "-key.pem", "-out", ca + ".pem", "-subj", "/CN=%s of a test" % ca,
                "-addext", "keyUsage=critical,keyCertSign")
    for name, alt in (("engine", "DNS:engine1.test"), ("client", "DNS:client")):
        openssl(folder, "req", *new, "-keyout", name + "-key.pem", "-out", name + ".csr", "-subj", "/CN=" + name)
        (folder / (name + ".ext")).write_text("subjectAltName=%s\nauthorityKeyIdentifier=keyid\n" % alt)
        openssl(folder, "x509", "-req", "-in", name + ".csr", "-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial",
                "-out", name + ".pem", "-extfile", name + ".ext")
    shutil.copy(folder / "client.pem", folder / "cert.pem")
    shutil.copy(folder / "client-key.pem", folder / "key.pem")
    return folder


@pytest.fixture
def door(bench, certificates):
    """TLS on a port of the loopback, and the engine's socket behind it: as dockerd --tlsverify, which wants a client's certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "engine.pem", certificates / "engine-key.pem")
    context.load_verify_locations(certificates / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, args=(listener, context, bench.url[len("unix://"):]), daemon=True).start()
        yield "tcp://127.0.0.1:%d" % listener.getsockname()[1]


def accept(listener, context, path):
    with contextlib.suppress(OSError):
        while True:
            plain, _address = listener.accept()
            threading.Thread(target=relay, args=(plain, context, path), daemon=True).start()


def relay(plain, context, path):
    with contextlib.suppress(OSError), context.wrap_socket(plain, server_side=True) as outer:
        with socket.socket(socket.AF_UNIX) as inner:
            inner.connect(path)
            while True:
                ready = [outer] if outer.pending() else select.select([outer, inner], [], [])[0]
                for one in ready:
                    data = one.recv(65536)
                    if not data:
                        return
                    (inner if one is outer else outer).sendall(data)


def through(bench, url, **options):
    """A network is made, found and removed by that way."""
    options = dict(options, docker_host=url)
    name = PREFIX + "afar"
    made = at(bench, name=name, **options)
    assert made.get("changed"), made
    assert made["not_checked"] and "the engine runs on another host" in made["not_checked"][0]
    again = at(bench, name=name, **options)
    assert not again["changed"] and again["network"]["Id"] == made["network"]["Id"]
    assert at(bench, name=name, state="absent", **options)["changed"] and not bench.portrait()["networks"]


def at(bench, docker_host, **params):
    own, bench.url = bench.url, docker_host
    try:
        return bench.run(**params)
    finally:
        bench.url = own


def paths(folder):
    return {"ca_path": str(folder / "ca.pem"), "client_cert": str(folder / "client.pem"), "client_key": str(folder / "client-key.pem")}


def test_tls(bench, door, certificates):
    through(bench, door, validate_certs=True, tls_hostname="engine1.test", **paths(certificates))


def test_tls_by_the_environment(bench, door, certificates, monkeypatch):
    for key, value in {"CERT_PATH": str(certificates), "TLS_VERIFY": "1", "TLS_HOSTNAME": "engine1.test", "TIMEOUT": "30"}.items():
        monkeypatch.setenv("DOCKER_" + key, value)
    through(bench, door)


def test_tls_without_checking_the_engine(bench, door, certificates):
    through(bench, door, tls=True, **paths(certificates))


@pytest.mark.parametrize("wrong,says", [
    ({"tls_hostname": "engine2.test"}, "hostname 'engine2.test' doesn't match 'engine1.test'"),
    ({}, "certificate is not valid for '127.0.0.1'"),
    ({"tls_hostname": "engine1.test", "ca_path": "other.pem"}, "self-signed certificate in certificate chain"),
], ids=["another_name", "no_name", "another_authority"])
def test_tls_that_is_not_the_engines(bench, door, certificates, wrong, says):
    wrong = dict(wrong, **({"ca_path": str(certificates / wrong["ca_path"])} if "ca_path" in wrong else {}))
    failed = at(bench, door, name=PREFIX + "afar", **dict(paths(certificates), validate_certs=True) | wrong)
    assert failed["fault"] == "environment" and says in failed["msg"]
    assert failed["msg"].startswith("The certificate of %s is not accepted (" % door) and failed["msg"].endswith(
        "); give its authority in ca_path, its name in tls_hostname, or set tls instead of validate_certs.")


def test_what_other_programs_are_told_has_no_effect(bench, door, certificates, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificates / "other.pem"))
    through(bench, door, validate_certs=True, tls_hostname="engine1.test", **paths(certificates))


def test_a_certificate_without_its_key(bench, door, certificates):
    failed = at(bench, door, name=PREFIX + "afar", validate_certs=True, client_cert=str(certificates / "client.pem"))
    assert failed["msg"] == "Of client_cert (%s) and client_key (None) only one is given; give both, or neither." % (
        certificates / "client.pem")


@pytest.fixture
def far(bench, tmp_path, monkeypatch):
    """:returns: the ssh:// address of a real sshd, whose user reaches the engine by the docker command"""
    with (at_host if bench.engine.host else on_loopback)(bench, tmp_path) as (address, key, known):
        for name, source in (("user", key), ("known_hosts", known)):
            shutil.copy(source, tmp_path / name)
        (tmp_path / "ssh").write_text("#!/bin/sh\nexec %s -F none -i %s -oIdentitiesOnly=yes -oBatchMode=yes -oUserKnownHostsFile=%s \"$@\"\n" % (
            shutil.which("ssh"), tmp_path / "user", tmp_path / "known_hosts"))
        (tmp_path / "ssh").chmod(0o755)
        monkeypatch.setenv("PATH", "%s:%s" % (tmp_path, os.environ["PATH"]))
        yield address


@contextlib.contextmanager
def at_host(bench, _folder):
    """The lab's host, whose user is a member of the group docker for the time of the test."""
    here = reach._ssh(bench.engine.host, "-oControlPath=none")
    subprocess.run([*here, "sudo usermod --append --groups docker ops"], check=True)
    try:
        cache = reach.LAB_CACHE
        yield "ssh://ops@" + bench.engine.host, cache / "id_ed25519", cache / os.environ["LAB_NAME"] / "known_hosts"
    finally:
        subprocess.run([*here, "sudo gpasswd --delete ops docker"], check=True, capture_output=True)


@contextlib.contextmanager
def on_loopback(bench, folder):
    """A server of our own for an engine that FLEETNET_ENGINES gives."""
    if not SSHD or not shutil.which("docker"):
        pytest.skip("sshd and the docker command are needed, and one of them is not installed")
    for name in ("host", "key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    os.makedirs("/run/sshd", exist_ok=True)
    (folder / "sshd_config").write_text(
        "Port %d\nListenAddress 127.0.0.1\nHostKey %s\nPidFile none\nStrictModes no\nUsePAM no\nPermitRootLogin prohibit-password\n"
        "AuthorizedKeysFile %s\nForceCommand docker -H %s system dial-stdio\n" % (
            port, folder / "host", folder / "key.pub", bench.url))
    (folder / "known").write_text("[127.0.0.1]:%d %s" % (port, (folder / "host.pub").read_text()))
    server = subprocess.Popen([SSHD, "-D", "-e", "-f", str(folder / "sshd_config")], stderr=open(folder / "log", "w"))
    try:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            assert server.poll() is None, (folder / "log").read_text()
            time.sleep(0.1)
        yield "ssh://%s@127.0.0.1:%d" % (os.environ.get("USER") or "root", port), folder / "key", folder / "known"
    finally:
        server.terminate()
        server.wait(10)


def test_ssh(bench, far):
    through(bench, far, use_ssh_client=True)


def test_ssh_by_the_environment(bench, far, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", far)
    through(bench, None, use_ssh_client=True)


def test_ssh_by_paramiko(bench, far, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".ssh").mkdir()
    shutil.copy(tmp_path / "known_hosts", tmp_path / ".ssh")
    shutil.copy(tmp_path / "user", tmp_path / ".ssh/id_ed25519")
    through(bench, far)


def test_ssh_without_a_way_in(bench, far, tmp_path):
    (tmp_path / "user").unlink()
    failed = at(bench, far, name=PREFIX + "afar", use_ssh_client=True)
    assert failed["fault"] == "environment" and len(failed["msg"].splitlines()) == 1, failed["msg"]


def test_ssh_without_paramiko(bench, monkeypatch):
    """The SDK leaves its adapter out where paramiko cannot be imported, and asks for it even where it then uses the OpenSSH client."""
    monkeypatch.delattr(docker.api.client, "SSHHTTPAdapter")
    failed = at(bench, "ssh://root@127.0.0.1:1", name=PREFIX + "afar", use_ssh_client=True)
    assert failed["msg"] == ("The Docker SDK for Python cannot use ssh://root@127.0.0.1:1 without paramiko, with use_ssh_client neither; "
                             "install python3-paramiko.")
