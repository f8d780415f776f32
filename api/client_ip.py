"""Where a request comes from: the socket's address, unless the socket is a proxy that we were told to trust."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

Address = IPv4Address | IPv6Address


def client_ip(request: HttpRequest | Request) -> Address | None:
    """The nearest address that is not a trusted proxy; None for a socket without an address.

    X-Forwarded-For is read from its right end: what stands left of an untrusted hop is that hop's own invention.
    """
    nearest = _address(request.META.get("REMOTE_ADDR", ""))
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    while nearest is not None and hops and contains(settings.TRUSTED_PROXIES, nearest):
        farther = _address(hops.pop())
        if farther is None:
            break
        nearest = farther
    return nearest


def contains(networks: Iterable[str], address: Address) -> bool:
    """Whether the address is in one of the networks (CIDR, or single addresses)."""
    return any(address in ip_network(network, strict=False) for network in networks)


def _address(text: str) -> Address | None:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
