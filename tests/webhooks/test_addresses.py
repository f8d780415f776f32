"""Every form in which a url can name a place that is not the public internet's; each is also sent to, in vain."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address

import pytest

from tests.webhooks.posting import post
from webhooks.addresses import METADATA, UrlRefused, check_url, is_allowed, judged, parse_url

PORT = "{port}"  # the trap's
FORBIDDEN = [
    # IPv4: this machine, private, shared, link-local, metadata, benchmarks, documentation, multicast, reserved
    "http://127.0.0.1:{port}/",
    "https://127.0.0.1:{port}/",
    "https://127.255.255.254:{port}/",
    "https://0.0.0.0:{port}/",
    "https://0.1.2.3/",
    "https://10.0.0.1/",
    "https://100.64.0.1/",
    "https://100.100.100.200/",
    "https://168.63.129.16/",
    "https://169.254.169.254/latest/meta-data/",
    "https://169.254.170.2/v2/credentials",
    "https://172.16.0.1/",
    "https://172.31.255.255/",
    "https://192.0.0.8/",
    "https://192.0.2.1/",
    "https://192.88.99.1/",
    "https://192.168.1.1/",
    "https://198.18.0.1/",
    "https://198.51.100.1/",
    "https://203.0.113.1/",
    "https://224.0.0.1/",
    "https://240.0.0.1/",
    "https://255.255.255.255/",
    # forms of 127.0.0.1 that some resolvers take
    "https://127.1:{port}/",
    "https://127.0.1:{port}/",
    "https://2130706433:{port}/",
    "https://017700000001:{port}/",
    "https://0x7f000001:{port}/",
    "https://0x7f.0.0.1:{port}/",
    "https://0177.0.0.1:{port}/",
    "https://127.0.0.01:{port}/",
    "https://127.0.0.1.:{port}/",
    "https://127.0.0.0x1:{port}/",
    "https://１２７.0.0.1:{port}/",
    "https://127。0。0。1:{port}/",
    "https://①②⑦.0.0.1:{port}/",
    "https://%31%32%37.0.0.1:{port}/",
    "https://127%2e0%2e0%2e1:{port}/",
    # IPv6
    "https://[::1]:{port}/",
    "https://[::]:{port}/",
    "https://[0:0:0:0:0:0:0:1]:{port}/",
    "https://[::127.0.0.1]:{port}/",
    "https://[::ffff:127.0.0.1]:{port}/",
    "https://[::ffff:7f00:1]:{port}/",
    "https://[::ffff:0:127.0.0.1]:{port}/",
    "https://[64:ff9b::127.0.0.1]:{port}/",
    "https://[64:ff9b:1::127.0.0.1]:{port}/",
    "https://[2002:7f00:1::]:{port}/",
    "https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
    "https://[2001:db8::1]/",
    "https://[3fff::1]/",
    "https://[fc00::1]/",
    "https://[fd00:ec2::254]/",
    "https://[fe80::1]/",
    "https://[fe80::1%25lo]:{port}/",
    "https://[fec0::1]/",
    "https://[ff02::1]/",
    "https://[100::1]/",
    "https://[5f00::1]/",
    "https://[::1%lo]:{port}/",
    "https://[::1:{port}/",
    # names
    "https://localhost:{port}/",
    "https://LOCALHOST:{port}/",
    "https://localhost.:{port}/",
    "https://a.localhost:{port}/",
    "https://localhost.localdomain:{port}/",
    "https://ⓛocalhost:{port}/",
    "https://redis:6379/",
    "https://printer.local/",
    "https://metadata.google.internal/",
    "https://router.home.arpa/",
    "https://api.invorec.example:{port}/",
    "https://API.Invorec.Example.:{port}/",
    "https://eu.own.example/",
    "https://-a.example.com/",
    "https://a..example.com/",
    "https://a_b%.example.com/",
    # user-info, ports, schemes, and what parsers disagree about
    "https://user@127.0.0.1:{port}/",
    "https://user:password@example.com/",
    "https://example.com@127.0.0.1:{port}/",
    "https://127.0.0.1:{port}\\@example.com/",
    "https://127.0.0.1:{port}#@example.com/",
    "https://example.com\\.127.0.0.1:{port}/",
    "https://example.com/#fragment",
    "https:/127.0.0.1:{port}/",
    "https:127.0.0.1:{port}/",
    "https:///127.0.0.1:{port}/",
    "//127.0.0.1:{port}/",
    "127.0.0.1:{port}",
    "https://\t127.0.0.1:{port}/",
    " https://127.0.0.1:{port}/",
    "https://127.0.0.1:{port}/\r\nHost: x",
    "https://exa mple.com/",
    "https://example.com/\x00",
    "https://example.com:22/",
    "https://example.com:25/",
    "https://example.com:0/",
    "https://example.com:65536/",
    "https://example.com:443443/",
    "https://example.com:+443/",
    "https://example.com:４４３/",
    "http://example.com/",
    "http://93.184.215.14/",
    "ftp://example.com/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{port}/",
    "unix:///run/redis.sock",
    "javascript:alert(1)",
    "https://",
    "https://:443/",
    "https://[]/",
    "",
    "https://example.com/" + "a" * 2040,
    "https://example.com/ü",
]
FINE = {
    "https://example.com": ("https", "example.com", 443, "/"),
    "https://example.com/": ("https", "example.com", 443, "/"),
    "HTTPS://Example.COM:443/In?A=b%20c": ("https", "example.com", 443, "/In?A=b%20c"),
    "https://example.com?a=1": ("https", "example.com", 443, "/?a=1"),
    "https://example.com.:8443/x": ("https", "example.com", 8443, "/x"),
    "https://hooks.bücher.example/in": ("https", "hooks.xn--bcher-kva.example", 443, "/in"),
    "https://my_host.example.com/~a;b=c:d@e": ("https", "my_host.example.com", 443, "/~a;b=c:d@e"),
    "https://93.184.215.14:1024/": ("https", "93.184.215.14", 1024, "/"),
    "https://[2606:2800:21F:CB07:6820:80DA:AF6B:8B2C]/": (
        "https",
        "[2606:2800:21f:cb07:6820:80da:af6b:8b2c]",
        443,
        "/",
    ),
    "https://example.com:80/": ("https", "example.com", 80, "/"),
    "https://127.0.0.1.example.com/": ("https", "127.0.0.1.example.com", 443, "/"),
    "https://0x7f.example/": ("https", "0x7f.example", 443, "/"),
}


@dataclass
class Trap:
    """Listens on every address of this machine and counts who comes."""

    port: int
    visits: list[object] = field(default_factory=list)


@pytest.fixture(scope="module")
def trap() -> Iterator[Trap]:
    listener = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
    caught = Trap(listener.getsockname()[1])

    def wait() -> None:
        while True:
            try:
                visitor, address = listener.accept()
            except OSError:
                return
            caught.visits.append(address)
            visitor.close()

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    yield caught
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


@pytest.fixture(autouse=True)
def _own_names(settings) -> None:
    settings.ALLOWED_HOSTS = ["api.invorec.example", ".own.example", "localhost"]


async def leads_to_the_trap(host: str, port: int) -> list[str]:
    return ["127.0.0.1", "::1"]


def test_the_table_is_long_enough():
    assert len(FORBIDDEN) > 100 and len(set(FORBIDDEN)) == len(FORBIDDEN)


@pytest.mark.parametrize("form", FORBIDDEN)
def test_forbidden(trap, form):
    url = form.replace(PORT, str(trap.port))
    with pytest.raises(UrlRefused) as refused:
        check_url(url)
    assert str(refused.value).endswith(".") and "\n" not in str(refused.value)
    # and where a check were missing: nothing is sent, whatever a name leads to
    answer = post(url, resolve=leads_to_the_trap)
    assert (answer.status, answer.error) == (None, "address_refused")
    assert trap.visits == []


def test_the_trap_catches(trap, settings):
    settings.WEBHOOK_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    post(f"http://127.0.0.1:{trap.port}/")
    assert len(trap.visits) >= 1
    trap.visits.clear()


@pytest.mark.parametrize("url", FINE)
def test_allowed(url):
    check_url(url)
    place = parse_url(url)
    assert (place.scheme, place.host, place.port, place.target) == FINE[url]


@pytest.mark.parametrize("text", ["1.1.1.1", "93.184.215.14", "2606:4700:4700::1111", "2a00:1450:4001:81b::200e"])
def test_public_addresses(text):
    assert is_allowed(ip_address(text)) and not is_allowed(ip_address(text), plain=True)


def test_an_address_of_this_machine_is_refused_though_public(monkeypatch):
    bound = []

    class Socket(socket.socket):
        def bind(self, address) -> None:
            bound.append(address)  # as it succeeds for an interface's address

    monkeypatch.setattr(socket, "socket", Socket)
    assert not is_allowed(ip_address("1.1.1.1"))
    assert bound == [("1.1.1.1", 0)]


@pytest.mark.parametrize(
    "found",
    [["10.0.0.1"], ["93.184.215.14", "10.0.0.1"], ["10.0.0.1", "93.184.215.14"], ["fe80::1%eth0"], [], ["nonsense"]],
)
def test_one_forbidden_address_of_a_name_is_enough(found):
    with pytest.raises(UrlRefused):
        judged(found, plain=False)


def test_all_addresses_of_a_name_are_kept_once():
    assert judged(["1.1.1.1", "1.0.0.1", "1.1.1.1"], plain=False) == ["1.1.1.1", "1.0.0.1"]


def test_a_setting_opens_named_networks_and_plain_http_to_them(settings):
    settings.WEBHOOK_ALLOWED_NETWORKS = ["10.0.0.0/8", "fd00::/8"]
    for url in (
        "http://10.1.2.3:8080/",
        "https://10.1.2.3/",
        "http://[fd00::1]/",
        "http://erp/",
        "https://erp.internal/",
    ):
        check_url(url)
    for url in ("http://192.168.1.1/", "http://93.184.215.14/", "https://192.168.1.1/", "https://api.invorec.example/"):
        with pytest.raises(UrlRefused):
            check_url(url)
    assert judged(["10.0.0.1"], plain=True) == ["10.0.0.1"]
    with pytest.raises(UrlRefused):
        judged(["93.184.215.14"], plain=True)


@pytest.mark.parametrize("text", sorted(map(str, METADATA)))
def test_metadata_addresses_open_only_by_their_own_name(settings, text):
    settings.WEBHOOK_ALLOWED_NETWORKS = ["0.0.0.0/0", "::/0"]
    assert not is_allowed(ip_address(text))
    settings.WEBHOOK_ALLOWED_NETWORKS = [f"{text}/{ip_address(text).max_prefixlen}"]
    assert is_allowed(ip_address(text))


def test_in_debug_this_machine_may_be_reached(settings):
    settings.DEBUG = True
    for url in ("http://localhost:3000/in", "http://127.0.0.1:3000/in", "https://[::1]:3000/in"):
        check_url(url)
    for url in ("http://example.com/", "http://10.0.0.1:3000/", "http://192.168.1.1/"):
        with pytest.raises(UrlRefused):
            check_url(url)
