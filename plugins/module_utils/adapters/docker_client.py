# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection to the engine through the Docker SDK for Python (5 to 7), with every failure in one sentence."""
from __future__ import annotations

import os
import re
import typing as t
from contextlib import contextmanager

from ..core.errors import EnvironmentFault, WishError

try:
    import docker
    import docker.errors
    import docker.tls
    import requests.adapters
    import requests.exceptions
except ImportError:
    docker = None

DEFAULT_HOST = "unix:///var/run/docker.sock"
DEFAULT_TIMEOUT = 60

# Same names, meaning and environment variables as in community.docker.
CONNECTION_SPEC = dict(
    docker_host=dict(type="str", aliases=["docker_url"]),
    tls_hostname=dict(type="str"),
    api_version=dict(type="str", aliases=["docker_api_version"]),
    timeout=dict(type="int"),
    ca_path=dict(type="path", aliases=["ca_cert", "tls_ca_cert", "cacert_path"]),
    client_cert=dict(type="path", aliases=["tls_client_cert", "cert_path"]),
    client_key=dict(type="path", aliases=["tls_client_key", "key_path"], no_log=False),
    tls=dict(type="bool"),
    validate_certs=dict(type="bool", aliases=["tls_verify"]),
    use_ssh_client=dict(type="bool", default=False),
    debug=dict(type="bool", default=False),
)


def connect(params: t.Mapping[str, t.Any]):
    """:returns: the SDK's low-level client, which has already asked for the engine's API version

    :raises EnvironmentFault: without the SDK, without an answer, or with certificates that do not fit
    """
    if docker is None:
        raise EnvironmentFault(
            "The Docker SDK for Python is missing on this host; install python3-docker (role fleetnet.docker.engine does)."
        )
    host = _setting(params, "docker_host", "DOCKER_HOST") or DEFAULT_HOST
    with explained(host):
        client = docker.APIClient(
            base_url=host.replace("tcp://", "https://") if _tls_wanted(params) else host,
            version=_setting(params, "api_version", "DOCKER_API_VERSION") or "auto",
            timeout=int(_setting(params, "timeout", "DOCKER_TIMEOUT") or DEFAULT_TIMEOUT),
            tls=_tls(params),
            use_ssh_client=params.get("use_ssh_client") or False,
        )
    if is_local(params):
        # Nothing stands between this process and a socket of its own host; else each request looks for a proxy and a .netrc.
        client.trust_env = False
    return client


def is_local(params: t.Mapping[str, t.Any]) -> bool:
    """Whether the engine's host is the one this runs on, so that its routes and links can be looked at."""
    host = _setting(params, "docker_host", "DOCKER_HOST") or DEFAULT_HOST
    return host.startswith(("unix:", "http+unix:", "/"))


def connect_here(params: t.Mapping[str, t.Any]):
    """As C(connect), but only to an engine whose networks are on this very host."""
    if not is_local(params):
        raise EnvironmentFault("The engine %s is on another host; run the module there." % _setting(params, "docker_host", "DOCKER_HOST"))
    return connect(params)


@contextmanager
def explained(what: str):
    """Turn what the SDK and its transport raise into one sentence."""
    try:
        yield
    except docker.errors.TLSParameterError as reason:
        raise EnvironmentFault("The TLS options for %s do not fit together: %s" % (what, reason)) from reason
    except (docker.errors.DockerException, requests.exceptions.RequestException, OSError) as reason:
        raise EnvironmentFault(_told(what, _wrapped(reason))) from reason


def unreachable(reason: Exception) -> bool:
    """Whether there was no engine to answer, as while it restarts; an engine that is only slow is there."""
    slow = isinstance(reason, requests.exceptions.Timeout)
    return isinstance(reason, (requests.exceptions.ConnectionError, ConnectionError, FileNotFoundError)) and not slow


def _wrapped(reason):
    """The SDK hides what went wrong behind "Error while fetching server API version"."""
    cause = reason.__cause__ or reason.__context__
    known = (docker.errors.APIError, requests.exceptions.Timeout)
    return cause if isinstance(cause, known) and not isinstance(reason, known) else reason


