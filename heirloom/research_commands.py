"""`heirloom replay`: what logged choices tell about texts, and about policies that chose or could have chosen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click
import numpy as np
from rich.progress import Progress
from rich.table import Table
from rich.text import Text
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.activities import replay_estimates, replays, task_replays
from core.activities.replays import Replay
from core.selection.estimates import Estimate, Refused
from core.selection.policies import ALL_POLICIES, POLICIES
from core.store.tables import Activity, Course
from heirloom import clock, research_files
from heirloom.research_files import POINTS
from heirloom.terminal import CannotDo, console, database, show, words

FEWEST_RATINGS = 10  # with fewer, a pool is named and not looked at alone
MOST_SAID = 8  # pools with too few ratings that are named one by one


@dataclass(frozen=True, slots=True)
class Where:
    """What of the log is asked for."""

    course_id: int
    activity_id: int | None
    problem_id: int | None


@click.command("replay")
@click.option("--activity", "public_id", help="The activity's id: what follows /practice/ in its address.")
@click.option(
    "--course", "course_id", type=int, help="All activities of this course (see `heirloom problems courses`)."
)
@click.option("--problem", "problem_id", type=int, help="Only this problem.")
@click.option("--slot", "slots", type=click.Choice(replays.SLOTS), multiple=True, help="Only this kind of text.")
@click.option(
    "--policy",
    "others",
    type=click.Choice([name for name in ALL_POLICIES if name != "fixed_split"]),  # its shares are not in the log
    multiple=True,
    help=f"A policy to compare with; may be repeated. By default {', '.join(POLICIES)}.",
)
@click.option("--tasks", is_flag=True, help="Not the texts, but which problem was put before whom.")
@click.option(
    "--csv",
    "file",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Also write the log with all chances to this file, for pandas or R.",
)
def replay(
    public_id: str | None,
    course_id: int | None,
    problem_id: int | None,
    slots: tuple[str, ...],
    others: tuple[str, ...],
    tasks: bool,
    file: Path | None,
) -> None:
    """What a log of choices tells: what each text is worth, corrected for how often and when it was shown, and what
    other policies would have earned at the same moments. Nothing is changed.

    \b
    Examples:
      heirloom replay --course 3
      heirloom replay --activity jq3N0gJwE2 --problem 7 --slot explanation
      heirloom replay --course 3 --policy best --policy thompson --csv texts.csv
      heirloom replay --course 3 --tasks

    Rewards are in points, 0 to 10; intervals hold with 90 %. Texts are numbered as in the database. Where too
    little is known for an estimate, none is given, and a sentence says why.

    \b
    The file has a line for each text that could be shown at each moment:
      moment, problem, slot  which showing (numbered in order of time) of which pool
      person                 a number for this file alone; in the next one it is another
      seconds                since the first moment of the file
      text, shown            a text, and whether it is the one that was shown (1) or not (0)
      policy                 in force then
      probability            stored: of the text that was shown; the same on all lines of a moment
      pool_size, eligible_size   stored: texts in the pool, and open to this person
      matches                whether the rebuilt pool gives the stored probability (1) or not (0)
      chance                 of this text under the policy in force, as estimates take it
      chance_best, ...       of this text under each policy that is compared
      points, waited         the reward of the text that was shown, if one came, and after how many seconds
    Who never had a chance of a text may have written it. Keep the file as carefully as the log.

    \b
    With --tasks it has a line for each problem that was put before somebody: person, seconds, problem, policy,
    probability (empty: chosen by the person), eligible_size, stay, information, ahead, drawn, ties, goal, outcome
    (empty: none yet), waited.
    """
    if tasks and (slots or others):
        raise CannotDo("--slot and --policy are about texts. Leave them out, or leave out --tasks.")
    with database() as opened, opened.read() as session:
        where = _where(session, public_id, course_id, problem_id)
        if tasks:
            _replay_tasks(session, where, file, now=clock.now())
        else:
            _replay_texts(session, where, slots or replays.SLOTS, others or tuple(POLICIES), file)


def _where(session: Session, public_id: str | None, course_id: int | None, problem_id: int | None) -> Where:
    if (public_id is None) == (course_id is None):
        raise CannotDo("Name either an activity (--activity) or a course (--course).")
    if course_id is not None:
        if session.get(Course, course_id) is None:
            raise CannotDo(f"There is no course {course_id}. `heirloom problems courses` lists them.")
        return Where(course_id, None, problem_id)
    found = session.execute(
        select(Activity.course_id, Activity.id).where(Activity.public_id == public_id)
    ).one_or_none()
    if found is None:
        raise CannotDo("There is no activity with this id. It is what follows /practice/ in the activity's address.")
    return Where(found.course_id, found.id, problem_id)


# ---- texts ----


def _replay_texts(
    session: Session, where: Where, slots: Sequence[str], others: Sequence[str], file: Path | None
) -> None:
    pools = replays.pools_shown(
        session, where.course_id, activity_id=where.activity_id, problem_id=where.problem_id, slots=slots
    )
    if not pools:
        raise CannotDo("No text was shown there to anybody who counts, so that there is nothing to replay.")
    done = []
    with Progress(console=console, transient=True) as progress:
        step = progress.add_task("Replaying", total=sum(moments for _, moments in pools))
        for pool, _ in pools:
            done.append(
                replays.replay(
                    session,
                    where.course_id,
                    pool,
                    others=others,
                    activity_id=where.activity_id,
                    said=lambda: progress.advance(step),
                )
            )
    if file is not None:
        _written(file, research_files.write(file, research_files.text_rows(done, np.random.default_rng())))
    few = [one for one in done if np.count_nonzero(~np.isnan(one.reward)) < FEWEST_RATINGS]
    for one in done:
        if one not in few:
            _say_pool(one)
    if few:
        names = [f"{_name(one)} ({np.count_nonzero(~np.isnan(one.reward))})" for one in few[:MOST_SAID]]
        more = f", and {len(few) - MOST_SAID} more" if len(few) > MOST_SAID else ""
        console.print(
            words(f"Too few ratings to say anything, below {FEWEST_RATINGS}: {'; '.join(names)}{more}."),
            soft_wrap=True,
        )
    if len(done) > 1:
        _say_together(done)


def _name(one: Replay) -> str:
    return f"problem {one.pool.problem_id}, “{one.pool.problem}”, {one.pool.slot}"


def _say_pool(one: Replay) -> None:
    log = one.log()
    console.print(Text.assemble("\n", (words(_name(one)).plain, "bold")), soft_wrap=True)
    _say_log([one])
    texts = Table("text", "shown", "rated", "plain", "inverse", "normalised", "doubly robust, 90 %", "rests on")
    reasons = []
    for line in replay_estimates.text_lines(one):
        texts.add_row(
            str(line.contribution_id),
            str(line.shown),
            str(line.rated),
            *(_mean(estimate, POINTS) for estimate in (line.plain, line.inverse, line.normalised)),
            _interval(line.robust, POINTS),
            f"{line.robust.effective:.0f}",
        )
        if isinstance(line.robust, Refused):
            reasons.append(f"Text {line.contribution_id}: {line.robust.reason}")
    show(texts)
    for reason in reasons:
        console.print(words(reason), soft_wrap=True)
    _say_policies(replay_estimates.earned(log), replay_estimates.would_earn(log, one.others))


def _say_together(done: Sequence[Replay]) -> None:
    console.print(Text(f"\nAll {len(done)} pools together", "bold"))
    _say_log(done)
    joined = replay_estimates.together(done)
    if joined is None:
        console.print("They are too many to be looked at as one. Name an activity or a problem.", soft_wrap=True)
        return
    log, others = joined
    _say_policies(replay_estimates.earned(log), replay_estimates.would_earn(log, others))


def _say_log(done: Sequence[Replay]) -> None:
    """How much was shown by which policies, and whether the replay gives the chances that were stored."""
    shown, repeats = sum(map(len, done)), sum(one.repeats for one in done)
    people = len({person for one in done for person in one.person.tolist()})
    rated = sum(int(np.count_nonzero(~np.isnan(one.reward))) for one in done)
    used = Counter(policy for one in done for policy in one.policy)
    by = ", ".join(f"{policy} {count}" for policy, count in used.most_common())
    again = f", besides {repeats} to people who had seen all" if repeats else ""
    console.print(words(f"{shown} showings to {people} people{again}; {rated} rated. Chosen by: {by}."), soft_wrap=True)
    matched = sum(int(np.count_nonzero(one.matched)) for one in done)
    if matched == shown:
        console.print("Rebuilt, every choice has the chance that was stored.")
    else:
        console.print(
            f"Rebuilt, {matched / shown:.1%} of the choices have the chance that was stored. The others fell together, "
            "or rest on ratings that were changed later, on texts that left and came back, or on other rules. Their "
            "stored chances are used; what else could have been shown is less sure there.",
            soft_wrap=True,
        )


def _say_policies(was: Estimate | Refused, would: Mapping[str, Estimate | Refused]) -> None:
    table = Table("policy", "would have earned, 90 %", "rests on", "")
    table.add_row("as it was", _interval(was, POINTS), f"{was.effective:.0f}", _reason(was))
    for name, value in would.items():
        table.add_row(name, _interval(value, POINTS), f"{value.effective:.0f}", _reason(value))
    show(table)


def _mean(estimate: Estimate | Refused, unit: float) -> str:
    return f"{unit * estimate.mean:.2f}" if isinstance(estimate, Estimate) else "–"


def _interval(estimate: Estimate | Refused, unit: float) -> str:
    if isinstance(estimate, Refused):
        return "–"
    low, high = max(estimate.low, 0.0), min(estimate.high, 1.0)  # no reward lies beyond
    return f"{unit * estimate.mean:.2f}  [{unit * low:.2f}, {unit * high:.2f}]"


def _reason(estimate: Estimate | Refused) -> str:
    return str(estimate.reason) if isinstance(estimate, Refused) else ""


# ---- tasks ----


def _replay_tasks(session: Session, where: Where, file: Path | None, *, now: datetime) -> None:
    rows = task_replays.shown(session, where.course_id, activity_id=where.activity_id, problem_id=where.problem_id)
    if not rows:
        raise CannotDo("No problem was put there before anybody who counts, so that there is nothing to replay.")
    if file is not None:
        _written(file, research_files.write(file, research_files.task_rows(rows, np.random.default_rng())))
    table = Table("policy", "shown", "people", "chance known", "ended", "stayed, 90 %", "answered, 90 %")
    for title in ("answered if all alike, 90 %", "rests on"):
        table.add_column(title)
    reasons = []
    for line in task_replays.policy_lines(rows, now=now):
        table.add_row(
            line.policy,
            str(line.shown),
            str(line.people),
            f"{line.known / line.shown:.0%}",
            str(line.ended),
            *(_percent(estimate) for estimate in (line.stayed, line.answered, line.evenly)),
            f"{line.evenly.effective:.0f}",
        )
        if isinstance(line.evenly, Refused):
            reasons.append(f"{line.policy}: {line.evenly.reason}")
    show(table)
    for reason in reasons:
        console.print(words(reason), soft_wrap=True)


def _percent(estimate: Estimate | Refused) -> str:
    if isinstance(estimate, Refused):
        return "–"
    low, high = max(estimate.low, 0.0), min(estimate.high, 1.0)
    return f"{estimate.mean:.1%}  [{low:.1%}, {high:.1%}]"


def _written(file: Path, lines: int) -> None:
    console.print(words(f"{lines} lines written to {file}."), soft_wrap=True)
