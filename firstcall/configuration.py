"""What the administrator chooses: read from the environment and one TOML file, checked as a whole, never changed."""

from __future__ import annotations

import os
import re
import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
)
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from firstcall.scoring.problems import nearest

PREFIX = "FIRSTCALL_"
FILE = "firstcall.toml"
# Read by others than this module: which file, where an error came from, golden files of the tests, a child's parent.
OTHERS = {f"{PREFIX}{name}" for name in ("CONFIG", "DEBUG", "SNAPSHOTS", "PARENT")}
# Kubernetes gives these to every container beside something that is called firstcall.
_INJECTED = re.compile(r"FIRSTCALL_(SERVICE_|PORT_\d)")


class ConfigurationError(Exception):
    """Every setting that is wrong, a line each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


def default_data_folder() -> Path:
    """Where programs of this system keep what they make; root's own folders are closed to the database's user."""
    if os.geteuid() == 0:
        return Path("/var/lib/firstcall")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "firstcall"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "firstcall"


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _checked_dsn(value: SecretStr) -> SecretStr:
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    try:
        conninfo_to_dict(value.get_secret_value())
    except psycopg.Error:
        # libpq's own words may repeat the password.
        raise ValueError("unreadable") from None
    return value


def _checked_url(value: str) -> str:
    parts = urlsplit(value)
    if value and (parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/")):
        raise ValueError("no address")
    return value.rstrip("/")


def _checked_region(value: str) -> str:
    import phonenumbers

    if value and value not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError("no country")
    return value


def _setting(default: Any, says: str, takes: str, **more: Any) -> Any:
    return Field(default, description=says, json_schema_extra={"takes": takes}, **more)


_COUNT = "a whole number from 1 to 64"


class OpenIdProvider(BaseModel):
    """One that vouches for users.

    id      stands in addresses: `/account/oidc/ID/login/callback/` is what the provider is told to come back to
    server  where `/.well-known/openid-configuration` lies
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]
    name: Annotated[str, Field(min_length=1, max_length=40)]
    server: Annotated[str, Field(pattern=r"^https?://[^\s/]+(/\S*)?$")]
    client_id: Annotated[str, Field(min_length=1)]
    client_secret: SecretStr


