"""What the first run has found out about this terminal so far: keys, scanner and paste that really arrived."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field

from shoptui.doctor.finding import Finding, State
from shoptui.domain.records import dataclass
from shoptui.i18n import _

#: Text that came in one piece and looks like this is a paste, not a code.
_CODE_MAX = 64


@dataclass(slots=True)
class TerminalTests:
    """Filled as things arrive. `scan` and `paste` are "" before one came; `own_key` is another key that confirms."""

    f9: bool = False
    ctrl_y: bool = False
    other_keys: list[str] = field(default_factory=list)
    own_key: str = ""
    scan: str = ""
    scan_certain: bool = False
    paste: str = ""

    def key_arrived(self, key: str) -> bool:
        """A key came (a Textual key name); True when it is one that is looked for."""
        if key == "f9":
            self.f9 = True
        elif key == "ctrl+y":
            self.ctrl_y = True
        else:
            return False
        return True

    def scanned(self, text: str, certain: bool) -> None:
        """Something came as fast as a scanner writes, or between a scanner's prefix and suffix."""
        self.scan, self.scan_certain = text, certain

    def pasted(self, text: str) -> None:
        """Something came with the marks of a bracketed paste."""
        self.paste = text

    def confirm_finding(self) -> Finding:
        """Whether a key that sends arrives here."""
        if self.f9 and self.ctrl_y:
            return Finding("keys", State.OK, _("F9 and Ctrl-Y arrived: F9 is the key that sends."))
        if self.f9:
            return Finding("keys", State.OK, _("F9 arrived: it is the key that sends. Ctrl-Y is its twin."))
        if self.ctrl_y:
            return Finding("keys", State.OK, _("Ctrl-Y arrived: here it is the key that sends."))
        if self.own_key:
            return Finding("keys", State.OK, _("{key} will be the key that sends.").format(key=self.own_key))
        return Finding(
            "keys",
            State.UNKNOWN,
            _("Press F9, then Ctrl-Y: one has to arrive, it is the key that sends."),
            _("If neither does: Enter here, then the key to take instead (a function key or Ctrl and a letter)."),
        )

    def scanner_finding(self) -> Finding:
        """Whether a scan is told from typing here."""
        if not self.scan:
            return Finding("scanner", State.UNKNOWN, _("Scan any barcode now, or go on: it can be done later."))
        how = _("by its prefix or suffix") if self.scan_certain else _("by its speed")
        words = _("seen: {code}, {count} characters, recognised {how}.").format(
            code=self.scan[:24], count=len(self.scan), how=how
        )
        return Finding("scanner", State.OK, words)

    def paste_finding(self) -> Finding:
        """Whether pastes come with their marks."""
        if self.paste:
            words = _("bracketed paste arrived, {count} characters.").format(count=len(self.paste))
            return Finding("paste", State.OK, words)
        if len(self.scan) > _CODE_MAX or " " in self.scan:
            words = _("bracketed paste is off in this terminal; pastes are known by their speed.")
            return Finding(
                "paste", State.WARN, words, _("In tmux or screen, update it; in PuTTY, use a newer version.")
            )
        return Finding("paste", State.UNKNOWN, _("Paste something now, or go on."))

    def findings(self) -> Sequence[Finding]:
        """All three, in the order in which they are asked for."""
        return self.confirm_finding(), self.scanner_finding(), self.paste_finding()
