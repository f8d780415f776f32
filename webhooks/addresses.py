"""Where webhooks may go: the guard against being sent to places that only we can reach (SSRF).

A url is taken apart once, by `parse_url`, and what it says is what is connected to: no second parser could
understand it otherwise. Names are resolved once per connection, every address is judged, and the connection goes to a
judged address (`webhooks.transport`), so that a name server cannot change its mind in between.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import idna
from django.conf import settings

MAX_URL = 2048
MAX_NAME = 253
LOW_PORTS = {"http": 80, "https": 443}
FIRST_FREE_PORT = 1024

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# What IANA's registries of special-purpose addresses do not call globally reachable (RFC 6890 and its successors), and
# what clouds answer from within: 168.63.129.16 is Azure's. Written out, since Python 3.11 knows only a part of it.
_FORBIDDEN_V4 = [
    IPv4Network(block)
    for block in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16"),
        *("192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3"),
        "168.63.129.16/32",
    )
]
# Of IPv6 only global unicast, without its special parts: Teredo, ORCHID and the like, documentation, 6to4. Addresses
# that carry an IPv4 address (mapped, compatible, NAT64) are outside of it.
_GLOBAL_V6 = IPv6Network("2000::/3")
_FORBIDDEN_V6 = [
    IPv6Network(block) for block in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
]
# Where clouds give credentials away: only a setting that names the very address opens these.
METADATA = frozenset(
    map(ip_address, ("169.254.169.254", "169.254.170.2", "168.63.129.16", "100.100.100.200", "fd00:ec2::254"))
)
_INTERNAL_NAMES = ("localhost", "local", "internal", "localdomain", "lan", "intranet", "home.arpa")

_form = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[^\s/?#@:\[\]\\%]+)(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<target>/[!-\"$-\[\]-~]*|\?[!-\"$-\[\]-~]*)?",  # printable ASCII without # and \
    re.IGNORECASE,
)
_label = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_number = re.compile(r"[0-9]+|0x[0-9a-f]*")


class UrlRefused(ValueError):
    """Why a url cannot be a webhook's, in words for whoever gave it."""


@dataclass(frozen=True, slots=True)
class Destination:
    """A url taken apart. `host` is a name in ASCII and lower case, or the text of `address`; `target` what follows."""

    scheme: str
    host: str
    address: Address | None
    port: int
    target: str


def check_url(url: str) -> None:
    """Raises UrlRefused where a url names outright what is not allowed. Names are resolved when something is sent."""
    place = parse_url(url)
    if place.port not in LOW_PORTS.values() and place.port < FIRST_FREE_PORT:
        raise UrlRefused(f"Port {place.port} is not allowed: use 80, 443 or one from {FIRST_FREE_PORT} up.")
    if place.scheme == "http" and not _may_be_plain(place):
        raise UrlRefused("The url must begin with https://.")
    if place.address is not None:
        if not is_allowed(place.address):
            raise UrlRefused(f"{place.address} is not an address that webhooks may go to: it is not public.")
    elif _is_own(place.host) or (_is_internal(place.host) and not _opened()):
        raise UrlRefused(f"{place.host} is not a name that webhooks may go to: it is not public.")


def parse_url(url: str) -> Destination:
    """Raises UrlRefused for what is not an absolute http(s) url in its plain form, without user and fragment."""
    if len(url) > MAX_URL:
        raise UrlRefused(f"The url has at most {MAX_URL} characters.")
    found = _form.fullmatch(url)
    if not found or any("\ud800" <= character <= "\udfff" for character in url):
        raise UrlRefused(_why_not(url))
    scheme = found["scheme"].lower()
    port = int(found["port"] or LOW_PORTS[scheme])
    if not 0 < port < 65536:
        raise UrlRefused("The port must be between 1 and 65535.")
    target = found["target"] or "/"
    host, address = _host(found["host"])
    return Destination(scheme, host, address, port, target if target.startswith("/") else f"/{target}")


