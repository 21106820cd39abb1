"""Parts of a module are changed one by one, by several people at once: nobody's change is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from firstcall.access.errors import ChangedMeanwhileError, HiddenError
from firstcall.records.defining import parts
from firstcall.records.defining.actions import define_modules, delete_module, lock_modules
from firstcall.records.defining.shapes import FieldShape, LayoutShape, ModuleShape, shape_of
from firstcall.records.errors import InvalidModulesError
from firstcall.records.models import Module

PLANTS = ModuleShape(
    "plants",
    "Plants",
    fields=(FieldShape("name", "Name", "text"), FieldShape("code", "Code", "text")),
    layouts=(
        LayoutShape("standard", "Standard", default=True, all_fields=True),
        LayoutShape("short", "Short", all_fields=True),
    ),
)
WAITS = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


@pytest.fixture
def plants(transactional_db: None) -> Module:
    define_modules([PLANTS])
    return Module.objects.get(name="plants")


@contextmanager
def behind(*changes: Callable[[], object]) -> Iterator[list[Exception]]:
    """These begin, each in a connection of its own, while the block holds the lock; at its end they have ended. What
    they raised is told."""
    raised = list[Exception]()

    def run(change: Callable[[], object]) -> None:
        try:
            change()
        except Exception as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(change,)) for change in changes]
    with transaction.atomic():
        lock_modules()
        for thread in threads:
            thread.start()
        with connection.cursor() as cursor:
            while any(thread.is_alive() for thread in threads):
                cursor.execute(WAITS)
                if (cursor.fetchone() or (0,))[0] >= len(threads):
                    break
        yield raised
    for thread in threads:
        thread.join()


def text(name: str) -> FieldShape:
    return FieldShape(name, name.title(), "text")


def test_two_who_add_a_field_at_once_both_have_it(plants: Module) -> None:
    adds = [lambda name=name: parts.add_field(plants, text(name)) for name in ("red", "green")]
    with behind(*adds) as raised:
        parts.add_field(plants, text("blue"))
    assert raised == []
    assert {field.name for field in shape_of(plants).fields} == {"name", "code", "blue", "red", "green"}


def test_what_another_adds_stays_when_something_else_is_changed_or_removed(plants: Module) -> None:
    changes = (
        lambda: parts.change_field(plants, "name", label="Full name"),
        lambda: parts.remove_field(plants, "code"),
        lambda: parts.change_module(plants, label="Flowers"),
        lambda: parts.add_layout(plants, LayoutShape("long", "Long", all_fields=True)),
        lambda: parts.remove_layout(plants, "short"),
    )
    with behind(*changes) as raised:
        parts.add_field(plants, text("blue"))
    assert raised == []
    shape = shape_of(Module.objects.get(pk=plants.pk))
    assert [(field.name, field.label) for field in shape.fields] == [("name", "Full name"), ("blue", "Blue")]
    assert {layout.name for layout in shape.layouts} == {"standard", "long"}
    assert shape.label == "Flowers"


def test_who_read_it_before_another_changed_it_is_told(plants: Module) -> None:
    shape = shape_of(plants)
    field, layout = shape.field("name"), shape.layout("short")
    assert field is not None
    assert layout is not None
    late = (
        lambda: parts.change_field(plants, "name", stamp=parts.stamp_of(field), label="Late"),
        lambda: parts.change_layout(plants, "short", stamp=parts.stamp_of(layout), label="Late"),
        lambda: parts.change_module(plants, stamp=parts.stamp_of(parts.bare(shape)), label="Late"),
    )
    with behind(*late) as raised:
        parts.change_field(plants, "name", label="Early")
        parts.change_layout(plants, "short", label="Early")
        parts.change_module(plants, label="Early")
    assert [type(error) for error in raised] == [ChangedMeanwhileError] * 3
    now_is = shape_of(Module.objects.get(pk=plants.pk))
    assert (now_is.label, now_is.fields[0].label, now_is.layouts[1].label) == ("Early",) * 3


def test_of_two_who_take_a_name_at_once_the_second_is_refused(plants: Module) -> None:
    second = (
        lambda: parts.make_module(ModuleShape("stones", "Second")),
        lambda: parts.add_field(plants, FieldShape("blue", "Second", "number")),
        lambda: parts.add_layout(plants, LayoutShape("long", "Second")),
    )
    with behind(*second) as raised:
        parts.make_module(ModuleShape("stones", "First"))
        parts.add_field(plants, FieldShape("blue", "First", "text"))
        parts.add_layout(plants, LayoutShape("long", "First", all_fields=True))
    assert {type(error) for error in raised} == {InvalidModulesError}
    assert len(raised) == 3
    assert Module.objects.get(name="stones").label == "First"
    shape = shape_of(plants)
    assert (shape.fields[-1].label, shape.layouts[-1].label) == ("First", "First")


def test_a_module_that_goes_meanwhile_does_not_come_back(plants: Module) -> None:
    with behind(lambda: parts.add_field(plants, text("blue"))) as raised:
        delete_module(Module.objects.get(pk=plants.pk))
    assert [type(error) for error in raised] == [HiddenError]
    assert not Module.objects.filter(name="plants").exists()
