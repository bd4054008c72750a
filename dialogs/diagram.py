"""Draws the machine: two Mermaid pictures, made from the tables it runs on.

What leads the same way from many places, and what fans out from one, is said in
sentences under each picture; as arrows it would hide the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from transitions.extensions import GraphMachine

from dialogs.machine import OVER_TRANSITIONS, OVERLAYS, STATES, TRANSITIONS, Row

#: From so many places on, the same move is said in a sentence instead of drawn.
MANY = 6

_TITLE = "# The conversation, drawn"
_ABOUT = (
    "Made by `exoplan diagram --write` from the tables in `dialogs/machine.py`; a test "
    "holds both equal. Words in square brackets are the condition of an arrow; one "
    "with “!” must not hold. Of several arrows with the same word, the first whose "
    "condition holds is taken."
)
_WAY = "## The way from hello to the plan"
_WAY_ABOUT = (
    "Every question of the intake is a place of its own. `skip` walks on over what an "
    "area does not ask or what is known already; `pass_back` does the same on the way "
    "back."
)
_OVER = "## What may lie over a screen"
_OVER_ABOUT = (
    "A question, a person, an emergency: none of these moves the chat. When it is put "
    "away, the same screen comes back."
)

#: The same move from several places: trigger, destination and its condition in words.
_Move = tuple[str, str, str]


class _Pen:
    """Somebody has to stand in the machine for it to be drawn."""


def draw() -> str:
    """The whole page as Markdown: both pictures, and what they leave to sentences."""
    parts = [
        _TITLE,
        _ABOUT,
        _WAY,
        _WAY_ABOUT,
        *_picture(STATES, TRANSITIONS, "welcome"),
        _OVER,
        _OVER_ABOUT,
        *_picture(OVERLAYS, OVER_TRANSITIONS, "none"),
    ]
    return "\n\n".join(parts) + "\n"


def _picture(
    states: Sequence[str], rows: Sequence[Row], initial: str
) -> tuple[str, str]:
    """One picture, and the sentences on what it leaves out."""
    common = {
        move: sources
        for move, sources in _by_move(rows).items()
        if len(sources) >= MANY
    }
    fans = [row for row in rows if _fans_out(row)]
    drawn = [row for row in rows if _move(row) not in common and row not in fans]
    joined = {
        initial,
        *(place for row in drawn for place in (*_sources(row), row["dest"])),
    }
    machine = GraphMachine(
        _Pen(),
        states=[state for state in states if state in joined],
        transitions=drawn,
        initial=initial,
        auto_transitions=False,
        graph_engine="mermaid",
        show_conditions=True,
    )
    picture = str(machine.get_combined_graph().draw(None) or "")
    sentences = [
        *_common_sentences(common, states),
        *_fan_sentences(fans),
    ]
    return f"```mermaid\n{_tidy(picture)}\n```", "\n".join(sentences)


def _sources(row: Row) -> tuple[str, ...]:
    source = row["source"]
    return (source,) if isinstance(source, str) else tuple(source)


def _move(row: Row) -> _Move:
    holds, not_holds = row.get("conditions", ()), row.get("unless", ())
    words = [f"`{one}` holds" for one in _listed(holds)]
    words += [f"`{one}` does not hold" for one in _listed(not_holds)]
    return row["trigger"], row["dest"], " and ".join(words)


def _listed(names: str | Iterable[str]) -> list[str]:
    return [names] if isinstance(names, str) else list(names)


def _by_move(rows: Iterable[Row]) -> dict[_Move, list[str]]:
    found: dict[_Move, list[str]] = {}
    for row in rows:
        found.setdefault(_move(row), []).extend(_sources(row))
    return found


def _fans_out(row: Row) -> bool:
    """Whether its trigger is its place and its destination: `change_site`."""
    fans: bool = row["trigger"] == f"{row['source']}_{row['dest']}"
    return fans


def _common_sentences(
    common: Mapping[_Move, Sequence[str]], states: Sequence[str]
) -> list[str]:
    together: dict[tuple[str, str], list[str]] = {}
    for (trigger, dest, when), sources in common.items():
        moves = together.setdefault((_where(sources, states), when), [])
        moves.append(f"`{trigger}` leads to `{dest}`")
    return [
        f"- From {where}{f', where {when}' if when else ''}: {'; '.join(moves)}."
        # what has a condition comes first, as it does in the tables
        for (where, when), moves in sorted(
            together.items(), key=lambda one: not one[0][1]
        )
    ]


def _where(sources: Sequence[str], states: Sequence[str]) -> str:
    others = [f"`{state}`" for state in states if state not in sources]
    if not others:
        return "everywhere"
    if len(others) < MANY:
        return f"everywhere but {' and '.join(others)}"
    return ", ".join(f"`{state}`" for state in sources)


def _fan_sentences(rows: Iterable[Row]) -> list[str]:
    fans: dict[str, list[str]] = {}
    for row in rows:
        fans.setdefault(row["source"], []).append(row["dest"])
    return [
        f"- From `{source}`: `{source}_‹place›` leads to that place, one of "
        f"{', '.join(f'`{dest}`' for dest in dests)}."
        for source, dests in fans.items()
    ]


def _tidy(picture: str) -> str:
    """The picture without the library's title and colours, drawn downwards."""
    lines = picture.strip().splitlines()
    if lines[0] == "---":
        lines = lines[lines.index("---", 1) + 1 :]
    kept = (
        line.rstrip().replace("direction LR", "direction TB")
        for line in lines
        if not line.strip().startswith(("classDef", "Class "))
    )
    return "\n".join(kept)