class Configuration(BaseSettings):
    """Each setting is `FIRSTCALL_` and its name in capitals in the environment, and its name in the TOML file.

    The environment goes before the file. docs/guide/settings.md lists all.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid", populate_by_name=True
    )

    database_url: Annotated[SecretStr, AfterValidator(_checked_dsn)] = _setting(
        SecretStr(""),
        "The PostgreSQL to use, version 15 to 18. Empty: one that Firstcall brings and runs itself.",
        "an address such as postgresql://user:password@host:5432/name",
        validation_alias=AliasChoices("database_url", "DATABASE_URL"),
    )
    data_folder: Path = Field(
        default_factory=default_data_folder,
        description="Where the database that Firstcall runs itself and the secret key are kept.",
        json_schema_extra={"takes": "a folder; made if it is missing"},
    )
    host: str = _setting(
        "127.0.0.1",
        "Where the web server listens. 0.0.0.0 is every network that the machine is in.",
        "an IP address or a name of this machine",
    )
    port: int = _setting(8000, "Its port.", "a whole number from 1 to 65535", ge=1, le=65535)
    public_url: Annotated[str, AfterValidator(_checked_url)] = _setting(
        "",
        "The address by which people and programs reach Firstcall; https makes its cookies travel by https alone.",
        "an address without a path, such as https://leads.example.com",
    )
    allowed_hosts: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)] = _setting(
        (),
        "Other host names by which it may be asked for, beside those of public_url and of this machine.",
        "names with commas between; in the file a list",
    )
    behind_proxy: bool = _setting(
        False,
        "Believe a reverse proxy's X-Forwarded-Proto and X-Forwarded-For. Only where nobody can go around the proxy.",
        "true or false",
    )
    secret_key: SecretStr = _setting(
        SecretStr(""),
        "Signs sessions and tokens. Empty: made once and kept in the data folder. One for all machines of a database.",
        "at least 32 characters that nobody can guess",
    )
    web_processes: int = _setting(1, "Processes of the web server.", _COUNT, ge=1, le=64)
    web_threads: int = _setting(
        4, "Requests that each of them answers at once; each has a database connection.", _COUNT, ge=1, le=64
    )
    keepers: int = _setting(1, "Processes that keep scores right.", _COUNT, ge=1, le=64)
    jobs_at_once: int = _setting(2, "Jobs that the jobs process does at once.", _COUNT, ge=1, le=64)
    phone_region: Annotated[str, AfterValidator(_checked_region)] = _setting(
        "",
        "Where phone numbers without a country code are, so that they are found. Empty: such numbers find nothing.",
        "a country of two capitals, such as DE",
    )
    most_rules: int = _setting(
        0,
        "So many scoring rules may a module have. 0: any number.",
        "a whole number from 0",
        ge=0,
    )
    rule_seconds: float = _setting(
        5.0,
        "So long may one rule take for a batch of records before it is tried in parts, and then set aside.",
        "seconds, from 0.1 to 600",
        ge=0.1,
        le=600,
    )
    admin_email: str = _setting(
        "admin@example.com",
        "The e-mail address of the first administrator, who is made on the first start.",
        "an e-mail address",
        pattern=r"^[^@\s]+@[^@\s]+$",
    )
    admin_password: SecretStr = _setting(
        SecretStr(""),
        "The first administrator's password. Empty: made up, and printed once.",
        "a password of at least 8 characters",
    )
    openid_connect: tuple[OpenIdProvider, ...] = _setting(
        (),
        "Who else vouches for users: OpenID Connect providers, each with id, name, server, client_id and client_secret.",
        "a list of providers, each with id, name, server, client_id and client_secret; in the environment as JSON",
    )
    smtp_url: SecretStr = _setting(
        SecretStr(""),
        "The mail server. Empty: no mail is sent, and forgotten passwords are for `firstcall password`.",
        "an address such as smtp://user:password@host:587, or smtps:// where TLS comes first",
    )
    mail_from: str = _setting(
        "Firstcall <firstcall@localhost>",
        "Whom mail comes from.",
        "an e-mail address, a name before it in words",
    )
    log_format: Literal["auto", "json", "text"] = _setting(
        "auto",
        "How logs are written: for programs, for people, or as the terminal asks.",
        "auto, json or text",
    )
    log_level: Literal["debug", "info", "warning", "error"] = _setting(
        "info", "The least important that is logged.", "debug, info, warning or error"
    )
    metrics_token: SecretStr = _setting(
        SecretStr(""),
        "Whoever shows it as a bearer token may read /metrics from anywhere. Empty: only this machine itself may.",
        "a text that nobody can guess",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return env_settings, init_settings

    @property
    def hosts(self) -> list[str]:
        """The host names that requests may be for; all where it listens to every network and none is named."""
        named = [*self.allowed_hosts, urlsplit(self.public_url).hostname]
        if self.host in ("0.0.0.0", "::") and not any(named):  # noqa: S104
            return ["*"]
        return [host for host in [*named, self.host, "localhost", "127.0.0.1", "[::1]"] if host]


@cache
def configuration() -> Configuration:
    """The settings of this process. Raises ConfigurationError with all that is wrong."""
    file = find_file()
    return read_configuration({} if file is None else _read_file(file), "" if file is None else str(file))


def find_file() -> Path | None:
    """The TOML file: what FIRSTCALL_CONFIG names, else firstcall.toml here or in the data folder."""
    if named := os.environ.get(f"{PREFIX}CONFIG"):
        if not Path(named).is_file():
            raise ConfigurationError(
                [f"FIRSTCALL_CONFIG: there is no file {named}. Correct the path, or unset it."]
            )
        return Path(named).absolute()
    folder = os.environ.get(f"{PREFIX}DATA_FOLDER")
    places = [Path(), Path(folder) if folder else default_data_folder()]
    return next((file.absolute() for place in places if (file := place / FILE).is_file()), None)


def _read_file(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError([f"{file} is no TOML: {error}."]) from None
    except OSError as error:
        raise ConfigurationError([f"{file} cannot be read: {error.strerror}."]) from None


def read_configuration(values: dict[str, Any], file: str = "") -> Configuration:
    """The settings that are in the environment and, second, in `values`, as the TOML file has them."""
    faults = _unknown_variables()
    try:
        read = Configuration(**values)
    except ValidationError as error:
        faults += [_say(detail, values, file) for detail in error.errors(include_context=False)]
    else:
        faults += _weak_secrets(read)
        if not faults:
            return read
    raise ConfigurationError(faults)


def variable_of(name: str) -> str:
    """A setting's name in the environment."""
    return "DATABASE_URL" if name == "database_url" else f"{PREFIX}{name.upper()}"


def _unknown_variables() -> list[str]:
    known = {variable_of(name) for name in Configuration.model_fields} | OTHERS
    faults = []
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in known and not _INJECTED.match(name):
            near = nearest(name.removeprefix(PREFIX).lower(), Configuration.model_fields)
            faults.append(
                f"{name}: there is no such setting."
                + (f" Did you mean {variable_of(near)}?" if near else " Unset it.")
            )
    return faults


def _say(detail: ErrorDetails, values: dict[str, Any], file: str) -> str:
    name = str(detail["loc"][0])
    name = "database_url" if name == "DATABASE_URL" else name
    if detail["type"] == "extra_forbidden":
        near = nearest(name, Configuration.model_fields)
        return f"{file}: {name}: there is no such setting." + (
            f" Did you mean {near}?" if near else " Strike it out."
        )
    field = Configuration.model_fields[name]
    assert isinstance(field.json_schema_extra, dict)  # noqa: S101
    takes = field.json_schema_extra["takes"]
    place = variable_of(name) if os.environ.get(variable_of(name)) else f"{file}: {name}"
    given = os.environ.get(variable_of(name)) or values.get(name)
    said = "" if field.annotation is SecretStr else f"; {given!r} is none"
    return f"{place}: takes {takes}{said}."


def _weak_secrets(read: Configuration) -> list[str]:
    faults = []
    for name, least in (("secret_key", 32), ("admin_password", 8)):
        length = len(getattr(read, name).get_secret_value())
        if 0 < length < least:
            faults.append(f"{variable_of(name)}: {length} characters are too few; take at least {least}.")
    return faults
