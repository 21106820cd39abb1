"""`firstcall backtest --stored`: of a rule of the service, over the columnar copy of what is stored."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firstcall.cli.failing import RefusedError, sorted_problems
from firstcall.cli.serving import configured, database_in_use
from firstcall.cli.stopping import interruptible
from firstcall.cli.terminal import Terminal

if TYPE_CHECKING:
    from firstcall.insights.backtesting import Backtest
    from firstcall.scorekeeping.models import RuleVersion


def backtest_of_stored(
    name: str,
    version: int | None,
    asked: Mapping[str, Any],
    *,
    memory: str | None,
    data: Path | None,
    terminal: Terminal,
) -> Backtest:
    """`asked` as `insights.stored.Asked`."""
    with database_in_use(configured(data_folder=data)):
        return backtest_in_service(name, version, asked, memory=memory, terminal=terminal)


def backtest_in_service(
    name: str, version: int | None, asked: Mapping[str, Any], *, memory: str | None, terminal: Terminal
) -> Backtest:
    """The same where the database is open."""
    from firstcall.columns.reading import NoCopyError
    from firstcall.insights.stored import MEMORY, Asked, AskedError, backtest_stored
    from firstcall.scorekeeping.errors import InvalidRuleError

    found = _version(name, version)
    terminal.say([f"{found}, over the columnar copy"])
    try:
        with terminal.watching() as watch:
            return backtest_stored(
                found,
                Asked(**asked),
                memory=memory or MEMORY,
                progress=watch,
                watched=lambda workspace: interruptible(workspace.interrupt),
            )
    except AskedError as error:
        raise RefusedError([f"--{error.part.replace('_', '-')}: {error.says}"]) from error
    except NoCopyError as error:
        raise RefusedError([str(error)]) from error
    except InvalidRuleError as error:
        raise RefusedError(sorted_problems(error.problems)) from error


def _version(name: str, number: int | None) -> RuleVersion:
    """The one that scores, or the newest of a rule that does not. Raises RefusedError."""
    from firstcall.scorekeeping.models import StoredRule
    from firstcall.scoring.problems import nearest

    known = StoredRule.objects.select_related("active", "module")
    module, _, alone = name.partition("/")
    rules = list(known.filter(name=name)) or list(known.filter(module__name=module, name=alone))
    if not rules:
        near = nearest(name, StoredRule.objects.values_list("name", flat=True))
        raise RefusedError(
            [f"--stored: There is no rule {name}." + (f" Did you mean {near}?" if near else "")]
        )
    if len(rules) > 1:
        which = " or ".join(f"{rule.module.name}/{name}" for rule in rules)
        raise RefusedError([f"--stored: There are several rules {name}. Say which: {which}."])
    [rule] = rules
    if number is None:
        return rule.active or rule.newest
    found: RuleVersion | None = rule.versions.filter(number=number).first()
    if found is None:
        raise RefusedError(
            [f"--version: {name} has no version {number}. Its newest is {rule.newest.number}."]
        )
    return found
