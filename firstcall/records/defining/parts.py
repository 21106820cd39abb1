"""Changing one part of a module: a field, a layout, or what it is called. Problems stand at places in what was given.

What there is is read behind the lock: of two who change a module at once, the second builds on what the first did.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any, Literal

from django.db import transaction

from firstcall.access.auditing.reading import changed_meanwhile
from firstcall.access.errors import HiddenError
from firstcall.records.defining.actions import define_modules, lock_modules
from firstcall.records.defining.shapes import FieldShape, LayoutShape, ModuleShape, shape_of
from firstcall.records.errors import InvalidModulesError
from firstcall.records.models import Field, Layout, Module
from firstcall.scoring.problems import Path, Problem
from firstcall.scoring.saying import said

type Part = FieldShape | LayoutShape | ModuleShape


def stamp_of(part: Part) -> str:
    """Another one after each change: who writes what they read says which it was."""
    return sha256(repr(part).encode()).hexdigest()[:16]


@transaction.atomic
def make_module(shape: ModuleShape) -> Module:
    """Raises InvalidModulesError."""
    lock_modules()
    if Module.objects.filter(name=shape.name).exists():
        raise InvalidModulesError([_taken(shape.name)])
    _define(shape)
    return Module.objects.get(name=shape.name)


@transaction.atomic
def change_module(module: Module, *, stamp: str | None = None, **said: Any) -> None:
    """
    said   label, people, title; what is left out stays
    stamp  what `stamp_of` gave when it was read, without its fields and layouts. Raises ChangedMeanwhileError,
           HiddenError, InvalidModulesError
    """
    shape = _current(module)
    if stamp is not None and stamp != stamp_of(bare(shape)):
        raise changed_meanwhile("module", thing=module.pk)
    _define(replace(shape, **said))


def bare(shape: ModuleShape) -> ModuleShape:
    """The module by itself."""
    return replace(shape, fields=(), layouts=())


@transaction.atomic
def add_field(module: Module, given: FieldShape) -> None:
    """It comes last, and onto every layout that has all fields. Raises HiddenError, InvalidModulesError."""
    shape = _current(module)
    if shape.field(given.name):
        raise InvalidModulesError([_taken(given.name)])
    _define(replace(shape, fields=(*shape.fields, given)), ("fields", len(shape.fields)))


def change_field(module: Module, name: str, *, stamp: str | None = None, **said: Any) -> None:
    """What is left out stays. Raises HiddenError, ChangedMeanwhileError, InvalidModulesError."""
    _replace_part(module, "fields", name, lambda shape: replace(shape, **said), stamp=stamp)


def remove_field(module: Module, name: str) -> None:
    """With its values, now and in the past. Raises HiddenError, and InvalidModulesError while something uses it."""
    _replace_part(module, "fields", name, lambda shape: None)


@transaction.atomic
def add_layout(module: Module, given: LayoutShape) -> None:
    """Raises HiddenError, InvalidModulesError."""
    shape = _current(module)
    if shape.layout(given.name):
        raise InvalidModulesError([_taken(given.name)])
    layouts = (*_without_default(shape.layouts, given.default), given)
    _define(replace(shape, layouts=layouts), ("layouts", len(shape.layouts)))


def change_layout(module: Module, name: str, *, stamp: str | None = None, **said: Any) -> None:
    """One that becomes the default takes it from the other. Raises HiddenError, ChangedMeanwhileError,
    InvalidModulesError."""
    takes = said.get("default") is True
    _replace_part(
        module, "layouts", name, lambda shape: replace(shape, **said), stamp=stamp, takes_default=takes
    )


def remove_layout(module: Module, name: str) -> None:
    """Raises HiddenError, and InvalidModulesError while records have it, or it is the default."""
    _replace_part(module, "layouts", name, lambda shape: None)


def _current(module: Module) -> ModuleShape:
    """As it is now, and stays until the transaction ends. Raises HiddenError where it is gone."""
    lock_modules()
    found = Module.objects.filter(pk=module.pk).first()
    if found is None:
        raise HiddenError("module")
    return shape_of(found)


def _taken(name: str) -> Problem:
    return Problem(
        ("name",),
        "name-taken",
        said("There is {name} already.", name=name),
        said("Take another name, or change that one."),
    )


@transaction.atomic
def _replace_part(
    module: Module,
    part: Literal["fields", "layouts"],
    name: str,
    change: Callable[[Any], Any],
    *,
    stamp: str | None = None,
    takes_default: bool = False,
) -> None:
    """One field or layout as `change` gives it back; None takes it away."""
    shape = _current(module)
    parts = getattr(shape, part)
    at = next((index for index, one in enumerate(parts) if one.name == name), None)
    if at is None:
        raise HiddenError(part.removesuffix("s"))
    if stamp is not None and stamp != stamp_of(parts[at]):
        raise _changed(module, part, name)
    changed = change(parts[at])
    others = _without_default(parts, takes_default) if part == "layouts" else parts
    new = [changed if index == at else one for index, one in enumerate(others)]
    kept: dict[str, Any] = {part: tuple(one for one in new if one is not None)}
    _define(replace(shape, **kept), (part, at))


def _changed(module: Module, part: Literal["fields", "layouts"], name: str) -> Exception:
    rows = Field.objects if part == "fields" else Layout.objects
    thing = rows.filter(module=module, name=name).values_list("pk", flat=True).first()
    return changed_meanwhile(part.removesuffix("s"), thing=thing)


def _without_default(layouts: tuple[LayoutShape, ...], taken: bool) -> tuple[LayoutShape, ...]:
    return tuple(replace(layout, default=False) for layout in layouts) if taken else layouts


def _define(shape: ModuleShape, within: Path = ()) -> None:
    """Make it so; the places of problems are in what was given."""
    try:
        define_modules([shape], exact=True)
    except InvalidModulesError as error:
        prefix: Path = ("modules", 0, *within)
        raise InvalidModulesError([_within(problem, prefix) for problem in error.problems]) from error


def _within(problem: Problem, prefix: Path) -> Problem:
    is_within = problem.path[: len(prefix)] == prefix
    return replace(problem, path=problem.path[len(prefix) :] if is_within else problem.path[2:])
