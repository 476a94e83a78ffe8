from pathlib import Path

import pytest

from corpus.errors import BadInputError
from retrieval.settings import Settings


@pytest.fixture(autouse=True)
def _no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"PINCITE_{name.upper()}", raising=False)


def test_an_option_wins_over_the_environment_and_that_over_the_default(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert Settings.load().home.name == "pincite"
    monkeypatch.setenv("PINCITE_HOME", str(tmp_path / "environment"))
    monkeypatch.setenv("PINCITE_PASSAGE_TOKENS", "123")
    assert Settings.load().home == tmp_path / "environment"
    assert Settings.load(tmp_path / "option").home == tmp_path / "option"
    assert Settings.load().passage_tokens == 123
    assert Settings.load().lock_seconds == 30


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """`PINCITE_HOME= pincite ...` must not make a home of the folder that it is called in."""
    default = Settings.load().home
    monkeypatch.setenv("PINCITE_HOME", "")
    assert Settings.load().home == default
    assert default.is_absolute()


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("PINCITE_MAX_FILE_MB", "many", "valid integer"),
        ("PINCITE_MAX_FILE_MB", "0", "greater than or equal to 1"),
        ("PINCITE_PASSAGE_TOKENS", "15", "greater than or equal to 16"),
        ("PINCITE_THREADS", "-1", "greater than or equal to 0"),
        ("PINCITE_LOCK_SECONDS", "soon", "valid number"),
    ],
)
def test_a_setting_that_is_wrong_is_named_with_its_value(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(BadInputError) as caught:
        Settings.load()
    assert f"{variable}={value!r}" in str(caught.value)
    assert said in str(caught.value)


def test_all_wrong_settings_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PINCITE_THREADS", "x")
    monkeypatch.setenv("PINCITE_MAX_PAGES", "y")
    with pytest.raises(BadInputError, match=r"PINCITE_THREADS='x'.*PINCITE_MAX_PAGES='y'|PINCITE_MAX_PAGES.*THREADS"):
        Settings.load()


def test_settings_are_values(tmp_path: Path) -> None:
    assert Settings(home=tmp_path) == Settings(home=tmp_path)
    assert len({Settings(home=tmp_path), Settings(home=tmp_path)}) == 1
    with pytest.raises(ValueError, match="frozen"):
        Settings(home=tmp_path).home = tmp_path / "other"  # type: ignore[misc]


def test_every_setting_is_described() -> None:
    assert all(field.description for field in Settings.model_fields.values())
