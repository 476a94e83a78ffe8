import re
from pathlib import Path

import pytest

from api.cli.serve import url_of
from tests.api.commands import pincite_process
from tests.api.servers import running_server


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("0.0.0.0", "http://localhost:80"),
        ("::", "http://localhost:80"),
        ("::1", "http://[::1]:80"),
        ("192.168.1.7", "http://192.168.1.7:80"),
    ],
)
def test_the_address_shown_can_be_opened(address: str, url: str) -> None:
    assert url_of(address, 80) == url


def test_an_address_that_is_not_of_this_machine_is_refused(tmp_path: Path) -> None:
    ended = pincite_process(tmp_path / "home", "serve", "--host", "999.1.1.1")
    assert ended.code == 3
    assert "cannot listen on 999.1.1.1:8000" in ended.errors
    assert "--host" in ended.errors
    assert "Traceback" not in ended.errors
    assert not (tmp_path / "home").exists()


def test_serving_a_network_is_warned_of_and_further_names_have_to_be_allowed(tmp_path: Path) -> None:
    with running_server(tmp_path / "home", "--host", "0.0.0.0", "--allowed-host", "pincite.example") as server:
        assert server.url.startswith("http://localhost:")
        assert "can read and change all documents" in server.log()
        for host, status in (("pincite.example", 200), ("Pincite.Example:1", 200), ("other.example", 421)):
            assert server.client.get("/healthz", headers={"Host": host}).status_code == status
        assert re.fullmatch(r".*WARNING.*\nPincite is ready on \S+\n", server.log()), "nothing else at the start"
