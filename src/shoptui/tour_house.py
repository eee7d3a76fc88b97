"""The house of the guided tour: a small demo with one answer that goes wrong, and how far its operator has come."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from shoptui.cockpit.keymap import keymap_path
from shoptui.cockpit.tour import LAST, Tour, in_a_new_world
from shoptui.demo import DemoHouse, DemoSize, ensure_demo
from shoptui.looks import looks_path
from shoptui.paths import DataDir

SIZE = DemoSize(stores=4, orders=160, rate=0.5, seed=3, markets=("tiktok",))

#: One parcel is refused for its pick-up slot, which is mended by sending it again. A refused call for several parcels
#: is made again for each of them.
FAULTS = [
    {
        "match": {"path": path, "method": "POST", "times": 1},
        "do": {"code": 21011053, "message": "the pick-up slot is not available"},
    }
    for path in ("/packages/ship$", "/packages/[0-9]+/ship$")
]


class TourHouse:
    """The tour's world under `root`, and the step it was left at."""

    def __init__(self, root: Path) -> None:
        self.demo = DemoHouse(root)
        self._progress = root / "progress.json"

    @classmethod
    def default(cls) -> TourHouse:
        """The operator's own, in the user's cache directory or where SHOPTUI_TOUR says."""
        from platformdirs import user_cache_path

        return cls(Path(os.environ.get("SHOPTUI_TOUR") or user_cache_path("shoptui") / "tour"))

    @property
    def step_id(self) -> str:
        """The step the tour was left at, "" for the beginning."""
        try:
            return str(json.loads(self._progress.read_text(encoding="utf-8"))["step"])
        except (OSError, ValueError, KeyError, TypeError):
            return ""

    def keep(self, step_id: str) -> None:
        """Remember the step that has begun; a disk that refuses costs the memory and nothing else."""
        beside = self._progress.with_suffix(".new")
        with contextlib.suppress(OSError):
            beside.write_text(json.dumps({"step": step_id}), encoding="utf-8")
            beside.rename(self._progress)

    def forget(self) -> None:
        """Begin at the first step the next time."""
        self._progress.unlink(missing_ok=True)

    def take(self, own: DataDir) -> int:
        """Run the tour until its operator leaves; the cockpit's exit code. `own` lends its settings and keys.

        The world is thrown away when it is left in good order; after a dropped link it waits, as a demo does. Raises
        DemoError when the world cannot be set up.
        """
        from shoptui.cli import start_cockpit

        self.demo.root.mkdir(parents=True, exist_ok=True)
        self.demo.faults.write_text(json.dumps(FAULTS), encoding="utf-8")
        was_there = ensure_demo(self.demo, SIZE)
        step_id = self.step_id if was_there else in_a_new_world(self.step_id)
        tour = Tour(step_id, keep=self.keep)
        lent = (keymap_path(own), looks_path(own))
        with _own_state(self.demo.root / "state") as state, self.demo.attached():
            _lend(lent, state)
            code = start_cockpit(self.demo.data_dir, ensure=False, settings_of=own, tour=tour)
        if code == 0:
            self.demo.stop()
            shutil.rmtree(self.demo.data_dir.root, ignore_errors=True)
            shutil.rmtree(self.demo.root / "state", ignore_errors=True)
            if tour.step.id == LAST:
                shutil.rmtree(self.demo.root, ignore_errors=True)
        return code


@contextlib.contextmanager
def _own_state(folder: Path) -> Iterator[Path]:
    """Let the cockpit keep its state here, whatever the operator's environment says."""
    before = os.environ.get("SHOPTUI_STATE")
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["SHOPTUI_STATE"] = str(folder)
    try:
        yield folder
    finally:
        if before is None:
            del os.environ["SHOPTUI_STATE"]
        else:
            os.environ["SHOPTUI_STATE"] = before


def _lend(files: Iterable[Path], state: Path) -> None:
    """The operator's own keys and looks hold in the tour, too; what is changed there goes with it."""
    for file in files:
        (state / file.name).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            shutil.copyfile(file, state / file.name)
