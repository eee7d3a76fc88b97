"""`shoptui config`: every value with where it is from, every wrong one by name."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from shoptui import config as config_module
from shoptui import paths
from shoptui.config import Source, check_file, cockpit_config, load_config, load_layers
from shoptui.looks import Looks, keep_looks, load_looks, looks_path
from shoptui.paths import DataDir
from shoptui.settings import SECTIONS, CockpitConfig, Config, all_settings
from shoptui.settings_text import documented_file
from shoptui.shell.exits import Exit
from shoptui.shell.group import cli
from shoptui.theme_files import load_themes, shipped_themes_path


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataDir:
    for setting in all_settings():
        if setting.env:
            monkeypatch.delenv(setting.env, raising=False)
    monkeypatch.setenv("SHOPTUI_HOME", str(tmp_path))
    monkeypatch.delenv("SHOPTUI_STATE", raising=False)
    return DataDir(tmp_path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments, prog_name="shoptui")


def rows() -> dict[str, tuple[object, str]]:
    """What `shoptui config` says: value and origin by setting."""
    done = run("config", "--format", "json")
    assert done.exit_code == 0, done.output
    return {row["setting"]: (row["value"], row["from"]) for row in json.loads(done.output)}


def test_each_value_says_where_it_is_from(house: DataDir, monkeypatch: pytest.MonkeyPatch) -> None:
    house.config.write_text(
        """
        [engine]
        hold_s = 3
        [cockpit]
        theme = "high"
        mouse = true
        [roles]
        mei = "manager"
        [stores.tt-th-1]
        proxy = "http://out:geheim@10.0.0.1:3128"
        """
    )
    monkeypatch.setenv("SHOPTUI_THEME", "ansi")
    found = rows()
    own = f"own file {house.config}"
    assert found["engine.hold_s"] == (3, own)
    assert found["engine.sweep_s"] == (900, "default")
    assert found["cockpit.theme"] == ("ansi", "environment SHOPTUI_THEME")
    assert found["cockpit.mouse"] == (True, own)
    assert found["roles.mei"] == ("manager", own)
    assert found["(house)"] == (str(house.root), "environment SHOPTUI_HOME")
    assert found["rules"] == (None, "default")
    # A password is nobody's business, not even in a bug report.
    assert found["stores.tt-th-1.proxy"] == ("http://out:[hidden]@10.0.0.1:3128", own)
    table = run("config")
    assert "geheim" not in table.output
    assert "cockpit.theme" in table.output and '"ansi"' in table.output


def test_every_setting_of_the_table_is_listed(house: DataDir) -> None:
    assert {setting.name for setting in all_settings() if "*" not in setting.name} <= set(rows())


@pytest.mark.parametrize(
    ("language", "good"), [("fr", False), ("zh", True), ("zh-TW", True), ("en_GB", True), ("", True)]
)
def test_a_language_without_a_catalogue_is_named(house: DataDir, language: str, good: bool) -> None:
    house.config.write_text(f'[cockpit]\nlanguage = "{language}"\n')
    done = run("config", "check")
    assert (done.exit_code == Exit.OK) is good
    assert good or "cockpit.language is 'fr'; there are en, zh_CN. English is in force." in done.stderr


def test_all_that_is_wrong_is_said_at_once(house: DataDir) -> None:
    house.config.write_text('[engine]\nhold = 1\nsweep_s = 0\ntheme = "dark"\n[cockpit]\ntheme = 3\nmouse = 1\n')
    done = run("config", "check")
    assert done.exit_code == Exit.FAILED
    said = [line.removeprefix(f"{house.config}: ") for line in done.stderr.splitlines()]
    assert said == [
        "there is no setting engine.hold. Did you mean engine.hold_s?",
        "there is no setting engine.theme. Did you mean cockpit.theme?",
        "engine.sweep_s must be a whole number of at least 1; it is 0.",
        "cockpit.theme must be text in quotes; it is 3.",
        "cockpit.mouse must be true or false; it is 1.",
    ]
    assert run("config").exit_code == Exit.FAILED


def test_a_good_file_and_none_are_both_good(house: DataDir) -> None:
    assert run("config", "check").exit_code == 0
    house.config.write_text(documented_file())
    done = run("config", "check")
    assert (done.exit_code, done.stderr) == (0, "")
    house.config.write_text('data_dir = "/var/lib/shoptui"\n')
    done = run("config", "check")
    assert done.exit_code == Exit.FAILED
    assert "data_dir has no effect here" in done.stderr


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [("SHOPTUI_MOUSE", "maybe", "must be true or false"), ("SHOPTUI_COLOURS", "265", "Did you mean 256?")],
)
def test_a_wrong_environment_is_named(
    house: DataDir, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, words: str
) -> None:
    monkeypatch.setenv(variable, value)
    done = run("config", "check")
    assert done.exit_code == Exit.FAILED
    assert variable in done.stderr and words in done.stderr


def test_a_theme_that_is_not_there_is_found_too(house: DataDir, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPTUI_THEME", "drak")
    done = run("config", "check")
    assert done.exit_code == Exit.FAILED
    assert done.stderr == (
        "There is no theme drak. Did you mean dark? There are: ansi, dark, high, light. dark is in force.\n"
    )


def test_an_own_theme_can_be_chosen_and_one_without_a_colour_is_named(house: DataDir) -> None:
    dark = (shipped_themes_path() / "dark.toml").read_text(encoding="utf-8")
    themes = house.root / "themes"
    themes.mkdir()
    (themes / "dusk.toml").write_text(dark.replace('name = "dark"', 'name = "dusk"'), encoding="utf-8")
    house.config.write_text('[cockpit]\ntheme = "dusk"\n')
    assert run("config", "check").exit_code == 0
    (themes / "dawn.toml").write_text(dark.replace('soon = "#ffaf5f"\n', ""), encoding="utf-8")
    done = run("config", "check")
    assert done.exit_code == Exit.FAILED
    assert done.stderr == ("dawn.toml: the colour 'soon' is missing in [roles]. Add soon = \"#rrggbb\".\n")


def test_what_was_chosen_in_the_cockpit_goes_before_the_files(house: DataDir, monkeypatch: pytest.MonkeyPatch) -> None:
    house.config.write_text('[cockpit]\ntheme = "high"\nlanguage = "en"\n')
    chosen = looks_path(house)
    assert keep_looks(chosen, Looks(theme="light")) == ""
    found = rows()
    assert found["cockpit.theme"] == ("light", f"chosen in the cockpit {chosen}")
    assert found["cockpit.language"] == ("en", f"own file {house.config}")
    monkeypatch.setenv("SHOPTUI_THEME", "ansi")
    assert rows()["cockpit.theme"] == ("ansi", "environment SHOPTUI_THEME")
    monkeypatch.delenv("SHOPTUI_THEME")
    # A settings file that cannot be used takes nothing of what was chosen.
    house.config.write_text("[cockpit\n")
    assert cockpit_config(house, {})[0] == CockpitConfig(theme="light")
    assert keep_looks(chosen, Looks()) == ""
    assert not chosen.exists()


@pytest.mark.parametrize("content", ["theme =", "theme = 3\nlanguage = []\n", "\udcff"])
def test_a_choice_that_cannot_be_read_is_none(tmp_path: Path, content: str) -> None:
    path = tmp_path / "looks.toml"
    path.write_bytes(content.encode(errors="surrogateescape"))
    assert load_looks(path) == Looks()


_names = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x7f"))


@given(_names, _names)
def test_what_is_kept_is_what_is_loaded(theme: str, language: str) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "looks.toml"
        assert keep_looks(path, Looks(theme, language)) == ""
        assert load_looks(path) == Looks(theme, language)


def test_keys_that_clash_are_found_too(house: DataDir) -> None:
    (house.root / "keymap.toml").write_text('[keys]\n"order.shp" = "f"\n')
    done = run("config", "check")
    assert done.exit_code == Exit.FAILED
    assert "order.ship" in done.stderr


def test_everything_wrong_with_the_keys_is_said_a_line_each(house: DataDir) -> None:
    (house.root / "keymap.toml").write_text('[keys]\n"order.shp" = "f"\n"order.ship" = "C"\n')
    done = run("config", "check")
    first, *others = done.output.splitlines()
    assert done.exit_code == Exit.FAILED
    assert "order.shp" in first
    assert others and all("order.ship and order.cancel" in line and "keymap.toml" in line for line in others)


def test_paths_and_template(house: DataDir) -> None:
    assert str(house.config) in run("config", "path").output
    assert run("config", "template").output == documented_file()


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[DataDir, Path, Path]:
    """A shared house with its system file and an operator's own one."""
    system, own = tmp_path / "etc" / "config.toml", tmp_path / "own" / "shoptui" / "config.toml"
    for file in (system, own):
        file.parent.mkdir(parents=True)
    monkeypatch.setattr(config_module, "SYSTEM_CONFIG", system)
    monkeypatch.setattr(paths, "SYSTEM_CONFIG", system)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "own"))
    system.write_text(f'data_dir = "{tmp_path}"\n[engine]\nhold_s = 5\n[cockpit]\ntheme = "light"\nmouse = true\n')
    return DataDir(tmp_path, shared=True), system, own