def _told(what: str, reason) -> str:
    if isinstance(reason, docker.errors.APIError):
        return "%s: the engine answers: %s" % (what, _answer(reason))
    if _ssl_reason(str(reason)):
        return ("The certificate of %s is not accepted (%s); give its authority in ca_path, its name in tls_hostname, or set tls "
                "instead of validate_certs." % (what, _ssl_reason(str(reason))))
    if isinstance(reason, requests.exceptions.Timeout):
        return "The engine did not answer in time (%s); raise timeout, or see why it is slow." % what
    if "Install paramiko" in str(reason):
        return "The Docker SDK for Python cannot use %s without paramiko, with use_ssh_client neither; install python3-paramiko." % what
    return ("The engine does not answer (%s: %s); start it (systemctl start docker), check that this user may use its socket, "
            "or set docker_host." % (what, _core(reason)))


def _answer(reason) -> str:
    text = reason.explanation or str(reason)
    return (text if isinstance(text, str) else text.decode("utf-8", "replace")).strip()


def _ssl_reason(text: str) -> t.Optional[str]:
    """Why a certificate was not accepted, by Python's own words or by urllib3's; C(None) where it is not that."""
    found = (re.search(r"certificate verify failed: (.*?) \(_ssl", text)
             or re.search(r"CertificateError\(['\"](.*?)['\"]\)", text))
    return found.group(1).rstrip(".") if found else None


def _core(reason) -> str:
    """The innermost cause, for requests and urllib3 wrap it four times over."""
    text = str(reason)
    found = re.findall(r"(?:PermissionError|FileNotFoundError|ConnectionRefusedError|gaierror)\(([^()]*)\)", text)
    return found[-1] if found else (text.splitlines() or [type(reason).__name__])[0][:200]


def _setting(params, option, variable):
    value = params.get(option)
    return os.environ.get(variable) if value is None else value


def _truth(params, option, variable) -> bool:
    value = _setting(params, option, variable)
    return str(value).lower() in ("1", "true", "t", "yes", "y", "on") if value is not None else False


def _tls_wanted(params) -> bool:
    return _truth(params, "tls", "DOCKER_TLS") or _truth(params, "validate_certs", "DOCKER_TLS_VERIFY")


def _tls(params):
    if not _tls_wanted(params):
        return False
    folder = os.environ.get("DOCKER_CERT_PATH")
    paths = {name: params.get(name) or (os.path.join(folder, file) if folder else None)
             for name, file in (("ca_path", "ca.pem"), ("client_cert", "cert.pem"), ("client_key", "key.pem"))}
    pair = (paths["client_cert"], paths["client_key"])
    if any(pair) and not all(pair):
        raise WishError("Of client_cert (%s) and client_key (%s) only one is given; give both, or neither." % pair)
    settings = dict(client_cert=pair if all(pair) else None, verify=_truth(params, "validate_certs", "DOCKER_TLS_VERIFY"),
                    ca_cert=paths["ca_path"])
    return _config(_setting(params, "tls_hostname", "DOCKER_TLS_HOSTNAME"), **settings)


def _config(hostname: t.Optional[str], **settings):
    """What is given counts, whatever the environment says for other programs (REQUESTS_CA_BUNDLE).

    The SDK can expect another name than that of the URL up to version 6 only; the library below it still can.
    """
    old = int(docker.__version__.split(".")[0]) < 7

    class Adapter(requests.adapters.HTTPAdapter):
        def init_poolmanager(self, *args, **kwargs):
            super().init_poolmanager(*args, **dict(kwargs, assert_hostname=hostname))

    class Config(docker.tls.TLSConfig):
        def configure_client(self, client):
            super().configure_client(client)
            merge = client.merge_environment_settings
            client.merge_environment_settings = lambda url, proxies, stream, verify, cert: merge(
                url, proxies, stream, client.verify if verify is None else verify, cert)
            if hostname and not old:
                client.mount("https://", Adapter())

    return Config(**settings, **({"assert_hostname": hostname} if hostname and old else {}))
