"""Knobs of the sandbox that a test or an operator may turn while it runs."""

from __future__ import annotations

from dataclasses import dataclass, fields

#: How much there is of the stores' goods: more than anybody orders, or so little that it sells out.
PLENTY, TIGHT = "plenty", "tight"


class SettingError(ValueError):
    """A setting does not exist or has a value outside its range."""


@dataclass(slots=True)
class Settings:
    """Times are world seconds unless said otherwise."""

    tracking_delay_s: int = 5
    """How long after arranging a parcel's tracking number stays invisible to readers."""
    label_delay_s: int = 2
    """How long after arranging a label is still being produced."""
    state_lag_min_s: int = 15 * 60
    state_lag_max_s: int = 20 * 60
    """After arranging, readers see the parcel's old state for a time between these two (Shopee)."""
    collect_min_s: int = 2 * 3600
    collect_max_s: int = 20 * 3600
    """Carriers fetch an arranged parcel after a time between these two."""
    label_fails_every: int = 0
    """Every so-many-th document made in the background fails (Shopee); 0 lets none fail."""
    label_link_s: int = 24 * 3600
    access_token_s: int = 7 * 86_400
    refresh_token_s: int = 365 * 86_400
    calls_per_s: int = 50
    """Wire calls per second allowed for one app, shop and endpoint; 0 switches the limit off."""
    retry_after_s: int = 0
    """Value of the Retry-After header on a rate limit answer; 0 leaves the header out."""
    chat_calls_per_day: int = 10_000
    """Customer service calls of one shop in a world day (TikTok Shop); 0 switches the limit off."""
    max_batch: int = 100
    """Parcels in one batch ship call (the real limit is not documented)."""

    def change(self, values: dict[str, object]) -> None:
        """Apply several settings or none. Raises SettingError naming the first bad one."""
        known = {entry.name for entry in fields(self)}
        checked: dict[str, int] = {}
        for name, value in values.items():
            if name not in known:
                raise SettingError(f"There is no setting {name!r}: use one of {', '.join(sorted(known))}.")
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise SettingError(f"Setting {name} must be a whole number of at least 0, not {value!r}.")
            checked[name] = value
        for pair in ("collect", "state_lag"):
            low, high = f"{pair}_min_s", f"{pair}_max_s"
            if checked.get(low, getattr(self, low)) > checked.get(high, getattr(self, high)):
                raise SettingError(f"{low} is above {high}: give the smaller number to {low}.")
        for name, value in checked.items():
            setattr(self, name, value)

    def as_dict(self) -> dict[str, int]:
        return {entry.name: getattr(self, entry.name) for entry in fields(self)}
