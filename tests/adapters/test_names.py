"""Names are looked up over the network; a service that does not answer is left alone a while."""

import socket
import threading
from collections.abc import Iterator

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from adapters.names import DnsNames
from correspondence.signatures.keys import NotLookedUp


class NameService:
    """A name service on loopback that knows one name; counts what it is asked."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.asked = 0
        self.answers = True
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                wire, sender = self.socket.recvfrom(4096)
            except OSError:
                return
            self.asked += 1
            if self.answers:
                self.socket.sendto(self._answer(dns.message.from_wire(wire)).to_wire(), sender)

    def _answer(self, query: dns.message.Message) -> dns.message.Message:
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        name = query.question[0].name
        if str(name) == "s1._domainkey.a.example.":
            texts = ('"v=DKIM1; " "p=AAAA"', '"other"')
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", *texts))
        elif str(name) != "empty.example.":
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer


@pytest.fixture
def service() -> Iterator[NameService]:
    found = NameService()
    yield found
    found.socket.close()


def test_the_parts_of_a_record_are_one_text_and_no_record_is_none(service: NameService) -> None:
    names = DnsNames(servers=["127.0.0.1"], port=service.port)
    assert sorted(names.txt("s1._domainkey.a.example")) == ["other", "v=DKIM1; p=AAAA"]
    assert list(names.txt("nobody.example")) == []
    assert list(names.txt("empty.example")) == []


def test_a_service_that_does_not_answer_is_not_waited_for_at_every_name(
    service: NameService,
) -> None:
    service.answers = False
    names = DnsNames(servers=["127.0.0.1"], port=service.port, timeout=0.3)
    for _ in range(3):
        with pytest.raises(NotLookedUp):
            names.txt("a.example")
    asked = service.asked
    for _ in range(50):
        with pytest.raises(NotLookedUp):
            names.txt("b.example")
    assert service.asked == asked


@pytest.mark.parametrize(
    "name", ["a..example", "x" * 64 + ".example", "a." * 130, "é\ud800.example"]
)
def test_a_name_that_cannot_be_publishes_nothing(service: NameService, name: str) -> None:
    assert list(DnsNames(servers=["127.0.0.1"], port=service.port).txt(name)) == []
    assert service.asked == 0
