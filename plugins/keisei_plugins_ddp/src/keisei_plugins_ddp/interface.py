"""Which network interface reaches the other processes.

Gloo takes the interface of the host's own name if nobody tells it; where that name means 127.0.0.1, as on many hosts,
the others are told an address that leads back to themselves.
"""

import fcntl
import os
import socket
import struct
import sys
from typing import Final

from keisei_core.errors import DistributionError

VARIABLE: Final = "GLOO_SOCKET_IFNAME"
GET_ADDRESS: Final = 0x8915
"""SIOCGIFADDR of Linux."""


def use_interface_towards(address: str) -> str:
    """Makes gloo and nccl use the interface whose route leads to an address; returns this process's own address.

    An interface that the user named in GLOO_SOCKET_IFNAME is left as it is.

    Raises:
        DistributionError: the address means nothing here, no route leads there, or the named interface is none.
    """
    own = own_address_towards(address)
    if VARIABLE in os.environ:
        check_named(os.environ[VARIABLE])
    elif (interface := interface_of(own)) is not None:
        os.environ[VARIABLE] = interface
        if not own.startswith("127."):
            os.environ.setdefault("NCCL_SOCKET_IFNAME", interface)
    return own


def own_address_towards(address: str) -> str:
    """Returns the address that this host has on its route to another; nothing is sent.

    Raises:
        DistributionError: the address means nothing here, or no route leads there.
    """
    try:
        family, _, _, _, target = socket.getaddrinfo(address, 9, type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect(target)
            return str(probe.getsockname()[0])
    except OSError as error:
        raise DistributionError(
            f"MASTER_ADDR {address!r} can't be reached from here ({error.strerror or error}); "
            "name the first machine as the others know it"
        ) from error


def interface_of(address: str) -> str | None:
    """Returns the name of the interface with an IPv4 address; None where this can't be told."""
    if not sys.platform.startswith("linux"):
        return None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _, name in socket.if_nameindex():
            try:
                answer = fcntl.ioctl(probe, GET_ADDRESS, struct.pack("256s", name.encode()[:15]))
            except OSError:  # an interface without an IPv4 address
                continue
            if socket.inet_ntoa(answer[20:24]) == address:
                return name
    # Every address of 127/8 is the loopback's, which owns but one.
    return "lo" if address.startswith("127.") else None


def check_named(names: str) -> None:
    """Refuses an interface that there is not; gloo would only say that it finds no address.

    Raises:
        DistributionError: names the variable and the interfaces that there are.
    """
    existing = [name for _, name in socket.if_nameindex()]
    for name in names.split(","):
        if name not in existing:
            raise DistributionError(
                f"{VARIABLE} must name an interface, one of {', '.join(existing)}, got {name!r}; "
                "unset it, and the route to MASTER_ADDR decides"
            )
