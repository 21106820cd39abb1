"""From rules to one SQL statement: `compile_rules(rules, columns, dialect)`."""

from firstcall.scoring.compiling.dialect import Dialect
from firstcall.scoring.compiling.rule_part import FIGURES, SIX_FIGURES
from firstcall.scoring.compiling.statement import Statement, compile_rules, read_explained

__all__ = ["FIGURES", "SIX_FIGURES", "Dialect", "Statement", "compile_rules", "read_explained"]
