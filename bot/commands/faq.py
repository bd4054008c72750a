"""`exoplan faq`: what people may ask, and how well the bot tells it apart."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.clinic import ClinicProfile
    from bot.faq.entries import Entry
    from bot.faq.labelled import Labelled
    from bot.faq.sentences import Reads
    from dialogs.inputs import Match

#: Exit code of what was given wrongly.
WRONG = 2

#: Instead of a text: a message a line comes from standard input.
FROM_STDIN = "-"

faq = typer.Typer(
    name="faq",
    no_args_is_help=True,
    help="What people may ask, and what it is told by.",
)

_Json = Annotated[bool, typer.Option("--json", help="One object a line.")]
_File = Annotated[Path, typer.Argument(help="Ends in .csv, .yaml or .yml.")]


@faq.command("list")
def list_(as_json: _Json = False) -> None:
    """Show every question: those of the files, and the team's own that serve."""
    import json

    entries, _ = live()
    for entry in entries:
        if as_json:
            known = {"id": entry.id, "ask": entry.ask, "who": entry.who}
            many = {"phrasings": len(entry.phrasings), "own": entry.plain}
            print(json.dumps({**known, **many}, ensure_ascii=False))
        else:
            print(
                f"{entry.id:<5} {entry.who:<8} {len(entry.phrasings):>4}  {entry.ask}"
            )


@faq.command()
def ask(
    text: Annotated[
        str, typer.Argument(help=f"A message; {FROM_STDIN} reads one a line.")
    ],
    as_json: _Json = False,
) -> None:
    """Show what the bot does with a typed question: answer, suggest, or the team.

    With the entries that came closest, best first.
    """
    from bot.faq.learn import learn
    from bot.faq.two import asked

    with _said_at_once():
        if not text.strip():
            raise _wrong("an empty text asks nothing")
    entries, labelled = live()
    matcher = learn(entries, labelled, wrong_share=_promise(), model=_model())
    told = _as_json if as_json else _in_words
    if text != FROM_STDIN:
        print(told(*asked(text, matcher.match, "en")))
        return
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")
    for line in sys.stdin:
        print(told(*asked(line.rstrip("\r\n"), matcher.match, "en")), flush=True)


@faq.command("test")
def try_out(
    file: Annotated[
        Path | None,
        typer.Argument(help="Labelled questions of yours: text and entry."),
    ] = None,
    as_json: _Json = False,
    fought: Annotated[
        bool,
        typer.Option("--fought", help="And the phrasings that two entries fight over."),
    ] = False,
) -> None:
    """Show how well labelled questions are answered.

    Without a file: the half of the shipped questions that no band was set by.
    """
    import json
    import time
    from dataclasses import asdict

    from bot.faq import files
    from bot.faq.fights import fights
    from bot.faq.labelled import shipped
    from bot.faq.learn import learn
    from bot.faq.score import score

    entries, labelled = live()
    with _said_at_once():
        questions: Sequence[Labelled] = shipped("en").test
        if file is not None:
            questions = files.labelled(file, [entry.id for entry in entries])
    model = _model()
    matcher = learn(entries, labelled, wrong_share=_promise(), model=model)
    took = []

    def timed(text: str) -> tuple[Match, ...]:
        began = time.thread_time()
        found = matcher.match(text)
        took.append(time.thread_time() - began)
        return found

    tally = score(timed, questions)
    slowest = sorted(took)[int(len(took) * 0.99)] * 1_000 if took else 0.0
    fight = fights(entries, "en", matcher.bands, model) if fought else []
    if as_json:
        shares = {**asdict(tally), "p99_ms": round(slowest, 3)}
        print(json.dumps({**shares, "fights": [asdict(one) for one in fight]}))
        return
    print(
        f"{tally.asked} questions, {tally.outside} messages outside the subject, "
        f"{tally.close} that sound like a question of yours and are none"
    )
    for words, share in (
        ("right at first place", tally.first),
        ("right among the first three", tally.three),
        ("answered right", tally.answered_right),
        ("offered, the right one among them", tally.offered),
        ("handed to the team", tally.to_staff),
        ("of all, answered wrongly", tally.wrong),
        ("of those outside, answered", tally.outside_answered),
        ("of those outside, offered something", tally.outside_offered),
        ("of those that only sound like it, answered", tally.close_answered),
    ):
        print(f"{share:>7.1%}  {words}")
    print(f"{slowest:>5.1f} ms  of the processor for one, p99")
    for one in fight:
        print(f"{one.entry} or {one.other}  {one.phrasing}")


@faq.command("export")
def export(file: _File) -> None:
    """Write every question that serves to a new CSV or YAML file."""
    from bot.faq import files

    entries, _ = live()
    with _said_at_once():
        text = files.written(file, entries)
        try:
            with file.open("x", encoding="utf-8", newline="") as out:
                out.write(text)
        except OSError as fault:
            raise _wrong(f"{file}: cannot be written ({fault.strerror})") from None
    print(f"{len(entries)} questions written to {file}.")


