# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that every module has which talks to an engine."""
from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  docker_host:
    description:
      - Where the engine listens, such as V(unix:///var/run/docker.sock), V(tcp://192.0.2.11:2376) or V(ssh://ops@192.0.2.11).
      - Without it the environment variable E(DOCKER_HOST) counts, and without that V(unix:///var/run/docker.sock).
      - Where the engine is not on the host the module runs on, the host's routes are not looked at.
    type: str
    aliases: [docker_url]
  tls_hostname:
    description:
      - Name to expect in the engine's certificate; E(DOCKER_TLS_HOSTNAME) otherwise, and without it the one in O(docker_host).
    type: str
  api_version:
    description: API version to speak; E(DOCKER_API_VERSION) otherwise, and without it what engine and SDK agree on.
    type: str
    aliases: [docker_api_version]
  timeout:
    description: Seconds to wait for one answer of the engine; E(DOCKER_TIMEOUT) otherwise, and without it 60.
    type: int
  ca_path:
    description: File with the certificate authority that signed the engine's certificate; C(ca.pem) in E(DOCKER_CERT_PATH) otherwise.
    type: path
    aliases: [ca_cert, tls_ca_cert, cacert_path]
  client_cert:
    description: File with the client's certificate; C(cert.pem) in E(DOCKER_CERT_PATH) otherwise.
    type: path
    aliases: [tls_client_cert, cert_path]
  client_key:
    description: File with the client's key; C(key.pem) in E(DOCKER_CERT_PATH) otherwise.
    type: path
    aliases: [tls_client_key, key_path]
  tls:
    description: Speak TLS without checking the engine's certificate; E(DOCKER_TLS) otherwise.
    type: bool
  validate_certs:
    description: Speak TLS and check the engine's certificate; E(DOCKER_TLS_VERIFY) otherwise.
    type: bool
    aliases: [tls_verify]
  use_ssh_client:
    description: For V(ssh://) in O(docker_host), use the OpenSSH client instead of paramiko.
    type: bool
    default: false
  debug:
    description: Has no effect. It is accepted so that tasks written for community.docker run as they are; what it adds there is always returned here.
    type: bool
    default: false
requirements:
  - Docker SDK for Python 5.0 or later (C(python3-docker)) on the host the module runs on.
  - For V(ssh://) in O(docker_host) also paramiko (C(python3-paramiko)), even with O(use_ssh_client).
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the target.
    support: full
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: full
"""
