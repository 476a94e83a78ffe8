from dataclasses import dataclass

import pytest

from api.cli.places import place_in_words
from corpus.media_types import ODS, PDF, PPTX, TEXT


@dataclass
class Place:
    media_type: str
    page_start: int | None = None
    page_end: int | None = None
    page_label_start: str | None = None
    page_label_end: str | None = None
    cells: str | None = None
    section_path: tuple[str, ...] = ()
    document_title: str = "Fares"
    start: int = 3
    end: int = 9


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (Place(TEXT), "Fares"),
        (Place(TEXT, section_path=("Islands", "Karn")), "Fares, Karn"),
        (Place(PDF, 4, 4), "Fares, page 4"),
        (Place(PDF, 4, 5, "iv", "v"), "Fares, page 4-5 (printed iv-v)"),
        (Place(PDF, 4, 4, "4", "4"), "Fares, page 4"),
        (Place(PPTX, 2, 2, section_path=("Prices",)), "Fares, slide 2, Prices"),
        (Place(ODS, 1, 1, "2026", "2026", "A5:D7"), "Fares, sheet 2026, A5:D7"),
        (Place("text/csv", cells="A5"), "Fares, A5"),
    ],
)
def test_a_place_is_told_as_people_find_it(place, words):
    assert place_in_words(place) == f"{words}, characters 3-9"
