"""`heirloom simulate`: what ways of choosing are worth in simulated crowds and classes, before people try them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress
from rich.table import Table

from core.selection import simulation
from core.selection.arms import Belief, Pool, believe
from core.selection.exploration import explored
from core.selection.simulation import Exploration, simulate, widened
from core.survival import metrics
from core.survival.policies import POLICIES as TASK_POLICIES
from core.survival.policies import Reward
from heirloom.terminal import CannotDo, console, show

if TYPE_CHECKING:
    from sandbox.volunteers.compare import Comparison

Array = NDArray[np.float64]
Shape = tuple[Callable[[Pool], Belief], Exploration]

BASELINE = "TA"  # of the paper: what gains are gains over
ORACLE = "TA_H:oracle"
VOLUNTEERS = ("TA", "TA_LA", "TA_H", "TA_H_DG")  # by default


@click.group("simulate")
def simulate_group() -> None:
    """What ways of choosing are worth in simulated crowds and classes. No database is read."""


# ---- volunteers ----


@simulate_group.command("volunteers")
@click.option(
    "--policy",
    "policies",
    type=click.Choice([*(name for name, policy in TASK_POLICIES.items() if policy.reward is not Reward.ORDER), ORACLE]),
    multiple=True,
    metavar="NAME",
    help=f"Whom to compare with {BASELINE}; may be repeated. By default {', '.join(VOLUNTEERS[1:])}.",
)
@click.option("--worlds", type=click.IntRange(1), default=4, show_default=True, help="How many worlds of questions.")
@click.option("--users", type=click.IntRange(1), default=200, show_default=True, help="Volunteers in each.")
@click.option(
    "--kappa", type=click.FloatRange(0), default=1.0, show_default=True, help="Prior bits of each option, as in Quizz."
)
@click.option(
    "--difficulty",
    type=click.Choice(["weak", "strong"]),
    default="weak",
    show_default=True,
    help="How much it depends on a question's difficulty whether people stay.",
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option(
    "--svg",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Draw to this file which share of volunteers gave at least so many answers.",
)
def volunteers(
    policies: tuple[str, ...], worlds: int, users: int, kappa: float, difficulty: str, seed: int, svg: Path | None
) -> None:
    """Volunteers of a Quizz-like site, after Kobren et al. (WWW 2015): how much each way of choosing tasks and setting
    goals gets from them. All policies meet the same volunteers with the same luck; models learn from another crowd.

    \b
    Examples:
      heirloom simulate volunteers                                  (about a minute)
      heirloom simulate volunteers --policy TA_LS --policy TA_H --difficulty strong
      heirloom simulate volunteers --worlds 40 --svg participation.svg   (the full size: ten minutes and more)

    \b
    The policy TA_H:oracle is TA_H that is told the true chances to stay: nobody can do better with these tasks at hand.
    bits      information gained per recruited user, and how much more that is than TA's; both with standard errors
    paper     the same from and per users with at least three answers, which a policy raises by losing people
    truth     bits per recruited user, counted only where the crowd comes to believe what is true
    EF        efficiency; FP-AUC: answers of users with at least three; goals: per recruited user
    """
    try:
        from sandbox.volunteers import compare, run, world
    except ModuleNotFoundError as error:  # a production machine may not have the sandbox
        raise CannotDo("The simulator is not installed here. Run this from the source of Heirloom.") from error

    names = list(dict.fromkeys((BASELINE, *(policies or VOLUNTEERS))))
    ways = {name: run.Way(name.partition(":")[0], model=run.ORACLE if name == ORACLE else None) for name in names}
    effect = {"weak": world.WEAK, "strong": world.STRONG}[difficulty]
    with Progress(console=console, transient=True) as progress:
        step = progress.add_task("Letting volunteers come", total=len(ways))
        found = compare.compare(
            ways,
            worlds,
            seed,
            setting=world.Setting(users=users, difficulty_effect=effect),
            prior_bits=kappa,
            baseline=BASELINE,
            said=lambda done, total: progress.update(step, completed=done, total=total),
        )
    show(_volunteers_table(found))
    if svg is not None:
        curves = {name: metrics.fp_curve(one.answers.ravel()) for name, one in found.results.items()}
        try:
            svg.write_text(participation(curves), encoding="utf-8")
        except OSError as error:
            raise CannotDo(f"{svg} cannot be written: {error.strerror}.") from error


def _volunteers_table(found: Comparison) -> Table:
    table = Table("policy", "bits", f"over {BASELINE}", "paper", f"over {BASELINE}")
    for title in ("truth", "EF", "FP-AUC", "goals", "true", "dropped"):
        table.add_column(title)
    for name, one in found.results.items():
        same = name == found.baseline
        table.add_row(
            name,
            _with_error(*one.mean("aig"), "{:.3f}"),
            "" if same else _with_error(*found.gain(name), "{:+.1%}"),
            f"{one.paper_aig.mean():.3f}",
            "" if same else _with_error(*found.gain(name, "paper_aig"), "{:+.1%}"),
            f"{one.truth.mean():.3f}",
            f"{one.efficiency.mean():.2f}",
            f"{one.fp_auc.mean():.2f}",
            f"{one.goals.mean():.2f}",
            f"{one.accuracy.mean():.1%}",
            f"{one.dropped.mean():.1%}",
        )
    return table


def _with_error(value: float, error: float, pattern: str) -> str:
    """A value with its standard error, if there is one."""
    said = pattern.format(value)
    return said if np.isnan(error) else f"{said} ± {pattern.format(error).lstrip('+')}"


_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b8860b", "#56b4e9", "#444444")  # after Okabe and Ito
_DASHES = ("", "6 3", "2 3", "9 3 2 3", "1 4", "12 4", "5 2 1 2")
_WIDTH, _HEIGHT, _LEFT, _TOP, _RIGHT, _BOTTOM = 640, 360, 48, 14, 150, 44
_SEEN = 0.01  # the curves end where no policy keeps more than this share


def participation(curves: Mapping[str, Array]) -> str:
    """The curves FP_x of section 3.4.3 as an SVG that stands alone: share of users (up) with at least x answers."""
    last = max(2, *(int(np.count_nonzero(curve > _SEEN)) for curve in curves.values()))
    inner, tall = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM

    def x(answers: float) -> float:
        return round(_LEFT + inner * answers / last, 1)

    def y(share: float) -> float:
        return round(_TOP + tall * (1.0 - share), 1)

    parts = [f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>']
    for percent in (0, 25, 50, 75, 100):
        at = y(percent / 100)
        parts.append(f'<path d="M{_LEFT} {at}H{_LEFT + inner}" stroke="#ddd"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{at + 4}" text-anchor="end">{percent} %</text>')
    for answers in sorted({round(last * step / 5) for step in range(6)}):
        parts.append(f'<text x="{x(answers)}" y="{_HEIGHT - 26}" text-anchor="middle">{answers}</text>')
    parts.append(f'<text x="{_LEFT + inner / 2}" y="{_HEIGHT - 8}" text-anchor="middle">answers given, or more</text>')
    for place, (name, curve) in enumerate(curves.items()):
        points = "L".join(f"{x(answers)} {y(share)}" for answers, share in enumerate(curve[: last + 1]))
        colour, dash = _COLOURS[place % len(_COLOURS)], _DASHES[place % len(_DASHES)]
        style = f'stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"'
        height = _TOP + 14 + 20 * place
        parts.append(f'<path d="M{points}" fill="none" {style}><title>{escape(name)}</title></path>')
        parts.append(f'<path d="M{_LEFT + inner + 12} {height - 4}h24" {style}/>')
        parts.append(f'<text x="{_LEFT + inner + 42}" y="{height}">{escape(name)}</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        'font-family="sans-serif" font-size="12"><title>Participation</title>'
        f"<desc>Share of recruited users who gave at least so many answers: {escape(', '.join(curves))}</desc>"
        f"{''.join(parts)}</svg>\n"
    )


# ---- classes ----


def _fixed(tosses: float, a: float, b: float) -> Callable[[Pool], Belief]:
    """Every rating worth so many coin tosses, every text starting from Beta(a, b)."""

    def belief(pool: Pool) -> Belief:
        ratings = pool.ratings
        one = np.ones((*ratings.count.shape[:-1], 1))
        return Belief(
            a + tosses * ratings.total,
            b + tosses * (ratings.count - ratings.total),
            tosses * one,
            (a * one, b * one),
        )

    return belief


CLASSES: Mapping[str, Shape] = {
    "best": (believe, explored),
    "thompson": (believe, widened(1.0)),
    "mooclet": (_fixed(10.0, 19.0, 1.0), widened(1.0)),
    "fractional": (_fixed(1.0, 1.0, 1.0), widened(1.0)),
    "uniform": (_fixed(0.0, 1.0, 1.0), widened(1.0)),
}


@simulate_group.command("classes")
@click.option(
    "--policy",
    "policies",
    type=click.Choice(tuple(CLASSES)),
    multiple=True,
    help="Which to compare; may be repeated. By default all.",
)
@click.option("--learners", type=click.IntRange(1), default=300, show_default=True, help="In each class.")
@click.option("--arms", type=click.IntRange(1), help="Texts at which the pool stops growing. By default it never does.")
@click.option(
    "--noise", type=click.FloatRange(0.1, 5.0), default=2.6, show_default=True, help="SD of ratings, in points."
)
@click.option(
    "--delay", type=click.IntRange(0), default=0, show_default=True, help="Learners shown a text before a rating comes."
)
@click.option("--classes", type=click.IntRange(2), default=200, show_default=True, help="How many classes.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
def classes_command(
    policies: tuple[str, ...], learners: int, arms: int | None, noise: float, delay: int, classes: int, seed: int
) -> None:
    """Classes that rate each other's texts: how many rating points each learner loses because the best text then in the
    pool was not shown (regret). Pools start with 3 texts, and one learner in four adds one.

    \b
    Examples:
      heirloom simulate classes                                     (seconds)
      heirloom simulate classes --learners 1000 --arms 20 --delay 30
      heirloom simulate classes --policy best --policy mooclet --classes 400   (a minute)

    \b
    best        as Heirloom chooses: calibrated beliefs, explored less while ratings are few
    thompson    the same beliefs, each text shown as often as it is probably the best
    mooclet     a rating of 7 counts as 7 of 10 tosses, texts start from Beta(19, 1)
    fractional  a rating of 7 counts as .7 of one toss, texts start from Beta(1, 1)
    uniform     all texts alike
    """
    first = simulation.Setting(1, 1).first_arms if arms is None else min(arms, simulation.Setting(1, 1).first_arms)
    setting = simulation.Setting(learners, arms or first + learners, first_arms=first, noise=noise / 10.0, delay=delay)
    names = list(dict.fromkeys(policies)) or list(CLASSES)
    table = Table("policy", "regret per learner", f"of {names[-1]}'s")
    regret: dict[str, Array] = {}
    with Progress(console=console, transient=True) as progress:
        for name in progress.track(names, description="Teaching classes"):
            belief, exploration = CLASSES[name]
            rng = np.random.default_rng(seed)
            regret[name] = simulate(setting, classes, rng, belief=belief, exploration=exploration).regret
    yardstick = float(regret[names[-1]].mean())
    for name in names:
        error = float(regret[name].std(ddof=1) / np.sqrt(classes))
        ratio = f"{regret[name].mean() / yardstick:.2f}" if yardstick > 0 else "–"
        table.add_row(name, f"{regret[name].mean():.3f} ± {error:.3f}", ratio)
    show(table)
