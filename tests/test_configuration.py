"""Settings come from the environment and one file; wrong ones are refused by name, all at once."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from firstcall.configuration import (
    Configuration,
    ConfigurationError,
    configuration,
    default_data_folder,
    find_file,
    read_configuration,
)
from firstcall.secret_key import find_secret_key, keep_secret_key

PASSWORD = "corr3ct-horse"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting from outside, and a home and a working folder without a file."""
    for name in [name for name in os.environ if name.startswith("FIRSTCALL_")] + ["DATABASE_URL"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FIRSTCALL_DATA_FOLDER", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)


def faults(**values: object) -> list[str]:
    with pytest.raises(ConfigurationError) as refused:
        read_configuration(values, "/etc/firstcall.toml")
    return list(refused.value.faults)


def test_without_any_it_listens_to_this_machine_alone() -> None:
    read = read_configuration({})
    assert (read.host, read.port, read.database_url.get_secret_value()) == ("127.0.0.1", 8000, "")
    assert "*" not in read.hosts


def test_the_environment_goes_before_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTCALL_PORT", "9000")
    monkeypatch.setenv("FIRSTCALL_KEEPERS", "")  # empty is not given
    read = read_configuration({"port": 8100, "keepers": 3})
    assert (read.port, read.keepers) == (9000, 3)


@pytest.mark.parametrize("given", ["a.example, b.example", ["a.example", "b.example"]])
def test_a_list_is_written_with_commas_or_as_a_list(given: object) -> None:
    assert read_configuration({"allowed_hosts": given}).allowed_hosts == ("a.example", "b.example")


def test_all_that_is_wrong_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTCALL_PORT", "80x")
    monkeypatch.setenv("FIRSTCALL_LOG_LEVL", "info")
    monkeypatch.setenv("FIRSTCALL_SOMETHING", "1")
    assert faults(keepers=0, web_thread=4, public_url="leads.example.com", hats=1) == [
        "FIRSTCALL_LOG_LEVL: there is no such setting. Did you mean FIRSTCALL_LOG_LEVEL?",
        "FIRSTCALL_SOMETHING: there is no such setting. Unset it.",
        "FIRSTCALL_PORT: takes a whole number from 1 to 65535; '80x' is none.",
        "/etc/firstcall.toml: public_url: takes an address without a path, such as https://leads.example.com;"
        " 'leads.example.com' is none.",
        "/etc/firstcall.toml: keepers: takes a whole number from 1 to 64; 0 is none.",
        "/etc/firstcall.toml: web_thread: there is no such setting. Did you mean web_threads?",
        "/etc/firstcall.toml: hats: there is no such setting. Strike it out.",
    ]


def test_no_secret_is_ever_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://u:{PASSWORD}@h:70000x/db?no_such_option=1")
    said = faults(metrics_token=["wrong"], secret_key="short")
    assert said == [
        "DATABASE_URL: takes an address such as postgresql://user:password@host:5432/name.",
        "/etc/firstcall.toml: metrics_token: takes a text that nobody can guess.",
    ]
    monkeypatch.setenv("DATABASE_URL", f"postgresql://u:{PASSWORD}@h/db")
    read = read_configuration(
        {"admin_password": PASSWORD, "secret_key": PASSWORD * 5, "metrics_token": PASSWORD}
    )
    assert PASSWORD not in f"{read!r} {read} {read.model_dump()} {read.model_dump_json()}"


def test_weak_secrets_are_refused() -> None:
    assert faults(secret_key="short", admin_password="1234567") == [
        "FIRSTCALL_SECRET_KEY: 5 characters are too few; take at least 32.",
        "FIRSTCALL_ADMIN_PASSWORD: 7 characters are too few; take at least 8.",
    ]


def test_what_kubernetes_injects_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTCALL_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("FIRSTCALL_PORT_8000_TCP", "tcp://10.0.0.1:8000")
    assert read_configuration({}).port == 8000


def test_it_cannot_be_changed() -> None:
    with pytest.raises(Exception, match="frozen"):
        read_configuration({}).port = 1


@pytest.mark.parametrize(
    ("values", "hosts"),
    [
        (
            {"public_url": "https://leads.example.com"},
            "leads.example.com 127.0.0.1 localhost 127.0.0.1 [::1]",
        ),
        ({"host": "0.0.0.0"}, "*"),
        ({"host": "0.0.0.0", "allowed_hosts": ["a"]}, "a 0.0.0.0 localhost 127.0.0.1 [::1]"),
    ],
)
def test_the_hosts_it_may_be_asked_for(values: dict[str, object], hosts: str) -> None:
    assert read_configuration(values).hosts == hosts.split()


def test_the_file_is_here_or_in_the_data_folder_or_where_it_is_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert find_file() is None
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "firstcall.toml").write_text("port = 1")
    assert find_file() == tmp_path / "data" / "firstcall.toml"
    (tmp_path / "firstcall.toml").write_text("port = 8123")
    assert find_file() == tmp_path / "firstcall.toml"
    configuration.cache_clear()
    assert configuration().port == 8123
    configuration.cache_clear()
    monkeypatch.setenv("FIRSTCALL_CONFIG", "elsewhere.toml")
    with pytest.raises(ConfigurationError) as refused:
        find_file()
    assert (
        str(refused.value)
        == "FIRSTCALL_CONFIG: there is no file elsewhere.toml. Correct the path, or unset it."
    )


def test_a_file_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    (tmp_path / "firstcall.toml").write_text("port: 8000")
    configuration.cache_clear()
    with pytest.raises(ConfigurationError) as refused:
        configuration()
    assert str(refused.value).startswith(f"{tmp_path / 'firstcall.toml'} is no TOML: ")


def test_the_data_are_kept_where_the_system_keeps_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert default_data_folder() == Path("/var/lib/firstcall")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", "/somewhere")
    assert default_data_folder() == Path("/somewhere/firstcall")


def test_the_secret_key_is_made_once_and_readable_to_its_owner_alone(tmp_path: Path) -> None:
    settings = read_configuration({})
    assert find_secret_key(settings) is None
    made: list[str] = []
    makers = [threading.Thread(target=lambda: made.append(keep_secret_key(settings))) for _ in range(8)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    assert made == [made[0]] * 8
    assert len(made[0]) >= 50
    assert find_secret_key(settings) == made[0]
    file = tmp_path / "data" / "secret_key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(file.parent.iterdir()) == [file]


def test_a_secret_key_that_is_given_is_taken_and_none_is_made(tmp_path: Path) -> None:
    settings = read_configuration({"secret_key": "x" * 32})
    assert keep_secret_key(settings) == "x" * 32
    assert not (tmp_path / "data").exists()


def test_every_setting_says_what_it_is_for_and_what_it_takes() -> None:
    for name, field in Configuration.model_fields.items():
        assert field.description, name
        assert isinstance(field.json_schema_extra, dict), name