@faq.command("import")
def import_(
    file: _File,
    serve: Annotated[
        bool,
        typer.Option("--serve", help="Somebody has approved them: answer at once."),
    ] = False,
    labels: Annotated[
        bool, typer.Option("--labels", help="The file holds labelled questions.")
    ] = False,
) -> None:
    """Take in the team's own questions as drafts, or labelled questions.

    Entries of the files (Q…) are left as they are: these files are edited themselves.
    """
    from datetime import UTC, datetime
    from hashlib import sha256

    from bot.commands.opened import opened
    from bot.faq import files, own
    from bot.faq.entries import load_entries

    now = datetime.now(UTC)
    if labels:
        entries, _ = live()
        with _said_at_once():
            questions = files.labelled(file, [entry.id for entry in entries])
        with opened() as here, here.engine.begin() as connection:
            new = sum(
                own.label(
                    connection,
                    here.keys,
                    one,
                    key=f"file:{sha256(one.text.encode()).hexdigest()[:32]}",
                    language="en",
                    by=None,
                    now=now,
                )
                for one in questions
            )
            here.note(connection, "faq_labels")
        print(
            f"{new} labelled questions taken in, {len(questions) - new} known before."
        )
        return
    with _said_at_once():
        given = files.given(file, [entry.id for entry in load_entries("en")])
    with opened() as here, here.engine.begin() as connection:
        known = {one.id: one for one in own.revisions(connection, here.keys)}
        with _said_at_once():
            for one in given:
                if one.id and one.id not in known:
                    raise _wrong(f"{file}: id: there is no {one.id}")
        changed = [one for one in given if not one.id or known[one.id].said != one.said]
        for one in changed:
            words = "\n".join((one.id, one.said.ask, *one.said.phrasings))
            key = sha256(f"{words}\n{one.said.answer}".encode()).hexdigest()
            entry = own.write_draft(
                connection,
                here.keys,
                one.said,
                key=f"file:{key}",
                language="en",
                by=None,
                now=now,
                entry=one.id,
            )
            drafts = own.revisions(connection, here.keys, "draft")
            last = max((d.revision for d in drafts if d.id == entry), default=0)
            if serve and last:
                own.approve(connection, entry, last, None, now)
        here.note(connection, "faq_import")
    what = "serve from now on" if serve else "wait as drafts"
    print(f"{len(changed)} questions {what}.")


class _Wrong(Exception):
    """What was given cannot be used."""


def _wrong(what: str) -> _Wrong:
    return _Wrong(what)


@contextmanager
def _said_at_once() -> Iterator[None]:
    """What is wrong with what was given, on one line, exit 2."""
    from bot.faq.entries import FaqError

    try:
        yield
    except (FaqError, _Wrong) as fault:
        print(fault, file=sys.stderr)
        raise typer.Exit(WRONG) from None


def live() -> tuple[list[Entry], list[Labelled]]:
    """What serves: the files, and with a database what the team wrote and labelled."""
    from bot.commands.opened import opened
    from bot.config import load_settings
    from bot.faq import own
    from bot.faq.entries import load_entries
    from bot.store import faq as rows
    from exoplan import PRP, load_book

    entries = list(load_entries("en"))
    database = load_settings().database
    if isinstance(database, Path) and not database.exists():
        return entries, []
    areas = (*load_book().areas, PRP)
    with opened() as here, here.engine.begin() as connection:
        live = own.revisions(connection, here.keys, "approved")
        labelled = own.legible(rows.labels(connection, "en"), here.keys)
    return [*entries, *(own.as_entry(one, areas) for one in live)], labelled


def _promise() -> float:
    """The share of wrong answers that the clinic's file allows."""
    return _clinic().faq_wrong_share


def _model() -> Reads | None:
    """What reads the meaning of questions, where the clinic's file asks for it."""
    from bot.faq.sentences import sentence_model

    return sentence_model() if _clinic().faq_semantic else None


def _clinic() -> ClinicProfile:
    """The clinic's file; where there is none yet, what would hold without it."""
    from bot.clinic import ClinicProfile, load_clinic
    from bot.config import load_settings

    clinic = load_settings().clinic
    return load_clinic(clinic) if clinic.exists() else ClinicProfile()


def _as_json(matches: tuple[Match, ...], second: tuple[Match, ...]) -> str:
    import json

    from bot.faq.score import band

    found: dict[str, object] = {"band": band(matches), "entries": _scores(matches)}
    if second:
        found["second"] = _scores(second)
    return json.dumps(found)


def _scores(matches: tuple[Match, ...]) -> list[dict[str, object]]:
    return [{"id": one.entry, "score": round(one.score, 4)} for one in matches]


def _in_words(matches: tuple[Match, ...], second: tuple[Match, ...]) -> str:
    from bot.faq.score import band

    lines = [f"{band(matches)}: {_closest(matches)}"]
    if second:
        lines.append(f"and {band(second)}: {_closest(second)}")
    return "\n".join(lines)


def _closest(matches: tuple[Match, ...]) -> str:
    close = ", ".join(f"{one.entry} {one.score:.2f}" for one in matches)
    return close or "no entry is near"
