import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import BadInputError
from retrieval.calibration import Calibration, IsotonicForm, LogisticForm, sigmoid
from retrieval.profile import Profile, read_profile, write_profile

finite = st.floats(-1e6, 1e6)
parts = st.floats(0, 1)
LOGISTIC = LogisticForm(("logit", "coverage"), (2.0, 0.5), (4.0, 0.25), (1.5, -0.5), 0.25)


@st.composite
def logistic_forms(draw: st.DrawFn) -> LogisticForm:
    names = draw(st.lists(st.sampled_from(("logit", "cosine", "coverage")), min_size=1, unique=True))
    numbers = st.lists(finite, min_size=len(names), max_size=len(names))
    scales = draw(st.lists(st.floats(1e-3, 1e3), min_size=len(names), max_size=len(names)))
    return LogisticForm(tuple(names), tuple(draw(numbers)), tuple(scales), tuple(draw(numbers)), draw(finite))


@st.composite
def isotonic_forms(draw: st.DrawFn) -> IsotonicForm:
    values = sorted(draw(st.sets(finite, min_size=1, max_size=8)))
    probabilities = sorted(draw(st.lists(parts, min_size=len(values), max_size=len(values))))
    return IsotonicForm("logit", tuple(values), tuple(probabilities))


def test_a_logistic_form_weighs_what_is_above_and_below_the_mean() -> None:
    # 0.25 + 1.5 * (6 - 2) / 4 - 0.5 * (0.75 - 0.5) / 0.25 = 1.25
    assert LOGISTIC.probability({"logit": 6.0, "coverage": 0.75, "cosine": 9.0}) == pytest.approx(sigmoid(1.25))
    assert LOGISTIC.probability({"logit": 2.0, "coverage": 0.5}) == pytest.approx(sigmoid(0.25))


def test_an_isotonic_form_is_linear_between_its_values_and_level_beyond_them() -> None:
    form = IsotonicForm("logit", (-1.0, 1.0, 3.0), (0.1, 0.5, 0.9))
    found = [form.probability({"logit": value}) for value in (-9.0, -1.0, 0.0, 2.5, 3.0, 99.0)]
    assert found == pytest.approx([0.1, 0.1, 0.3, 0.8, 0.9, 0.9])


@given(logistic_forms(), finite, finite, finite)
def test_logistic_probabilities_are_probabilities(
    form: LogisticForm, logit: float, cosine: float, coverage: float
) -> None:
    assert 0 <= form.probability({"logit": logit, "cosine": cosine, "coverage": coverage}) <= 1


@given(isotonic_forms(), st.lists(finite, min_size=2))
def test_isotonic_probabilities_are_probabilities_and_never_fall(form: IsotonicForm, values: list[float]) -> None:
    found = [form.probability({"logit": value}) for value in sorted(values)]
    assert all(0 <= probability <= 1 for probability in found)
    assert all(above >= below - 1e-12 for below, above in pairwise(found))


@given(st.floats(-1e300, 1e300))
def test_the_logistic_function_never_overflows(value: float) -> None:
    assert sigmoid(value) + sigmoid(-value) == pytest.approx(1)
    assert sigmoid(abs(value)) >= 0.5


@given(st.one_of(logistic_forms(), isotonic_forms()))
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, form: LogisticForm | IsotonicForm
) -> None:
    path = tmp_path_factory.mktemp("profiles") / "profile.json"
    calibration = Calibration("fitted", form, {"embedder": "e" * 64}, {"sets": [{"name": "sample", "questions": 3}]})
    write_profile(Profile(calibration=calibration), path)
    assert read_profile(path) == Profile(calibration=calibration)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"means": (1.0,)}, "a mean, a scale other than 0 and a weight a signal"),
        ({"scales": (4.0, 0.0)}, "a scale other than 0"),
        ({"weights": (math.nan, 1.0)}, "must be finite"),
        ({"bias": math.inf}, "must be finite"),
    ],
)
def test_logistic_forms_that_cannot_be_are_refused(fields: dict[str, object], problem: str) -> None:
    whole = {"signals": ("logit", "coverage"), "means": (1.0, 1.0), "scales": (1.0, 1.0), "weights": (1.0, 1.0)}
    with pytest.raises(BadInputError, match=problem):
        LogisticForm(**(whole | {"bias": 0.0} | fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "probabilities", "problem"),
    [
        ((), (), "a probability for each of its values"),
        ((1.0, 2.0), (0.5,), "a probability for each of its values"),
        ((2.0, 1.0), (0.1, 0.2), "must be finite and rise"),
        ((1.0, 1.0), (0.1, 0.2), "must be finite and rise"),
        ((1.0, math.nan), (0.1, 0.2), "must be finite and rise"),
        ((1.0, 2.0), (0.2, 0.1), "from 0 to 1 and never fall"),
        ((1.0, 2.0), (0.2, 1.1), "from 0 to 1 and never fall"),
        ((1.0, 2.0), (math.nan, 0.2), "from 0 to 1 and never fall"),
    ],
)
def test_isotonic_forms_that_cannot_be_are_refused(
    values: tuple[float, ...], probabilities: tuple[float, ...], problem: str
) -> None:
    with pytest.raises(BadInputError, match=problem):
        IsotonicForm("logit", values, probabilities)


def test_a_calibration_holds_for_its_signals_and_models_only() -> None:
    models = {"embedder": "e" * 64, "reranker": "r" * 64}
    calibration = Calibration("fitted", LOGISTIC, models)
    signals = {"logit": 1.0, "coverage": 0.5, "cosine": 0.9}
    assert calibration.fits(signals, models)
    assert not calibration.fits({"logit": 1.0}, models)
    assert not calibration.fits(signals, models | {"reranker": "0" * 64})
    assert not calibration.fits(signals, {"embedder": "e" * 64})
    assert not calibration.fits(signals, models | {"other": "o" * 64})
