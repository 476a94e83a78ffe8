import subprocess
import sys

import pytest
from hypothesis import given

from corpus.language import language_code, language_name, language_of
from corpus.parsers import parse
from tests.hostile_text import canonical_texts

_TEXTS = {
    "en": "The lighthouse was built on a rock in front of the harbour, and its keeper lived there with his family. ",
    "de": "Der Leuchtturm wurde auf einem Felsen vor dem Hafen gebaut, und sein Wärter lebte dort mit der Familie. ",
    "fr": "Le phare a été construit sur un rocher devant le port, et son gardien y vivait avec toute sa famille. ",
    "es": "El faro fue construido sobre una roca delante del puerto, y el guardián vivía allí con su familia. ",
    "it": "Il faro fu costruito su uno scoglio davanti al porto, e il guardiano viveva lì con la sua famiglia. ",
    "pl": "Latarnia morska została zbudowana na skale przed portem, a jej latarnik mieszkał tam z całą rodziną. ",
    "ru": "Маяк был построен на скале перед гаванью, и смотритель жил там вместе со своей большой семьёй. ",
    "el": "Ο φάρος χτίστηκε πάνω σε έναν βράχο μπροστά στο λιμάνι, και ο φύλακας ζούσε εκεί με την οικογένεια. ",
    "ja": "灯台は港の前の岩の上に建てられ、灯台守は家族と一緒にそこに住んでいました。船は遠くからその光を見ました。"
    "昨日の夜は雨がたくさん降ったので、川の水が高くなりました。",
    "zh": "灯塔建在港口前面的岩石上，守塔人和他的家人一起住在那里。远处的船只都能看到它的光。"
    "昨天晚上下了一场大雨，河水涨得很高，村里的人们都很担心孩子们的安全。",
    "ko": "등대는 항구 앞 바위 위에 세워졌고 등대지기는 가족과 함께 그곳에 살았다. 배들은 멀리서 그 빛을 보았다. "
    "어젯밤에는 비가 많이 내려서 강물이 높아졌다. ",
    "ar": "بنيت المنارة على صخرة أمام الميناء، وكان حارسها يعيش هناك مع عائلته، وكانت السفن ترى نورها من بعيد. ",
}


@pytest.mark.parametrize("language", _TEXTS)
def test_the_language_of_a_page_is_told(language):
    assert language_of(_TEXTS[language]) == language


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A short line.",
        "12 34 56 78 | 9.1 | 2024-01-01\n" * 100,
        "x = 1; y += 2; z[0] = {}\n" * 50,
        _TEXTS["en"] + _TEXTS["fr"] + _TEXTS["pl"],
    ],
)
def test_nothing_is_said_about_short_or_mixed_texts(text):
    assert language_of(text) is None


@given(canonical_texts)
def test_hostile_texts_have_a_code_of_two_letters_or_none(text):
    language = language_of(text * 20)
    assert language is None or len(language) == 2
    assert language_of(text * 20) == language


def test_a_document_gets_its_language_unless_it_states_one():
    text = _TEXTS["de"]
    assert parse(text.encode(), "a.txt").metadata == {"language": "de"}
    assert parse(f"---\nlang: en-GB\n---\n{text}".encode(), "a.md").metadata == {"language": "en"}
    assert "language" not in parse(f"# {text}".encode(), "a.py").metadata


def test_telling_a_language_loads_nothing_heavy():
    program = (
        "import sys; from corpus.language import language_of; language_of('The keeper of the lighthouse. ' * 50); "
        "print({'torch', 'numpy', 'lxml'} & set(sys.modules))"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert shown.stdout == "set()\n"


@pytest.mark.parametrize(
    ("tag", "code"),
    [("de", "de"), (" EN-us ", "en"), ("zh_Hant_TW", "zh"), ("fr, en", "fr"), ("deu", ""), ("English", ""), ("", "")],
)
def test_a_tag_begins_with_the_code(tag, code):
    assert language_code(tag) == code


def test_languages_have_names():
    assert [language_name(code) for code in ("de", "el", "no", "xx")] == ["German", "Greek", "Norwegian", "xx"]
