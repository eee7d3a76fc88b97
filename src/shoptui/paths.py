"""Where everything of one house lies on disk, and how the data directory is found."""

from __future__ import annotations

import hashlib
import os
import tomllib
from pathlib import Path

from shoptui.domain.records import dataclass

SYSTEM_CONFIG = Path("/etc/shoptui/config.toml")

#: A Unix socket's path may have 107 bytes (Linux unix(7)); ours stay below.
_SOCKET_PATH_MAX = 100


class PathError(ValueError):
    """A data directory or system configuration that cannot be used; the message says what to do."""


@dataclass(frozen=True, slots=True)
class DataDir:
    """One house: its directory, and whether it is shared (named by the system file; operators join by group)."""

    root: Path
    shared: bool = False
    socket_override: Path | None = None

    @property
    def cache(self) -> Path:
        return self.root / "cache.db"

    @property
    def ledger(self) -> Path:
        return self.root / "ledger.db"

    @property
    def vault(self) -> Path:
        return self.root / "vault.db"

    @property
    def secrets(self) -> Path:
        return self.root / "secrets.json"

    @property
    def config(self) -> Path:
        return self.root / "config.toml"

    @property
    def lock(self) -> Path:
        return self.root / "engine.lock"

    @property
    def log(self) -> Path:
        return self.root / "engine.log"

    @property
    def socket(self) -> Path:
        """The engine's socket: beside the data, or in the first run-time directory whose path is short enough."""
        if self.socket_override is not None:
            return self.socket_override
        name = f"shoptui-{hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]}.sock"
        places = [self.root / "engine.sock"]
        if run_time := os.environ.get("XDG_RUNTIME_DIR"):
            places.append(Path(run_time) / name)
        last = Path(f"/tmp/shoptui-{os.getuid()}") / name
        return next((place for place in places if len(os.fsencode(place)) <= _SOCKET_PATH_MAX), last)

    @property
    def operator_state(self) -> Path:
        """This operator's own database (views, marks, drafts), kept apart per house and never shared."""
        if override := os.environ.get("SHOPTUI_STATE"):
            return Path(override) / "state.db"
        if not self.shared:
            return self.root / "state.db"
        from platformdirs import user_state_path

        name = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]
        return user_state_path("shoptui") / f"{name}.db"

    @property
    def exports(self) -> Path:
        """Where packs and exports of this operator go: beside their own state."""
        return self.operator_state.parent / "exports"


def find_data_dir(option: Path | None = None, system_config: Path = SYSTEM_CONFIG) -> DataDir:
    """The one look-up: `--data-dir`, then SHOPTUI_HOME, then the system file, then the user's data directory.

    Raises PathError when the system file cannot be read or names no directory.
    """
    if option is not None:
        return DataDir(option.expanduser().absolute())
    if home := os.environ.get("SHOPTUI_HOME"):
        return DataDir(Path(home).expanduser().absolute())
    if system_config.exists():
        return _shared(system_config)
    from platformdirs import user_data_path

    return DataDir(user_data_path("shoptui"))


def house_arguments(data_dir: DataDir) -> tuple[str, ...]:
    """What another `shoptui` is called with to work in the same house; a shared one is found without being named."""
    return () if data_dir.shared else ("--data-dir", str(data_dir.root))


def _shared(system_config: Path) -> DataDir:
    try:
        settings = tomllib.loads(system_config.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise PathError(f"{system_config} cannot be read: {error}. Mend it or ask whoever set it up.") from error
    root = settings.get("data_dir")
    if not isinstance(root, str) or not root.startswith("/"):
        raise PathError(f'{system_config} must name an absolute data_dir = "/…"; it has {root!r}.')
    socket = settings.get("socket")
    if socket is not None and not (isinstance(socket, str) and socket.startswith("/")):
        raise PathError(f'{system_config}: socket = "/…" must be an absolute path; it has {socket!r}.')
    return DataDir(Path(root), shared=True, socket_override=Path(socket) if socket else None)
