"""Making modules as they are to be: checked as a whole, refused with every problem, done in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db import connection, transaction

from firstcall.records.defining.applying import apply_shape, check_change
from firstcall.records.defining.checking import check_shape
from firstcall.records.defining.comparing import differences, merge
from firstcall.records.defining.shapes import LayoutShape, ModuleShape, shape_of
from firstcall.records.errors import InvalidModulesError
from firstcall.records.models import Module, Record
from firstcall.records.uses import users_of_module
from firstcall.scoring.problems import Problem
from firstcall.scoring.saying import said

MOST_MODULES = 200
STANDARD_LAYOUT = LayoutShape("standard", "Standard", default=True, all_fields=True)


@dataclass(frozen=True, slots=True)
class Definition:
    """What defining came to: a line for each difference."""

    differences: tuple[str, ...]


def define_modules(
    shapes: Sequence[ModuleShape], *, exact: bool = False, dry_run: bool = False, standard: bool = False
) -> Definition:
    """Make the modules, or change them, into these shapes. Raises InvalidModulesError, the paths of whose problems
    begin with `modules` and the number of the shape.

    exact     fields and layouts that a shape does not name go; else they stay
    dry_run   only say what would be done
    standard  they come with the product
    """
    with transaction.atomic():
        lock_modules()
        known = {module.name: module for module in Module.objects.order_by("pk")}
        old = {name: shape_of(module) for name, module in known.items()}
        wanted = [_completed(shape if exact else merge(old.get(shape.name), shape)) for shape in shapes]
        problems = [*_check_all(wanted, known), *_check_changes(wanted, old, known)]
        if problems:
            raise InvalidModulesError(problems)
        lines = [line for shape in wanted for line in differences(old.get(shape.name), shape)]
        if not dry_run:
            _apply(wanted, old, known, standard=standard)
    return Definition(tuple(lines))


def _completed(shape: ModuleShape) -> ModuleShape:
    """A module always has a layout."""
    return shape if shape.layouts else replace(shape, layouts=(STANDARD_LAYOUT,))


def lock_modules() -> None:
    """Nobody writes a record or changes a module until this transaction is done."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('firstcall.modules'))")
        cursor.execute("SELECT FROM records_module ORDER BY id FOR UPDATE")


def _check_all(wanted: Sequence[ModuleShape], known: Mapping[str, Module]) -> Iterator[Problem]:
    names = {*known, *(shape.name for shape in wanted)}
    if len(names) > MOST_MODULES:
        yield Problem(("modules",), "too-many", said("There are at most {most} modules.", most=MOST_MODULES))
    met: set[str] = set()
    for index, shape in enumerate(wanted):
        if shape.name in met:
            says = said("`{name}` stands here twice.", name=shape.name)
            yield Problem(("modules", index, "name"), "doubled", says, said("Keep one of them."))
        met.add(shape.name)
        for problem in check_shape(shape, names):
            yield replace(problem, path=("modules", index, *problem.path))


def _check_changes(
    wanted: Sequence[ModuleShape], old: Mapping[str, ModuleShape], known: Mapping[str, Module]
) -> Iterator[Problem]:
    for index, shape in enumerate(wanted):
        if shape.name in old:
            for problem in check_change(known[shape.name], old[shape.name], shape):
                yield replace(problem, path=("modules", index, *problem.path))


def _apply(
    wanted: Sequence[ModuleShape],
    old: Mapping[str, ModuleShape],
    known: Mapping[str, Module],
    *,
    standard: bool,
) -> None:
    modules = dict(known)
    for shape in wanted:  # all of them first: look-ups may lead from any to any
        if shape.name not in modules:
            modules[shape.name] = Module.objects.create(
                name=shape.name, label=shape.label, is_people=shape.people, is_standard=standard
            )
    for shape in wanted:
        before = old.get(shape.name) or ModuleShape(shape.name, shape.label, shape.people)
        if before != shape:
            apply_shape(modules[shape.name], before, shape, modules, standard=standard)


@transaction.atomic
def delete_module(module: Module) -> None:
    """Raises InvalidModulesError where it has records, or something uses it."""
    lock_modules()
    problems = list(_check_delete(module))
    if problems:
        raise InvalidModulesError(problems)
    module.fields.update(target=None)
    module.delete()


def _check_delete(module: Module) -> Iterator[Problem]:
    if module.is_standard:
        yield Problem((), "standard", said("{module} comes with the product, and stays.", module=module))
    records = Record.objects.filter(module=module)
    if count := records.count():
        trash = records.filter(deleted_at__isnull=False).count()
        yield Problem(
            (),
            "in-use",
            said(
                "{module} has {count} records, {trash} of them in the trash.",
                module=module,
                count=count,
                trash=trash,
            ),
            said("Delete them, and erase those in the trash."),
        )
    for field in module.looked_up_by.exclude(module=module).select_related("module"):
        yield Problem(
            (),
            "in-use",
            said("The field {field} looks up {module}.", field=field, module=module),
            said("Delete the field."),
        )
    for user in users_of_module(module):
        yield Problem(
            (),
            "in-use",
            said("{user} uses {module}.", user=f"{user[:1].upper()}{user[1:]}", module=module),
            said("Change or delete it."),
        )
