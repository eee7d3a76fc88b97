"""Reading the file of shelves that the settings name, again when it has changed, and saying what is wrong with it."""

from __future__ import annotations

from pathlib import Path

from shoptui.config import ConfigError, config_path, load_config
from shoptui.domain.shelves import NO_SHELVES, Shelves
from shoptui.i18n import _, ngettext
from shoptui.paths import DataDir
from shoptui.queries.shelf_table import BadShelves, read_shelves
from shoptui.queries.tracking_file import BadTrackingFile, decode_tracking


class ShelfFile:
    """The shelves of a house. `look` blocks for the disk; the settings are read once, at the first look.

    `fault` is what is wrong with the file, "" when nothing is or none is named. Of a file that contradicts itself the
    first lines count; one that cannot be used gives no shelf at all.
    """

    def __init__(self, house: DataDir) -> None:
        self._house = house
        self._path: Path | None = None
        self._asked = False
        self._read_as: tuple[int, int] | None = None
        self.shelves: Shelves = NO_SHELVES
        self.fault = ""

    @property
    def is_none(self) -> bool:
        """Whether it is known that the settings name no file."""
        return self._asked and self._path is None

    def look(self) -> Shelves:
        """The shelves as the file has them now."""
        if not self._asked:
            self._asked = True
            self._path = _named_file(self._house)
        if self._path is None:
            return NO_SHELVES
        try:
            found = self._path.stat()
            read_as = found.st_mtime_ns, found.st_size
            if read_as != self._read_as:
                # Set first: a faulty file is read again only when it has changed.
                self._read_as = read_as
                self.shelves, self.fault = _read(self._path)
        except OSError as error:
            self._read_as = None
            self.shelves = NO_SHELVES
            self.fault = _("The shelves cannot be read from {path}: {why}").format(
                path=self._path, why=error.strerror or error
            )
        return self.shelves


def _named_file(house: DataDir) -> Path | None:
    """The file the settings name, None where they name none or cannot be read, which others say."""
    settings = config_path(house)
    try:
        named = load_config(settings).pick.locations
    except ConfigError:
        return None
    return settings.parent / Path(named).expanduser() if named else None


def _read(path: Path) -> tuple[Shelves, str]:
    try:
        shelves = read_shelves(decode_tracking(path.read_bytes()))
    except BadTrackingFile:
        return NO_SHELVES, _("{path} is too large or no text: save it as CSV (UTF-8).").format(path=path)
    except BadShelves:
        said = _("{path} needs a column named sku and one named location, or just these two columns.")
        return NO_SHELVES, said.format(path=path)
    if not shelves.clashes:
        return shelves, ""
    clash = shelves.clashes[0]
    fault = _("{path}, line {line}: {sku} has another shelf in line {first}, which counts.").format(
        path=path, line=clash.line, sku=clash.sku, first=clash.first
    )
    if more := len(shelves.clashes) - 1:
        words = ngettext("One more line like it.", "{count} more lines like it.", more)
        fault += " " + words.format(count=more)
    return shelves, fault