def is_allowed(address: Address, *, plain: bool = False) -> bool:
    """Whether a webhook may be sent to `address`: a public one that is not this machine's, or one that the settings
    open; over `plain` HTTP only the latter."""
    if _is_opened(address):
        return True
    if plain or address in METADATA:
        return False
    return _is_public(address) and not _is_this_machine(address)


def judged(found: Iterable[str], *, plain: bool) -> list[str]:
    """The addresses that a name resolved to. Raises UrlRefused where there is none, or a single one is not allowed."""
    addresses = list(dict.fromkeys(found))
    for text in addresses:
        try:
            allowed = is_allowed(ip_address(text), plain=plain)
        except ValueError:  # with a zone, as link-local ones have
            allowed = False
        if not allowed:
            raise UrlRefused("The name leads to an address that webhooks may not go to.")
    if not addresses:
        raise UrlRefused("The name leads to no address.")
    return addresses


@lru_cache(maxsize=8)
def networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    """Networks in CIDR form, read once."""
    return tuple(map(ip_network, texts))


def _host(text: str) -> tuple[str, Address | None]:
    if text.startswith("["):
        try:
            return text.lower(), IPv6Address(text[1:-1])
        except ValueError:
            raise UrlRefused(f"{text} is not an IPv6 address.") from None
    name = _ascii(text)
    if _number.fullmatch(name.rpartition(".")[2]):  # as browsers decide it: such a host is an address or nothing
        try:
            return name, IPv4Address(name)
        except ValueError:
            raise UrlRefused(f"{text} is not an IPv4 address in its usual form, like 192.0.2.1.") from None
    if len(name) > MAX_NAME or not all(_label.fullmatch(label) for label in name.split(".")):
        raise UrlRefused(f"{text[:100]} is not a host name.")
    return name, None


def _ascii(text: str) -> str:
    """A host name in lower case and ASCII (UTS 46), without a final dot."""
    name = text.lower()
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True, transitional=False).decode()
        except (idna.IDNAError, UnicodeError):
            raise UrlRefused(f"{text[:100]} is not a host name.") from None
    return name.removesuffix(".")


def _why_not(url: str) -> str:
    authority = re.split(r"[/?#\\]", url.partition("://")[2], maxsplit=1)[0]
    if not re.match(r"https?://", url, re.IGNORECASE):
        return "The url must begin with https://."
    if "@" in authority:
        return "The url must not have a user name or password."
    if "#" in url:
        return "The url must not have a fragment (#)."
    return "This is not a url in its plain form: https://host/path, everything after the host percent-encoded ASCII."


def _may_be_plain(place: Destination) -> bool:
    """Whether http is at all possible; where it leads is judged again at every connection."""
    if place.address is not None:
        return is_allowed(place.address, plain=True)
    return bool(_opened()) or (settings.DEBUG and place.host == "localhost")


def _opened() -> tuple[Network, ...]:
    return networks(tuple(settings.WEBHOOK_ALLOWED_NETWORKS))


def _is_opened(address: Address) -> bool:
    if settings.DEBUG and address.is_loopback:
        return True
    opened = [network for network in _opened() if address in network]
    return any(network.num_addresses == 1 for network in opened) if address in METADATA else bool(opened)


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in block for block in _FORBIDDEN_V4)
    return address in _GLOBAL_V6 and not any(address in block for block in _FORBIDDEN_V6)


def _is_this_machine(address: Address) -> bool:
    """Whether an interface of this machine has the address: only to those can a socket be bound."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(address), 0))
    except OSError:
        return False
    return True


def _is_internal(name: str) -> bool:
    """Names that no public name server should know: of this machine, of a home, of a cloud's inside."""
    if settings.DEBUG and name == "localhost":
        return False
    return "." not in name or any(name == end or name.endswith(f".{end}") for end in _INTERNAL_NAMES)


def _is_own(name: str) -> bool:
    """Whether the service itself answers to the name: ALLOWED_HOSTS, but for names of this machine."""
    own = [host.lower() for host in settings.ALLOWED_HOSTS if host not in ("*", "localhost")]
    return any(name == host or (host.startswith(".") and f".{name}".endswith(host)) for host in own)
