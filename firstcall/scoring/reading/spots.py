"""A node together with its path: where reading stands, and how it says that something is wrong there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from firstcall.scoring.documents import Broken, Entries, Items, Node, Scalar, shorten
from firstcall.scoring.problems import Path, Place, Problem, nearest
from firstcall.scoring.reading.vocabulary import MOST_ENTRIES, SYNONYMS
from firstcall.scoring.saying import said, whole


@dataclass(slots=True)
class Findings:
    """The problems and warnings found so far."""

    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Spot:
    """A node, its path, and the place of the key it stands under (its own where there is none)."""

    node: Node
    path: Path
    key_place: Place
    findings: Findings

    @property
    def key(self) -> str:
        """The last key of the path."""
        return next((step for step in reversed(self.path) if isinstance(step, str)), "rule")

    @property
    def label(self) -> str:
        """What stands here, as a sentence begins."""
        if not self.path:
            return said("A rule")
        if isinstance(self.path[-1], int):
            return said("An entry of `{key}`", key=self.key)
        return f"`{shorten(self.key)}`"

    @property
    def is_broken(self) -> bool:
        return isinstance(self.node, Broken)

    @property
    def is_missing(self) -> bool:
        return isinstance(self.node, Scalar) and self.node.value is None

    def refuse(self, code: str, says: str, fix: str = "") -> None:
        """Report that the value is wrong."""
        self.findings.errors.append(Problem(self.path, code, says, fix, self.node.place))

    def refuse_key(self, code: str, says: str, fix: str = "") -> None:
        """Report that the key should not stand here."""
        self.findings.errors.append(Problem(self.path, code, says, fix, self.key_place))

    def warn(self, code: str, says: str, fix: str = "") -> None:
        self.findings.warnings.append(Problem(self.path, code, says, fix, self.key_place, "warning"))

    def refuse_type(self, wanted: str, fix: str = "") -> None:
        """Report a value of the wrong type, unless it has been reported as unreadable."""
        if not self.is_broken:
            fix = fix or (said("Fill it in, or remove it.") if self.is_missing else "")
            self.refuse(
                "wrong-type",
                said(
                    "{label} takes {wanted}, not {kind}.",
                    label=self.label,
                    wanted=wanted,
                    kind=kind_of(self.node),
                ),
                fix,
            )

    def children(self, *, fix: str = "") -> dict[str, Spot] | None:
        """The values of a mapping by key; None, with a problem, where this is none."""
        if not isinstance(self.node, Entries):
            self.refuse_type(said("keys and values"), fix)
            return None
        return {
            entry.key: Spot(entry.value, (*self.path, entry.key), entry.place, self.findings)
            for entry in self.node.entries
        }

    def items(self, *, most: int = MOST_ENTRIES, fix: str = "") -> list[Spot] | None:
        """The entries of a list, which is not empty; None, with a problem, where this is none."""
        if not isinstance(self.node, Items):
            self.refuse_type(said("a list"), fix)
            return None
        count = len(self.node.items)
        if count == 0:
            self.refuse(
                "empty-list",
                said("{label} is an empty list.", label=self.label),
                said("Put something in it, or remove it."),
            )
            return None
        if count > most:
            self.refuse(
                "too-many",
                said(
                    "{label} has {count} entries; {most} are the most.",
                    label=self.label,
                    count=whole(count),
                    most=whole(most),
                ),
                said("Shorten it."),
            )
            return None
        return [
            Spot(node, (*self.path, index), node.place, self.findings)
            for index, node in enumerate(self.node.items)
        ]

    def items_or_self(self) -> list[Spot] | None:
        """The entries of a list, or what stands here as the only entry."""
        return self.items() if isinstance(self.node, Items) else [self]

    def text(self, wanted: str = "") -> str | None:
        """A text that is not empty; None, with a problem, where this is none."""
        node = self.node
        if not isinstance(node, Scalar) or not isinstance(node.value, str):
            self.refuse_type(wanted or said("text"), quoting(node))
            return None
        if not node.value:
            self.refuse(
                "empty-text",
                said("{label} is an empty text.", label=self.label),
                said("Write something in it, or remove it."),
            )
            return None
        return node.value

    def name(self) -> str | None:
        """The name of a group, which is text whatever it looks like."""
        node = self.node
        if isinstance(node, Scalar) and not isinstance(node.value, str) and node.value is not None:
            return node.source
        return self.text()

    def truth(self) -> bool | None:
        """true or false; None, with a problem, for anything else."""
        if isinstance(self.node, Scalar) and isinstance(self.node.value, bool):
            return self.node.value
        self.refuse_type(
            said("true or false"), said("Write true or false, in small letters and without quotes.")
        )
        return None

    def refuse_unknown(self, known: Iterable[str], owner: str) -> None:
        """Report that the key is none of the known ones, with the nearest of them."""
        word = nearest_word(self.key, known)
        fix = said("Did you mean `{word}`?", word=word) if word else said("Remove it.")
        self.refuse_key(
            "unknown-key", said("`{key}` is not a key of {owner}.", key=shorten(self.key), owner=owner), fix
        )


def nearest_word(word: str, known: Iterable[str]) -> str | None:
    """The known word that was meant: by spelling, or by what other tools call it."""
    known = tuple(known)
    plain = word.strip().casefold().replace("-", "_").replace(" ", "_")
    if plain in known:
        return plain
    synonym = next((word for word in SYNONYMS.get(plain, ()) if word in known), None)
    return synonym or nearest(plain[:100], known)


def quoting(node: Node) -> str:
    """How to mend a value that should have been text."""
    if isinstance(node, Scalar) and node.value is not None and not isinstance(node.value, str):
        return said('Quote it: "{source}".', source=shorten(node.source))
    return ""


def kind_of(node: Node) -> str:
    """The type of a node in English."""
    match node:
        case Scalar(None):
            return said("nothing")
        case Scalar(bool()):
            return f"{node.source}"
        case Scalar(str()):
            return said("the text “{source}”", source=shorten(node.source))
        case Scalar():
            return said("the number {source}", source=shorten(node.source))
        case Items():
            return said("a list")
        case Entries():
            return said("keys and values")
    return said("this")
