# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's own addresses and ports, read from the kernel with nothing but the standard library.

No third-party library, so that an address that is not the host's is refused on every host.
"""
from __future__ import annotations

import errno
import socket
import struct
import typing as t

GET_ADDRESSES, DUMP, DONE, ERROR = 22, 0x301, 3, 2
LOCAL, PLAIN = 2, 1  # IFA_LOCAL is the host's end of a point-to-point link, IFA_ADDRESS the other one
HEADER, ADDRESS, ATTRIBUTE = struct.Struct("=LHHLL"), struct.Struct("=BBBBL"), struct.Struct("=HH")
NOWHERE = "192.0.2.1"  # RFC 5737: never assigned, and nothing is sent by asking for the way there


def addresses() -> t.Optional[t.Tuple[t.Tuple[str, str], ...]]:
    """:returns: (interface, address) pairs, or C(None) where netlink is not allowed"""
    names = dict(socket.if_nameindex())
    try:
        return tuple((names[index], text) for index, text in _dump() if index in names)
    except OSError:
        return None


def default_address() -> str:
    """The address the host speaks with when it goes by its default route; empty without one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((NOWHERE, 9))
            return probe.getsockname()[0]
        except OSError:
            return ""


def _dump() -> t.Iterator[t.Tuple[int, str]]:
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as netlink:
        netlink.bind((0, 0))
        netlink.send(HEADER.pack(HEADER.size + ADDRESS.size, GET_ADDRESSES, DUMP, 1, 0) + ADDRESS.pack(0, 0, 0, 0, 0))
        while True:
            data = netlink.recv(65536)
            while data:
                size, kind = HEADER.unpack_from(data)[:2]
                if kind in (DONE, ERROR):
                    return
                found = _address(data[HEADER.size:size])
                if found:
                    yield found
                data = data[_aligned(size):]


def _address(message: bytes) -> t.Optional[t.Tuple[int, str]]:
    family, _prefix, _flags, _scope, index = ADDRESS.unpack_from(message)
    if family not in (socket.AF_INET, socket.AF_INET6):
        return None
    found, rest = {}, message[ADDRESS.size:]
    while len(rest) >= ATTRIBUTE.size:
        size, kind = ATTRIBUTE.unpack_from(rest)
        found[kind] = rest[ATTRIBUTE.size:size]
        rest = rest[_aligned(size):]
    raw = found.get(LOCAL) or found.get(PLAIN)
    return (index, socket.inet_ntop(family, raw)) if raw else None


def _aligned(size: int) -> int:
    return (size + 3) & ~3


def taken(ports: t.Iterable[t.Tuple[str, str, int]]) -> t.Tuple[t.Tuple[str, int], ...]:
    """:param ports: (tcp or udp, address or empty for all, port)

    :returns: (protocol, port) of those that another process has
    """
    busy = []
    for protocol, address, port in ports:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM) as probe:
            if protocol == "tcp":
                # Connections that linger after a former listener do not count, a listener does.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError as reason:
                if reason.errno == errno.EADDRINUSE:
                    busy.append((protocol, port))
    return tuple(busy)


def silent(remotes: t.Iterable[t.Tuple[str, int]], seconds: float = 3) -> t.Tuple[t.Tuple[str, str], ...]:
    """:returns: (address:port, why) of those that accept no connection; empty as soon as one does"""
    failed = []
    for host, port in remotes:
        try:
            socket.create_connection((host, port), timeout=seconds).close()
            return ()
        except OSError as reason:
            failed.append(("%s:%d" % (host, port), reason.strerror or str(reason)))
    return tuple(failed)
