"""Settings: every wrong one is named with what to write instead."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shoptui.config import AppConfig, Config, ConfigError, EngineConfig, config_path, load_config
from shoptui.demo import SETTINGS
from shoptui.paths import SYSTEM_CONFIG, DataDir


def load(tmp_path: Path, text: str) -> Config:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return load_config(path)


def test_no_file_means_defaults(tmp_path: Path) -> None:
    assert load_config(tmp_path / "none.toml") == Config()


def test_a_whole_file(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        """
        rules = "own.toml"
        test_clock_offset_s = -60
        [engine]
        hold_s = 20
        [roles]
        mei = "manager"
        "@packers" = "packer"
        [stores.tt-th-2]
        proxy = "http://10.0.0.1:3128"
        """,
    )
    assert config.engine.hold_s == 20
    assert config.roles == {"mei": "manager", "@packers": "packer"}
    assert config.stores["tt-th-2"].proxy == "http://10.0.0.1:3128"
    assert config.rules == tmp_path / "own.toml"
    assert config.test_clock_offset_s == -60


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[engin]\nhold_s = 1", "no setting engin. Did you mean engine?"),
        ("[engine]\nhold = 1", "no setting engine.hold. Did you mean engine.hold_s?"),
        ("[engine]\nhold_s = -1", "engine.hold_s must be a whole number of at least 0"),
        ("[engine]\nsweep_s = 0", "engine.sweep_s must be a whole number of at least 1"),
        ("[engine]\nhold_s = true", "engine.hold_s must be a whole number"),
        ('[engine]\nhold_s = "10"', "engine.hold_s must be a whole number"),
        ("engine = 3", "engine must be a section, written [engine]"),
        ('[roles]\nmei = "boss"', "roles are viewer, packer, agent, manager, admin"),
        ('[roles]\nmei = "manger"', "Did you mean manager?"),
        ('[stores.a]\nproxi = "x"', "no setting stores.a.proxi. Did you mean stores.a.proxy?"),
        ("[stores.a]\nproxy = 3", "stores.a.proxy must be text in quotes"),
        ('[stores.a]\nproxy = "ftp://x"', "stores.a.proxy must be http://host:port"),
        ('[stores.a]\nproxy = "10.0.0.1:3128"', "stores.a.proxy must be http://host:port"),
        ('[stores.a]\nproxy = "http://10.0.0.1:99999"', "stores.a.proxy must be http://host:port"),
        ("rules = 3", "rules must be a file name in quotes"),
        ("[engine", "is no TOML"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert words in str(caught.value)
    assert "config.toml" in str(caught.value)


def test_a_word_like_none_gets_no_suggestion(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, '[roles]\nmei = "boss"')
    assert str(caught.value).endswith("roles are viewer, packer, agent, manager, admin.")


def test_a_shared_house_takes_the_systems_file(tmp_path: Path) -> None:
    assert config_path(DataDir(tmp_path, shared=True)) == SYSTEM_CONFIG
    assert config_path(DataDir(tmp_path)) == tmp_path / "config.toml"


def test_the_documented_file_is_a_valid_one_and_shows_the_defaults(tmp_path: Path) -> None:
    document = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")
    shown = document.split("```toml\n")[1].split("```")[0]
    config = load(tmp_path, shown)
    assert config.engine == EngineConfig()
    assert set(EngineConfig.__slots__) <= set(re.findall(r"^(\w+) =", shown, re.MULTILINE))


def test_an_app_may_say_where_its_marketplace_and_its_secret_are(tmp_path: Path) -> None:
    text = '[apps.tiktok]\nbase_url = "http://127.0.0.1:4"\nsecret_command = "pass show tiktok"\n'
    found = load(tmp_path, text).apps["tiktok"]
    assert found == AppConfig(base_url="http://127.0.0.1:4", secret_command="pass show tiktok")
    with pytest.raises(ConfigError, match=r"no setting apps\.tiktok\.app_secret"):
        load(tmp_path, '[apps.tiktok]\napp_secret = "x"\n')


INBOX = """
[inbox]
supervisor = "boss"
opens = "09:00"
closes = "18:00"
auto_replies = true

[[inbox.assign]]
name = "thai"
to = ["mei", "an"]
stores = ["tt-th-*"]

[[inbox.auto_reply]]
name = "closed"
when = "outside_hours"
[inbox.auto_reply.text]
en = "Back in the morning."
"""


def test_the_rules_of_the_inbox_stand_beside_its_settings(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(INBOX)
    config = load_config(path)
    assert (config.inbox.supervisor, config.inbox.auto_replies, config.inbox.auto_reply_most) == ("boss", True, 1)
    assert [(rule.name, rule.to) for rule in config.assign] == [("thai", ("mei", "an"))]
    assert [rule.name for rule in config.auto_reply] == ["closed"]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('"09:00"', '"9 am"', "inbox: opens must be a time such as '09:00', not '9 am'"),
        ('closes = "18:00"\n', "", "inbox: closes must be a time"),
        ('opens = "09:00"\ncloses = "18:00"\n', "", "give inbox.opens and inbox.closes."),
        ("supervisor", "superviser", "there is no setting inbox.superviser"),
        ("stores", "store", "inbox.assign thai: the key 'store' is not known"),
        ("\nen =", "\nxx =", "inbox.auto_reply closed: 'xx' is no language"),
        ("auto_replies = true", "auto_reply_most = 0", "must be a whole number of at least 1"),
        ("auto_replies = true", 'van = "6 pm"', "inbox: van must be a time such as '09:00', not '6 pm'"),
    ],
)
def test_what_is_wrong_in_the_inbox_is_said(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(INBOX.replace(old, new))
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert any(sentence in problem for problem in caught.value.problems), caught.value.problems
    assert all(
        problem.startswith(f"{path}: ") and problem[-1] in ".?" and problem[-2] != "?"
        for problem in caught.value.problems
    )


def test_the_settings_of_the_demo_can_be_read(tmp_path: Path) -> None:
    inbox = load(tmp_path, SETTINGS).inbox
    assert (inbox.van, inbox.return_address) == ("21:00", "Hall 3, 12 Example Road")
