"""Draws docs/images/score.svg, the README's picture: what `firstcall score` shows of the made-up company.

usage: python docs/images/make.py
"""

from __future__ import annotations

import io
import re
import tempfile
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

from firstcall.cli.opening import Files, opened, read_rules
from firstcall.cli.ranking import rank, show_ranking
from firstcall.cli.terminal import Terminal
from firstcall.demo import generate
from firstcall.engines.duckdb import DuckDBEngine
from firstcall.engines.engine import Scope
from firstcall.scoring.times import parse_moment

HERE = Path(__file__).parent
RULE = HERE.parent / "guide" / "rules" / "call-first.yaml"
WIDTH, TOP = 128, 18
COMMAND = (
    "firstcall score call-first.yaml --records leads.csv --touchpoints touchpoints.csv --as-of 2026-09-01"
)
# Without the web font that the pattern would load from another site.
FORMAT = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)


def draw() -> str:
    """The picture as SVG, the same every time."""
    console = Console(
        record=True,
        width=WIDTH,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        highlight=False,
    )
    console.print(Text.assemble(("$ ", "dim"), COMMAND))
    scope = Scope(parse_moment("2026-09-01"))
    with tempfile.TemporaryDirectory() as folder:
        demo = generate(Path(folder), leads=2_000)
        files = Files(str(demo.leads_path), str(demo.touchpoints_path))
        rules = [loaded.rule for loaded in read_rules([str(RULE)])]
        engine = DuckDBEngine()
        with opened(files, Terminal(progress=False)) as material:
            engine.score(rules, material.source, scope, material.workspace)
            [ranking] = rank(engine, rules, material, scope, TOP)
    show_ranking(ranking, console, scope.as_of, explain=False)
    return console.export_svg(title="Whom do we call first?", code_format=FORMAT, unique_id="score")


if __name__ == "__main__":
    (HERE / "score.svg").write_text(draw(), "utf-8")
