"""The measurement on other people's corpora reads them as they are."""

from __future__ import annotations

from pathlib import Path

import orjson

from tests.bench.intents import corpus, right


def test_what_is_for_training_is_learned_and_the_rest_is_asked(tmp_path: Path):
    """Nothing is learned or asked for "None"; a wrong label counts as wrong."""
    said = [
        ("when does the next train leave", "Departure", True),
        ("departure time of the bus please", "Departure", True),
        ("how do I get from the museum to the harbour", "Connection", True),
        ("route between the park and the station", "Connection", True),
        ("sing something", "None", True),
        ("when does the bus leave", "Departure", False),
        ("route from the harbour to the park", "Connection", False),
        ("when does my train leave", "Connection", False),
        ("tell a joke", "None", False),
    ]
    rows = [{"text": t, "intent": i, "training": f} for t, i, f in said]
    file = tmp_path / "Corpus.json"
    file.write_bytes(orjson.dumps({"name": "made up", "sentences": rows}))
    read = corpus(file)
    assert {name: len(texts) for name, texts in read.learned.items()} == {
        "Departure": 2,
        "Connection": 2,
    }
    assert (len(read.asked), read.outside) == (3, ["tell a joke"])
    assert right(read) == 2 / 3
    every = corpus(file, "")
    assert (len(every.asked), every.outside) == (4, [])
    assert every.learned["None"] == ["sing something"]
