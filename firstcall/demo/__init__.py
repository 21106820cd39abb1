"""Made-up leads of a company that sells software for planning field work, and what these leads do."""

from firstcall.demo.generating import AS_OF, Demo, generate
from firstcall.demo.writing import FORMATS, Format

__all__ = ["AS_OF", "FORMATS", "Demo", "Format", "generate"]
