"""A few rounds of the damage harness; `benchmarks/damage.py` has the long form."""

from tests.index.damage import DamageHarness

ROUNDS = 10


def test_a_damaged_file_is_noticed_mended_or_harmless_and_nothing_wrong_is_answered(tmp_path):
    rounds = list(DamageHarness(tmp_path, seed=7).rounds(ROUNDS))
    assert [one for one in rounds if one.outcome == "MISSED" or one.wrong or one.defect] == []
    assert {"at open", "by verify"} <= {one.outcome for one in rounds}