def test_an_operators_file_goes_over_the_systems(shared: tuple[DataDir, Path, Path]) -> None:
    house, system, own = shared
    own.write_text('[cockpit]\ntheme = "high"\n')
    found = {one.name: one for one in load_layers(house, {})}
    assert (found["cockpit.theme"].value, found["cockpit.theme"].source) == ("high", Source.OWN_FILE)
    assert (found["cockpit.mouse"].value, found["cockpit.mouse"].source) == (True, Source.SYSTEM_FILE)
    assert (found["engine.hold_s"].value, found["engine.hold_s"].place) == (5, str(system))
    assert cockpit_config(house, {"SHOPTUI_MOUSE": "no"}) == (CockpitConfig(theme="high", mouse=False), "")


def test_what_concerns_everybody_is_refused_in_an_operators_file(shared: tuple[DataDir, Path, Path]) -> None:
    house, system, own = shared
    own.write_text('[roles]\nmei = "admin"\n')
    (problem,) = check_file(own, own=True)
    assert problem == f"{own}: roles concerns everybody: it belongs into {system}. Here only [cockpit] counts."
    # A cockpit opens all the same, with the usual settings, and says why.
    config, fault = cockpit_config(house, {})
    assert config == CockpitConfig()
    assert "roles concerns everybody" in fault and fault.endswith("The usual settings are in force.")


def test_the_table_and_what_it_speaks_of_agree() -> None:
    names = [setting.name for setting in all_settings()]
    assert len(set(names)) == len(names)
    theme = next(setting for setting in all_settings() if setting.name == "cockpit.theme")
    assert all(name in theme.help for name in load_themes())
    assert theme.default in load_themes()
    sections = {section.name.partition(".")[0] for section in SECTIONS if section.name}
    in_tables = {"assign", "auto_reply"}  # lists of rules inside [inbox], which no single setting holds
    assert sections | in_tables | {"rules", "test_clock_offset_s"} == set(Config.__slots__)


def test_the_documented_file_sets_nothing_but_defaults(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(documented_file(), encoding="utf-8")
    assert load_config(path) == Config()
    page = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")
    assert documented_file() in page
