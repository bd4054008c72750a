"""What the documentation shows is what happens."""

import doctest

import exoplan


def test_the_example_in_the_package_runs():
    result = doctest.testmod(exoplan)
    assert result.attempted > 0
    assert result.failed == 0


def test_errors_speak_in_their_own_words():
    assert str(exoplan.UnknownArea("'teeth'")) == (
        "No protocol covers this treatment area. 'teeth'"
    )
    assert str(exoplan.ExoplanError()) == "The plan engine cannot answer."
