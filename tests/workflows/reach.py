"""What a step or an answer can reach in the code: which facts, requests and letters stand there.

Read from the functions themselves: the code a function calls is followed through the modules of
`workflows`, through closures and lambdas. The engine is not followed: what it writes by itself
(case.state_changed, human_task.created and the like) is no effect of a step.
"""

import ast
import inspect
import sys
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

RECORDING = frozenset({"record", "record_moving", "Event"})
ASKING = frozenset({"request"})
FOLLOWED = ("workflows.", "tests.workflows.")
NOT_FOLLOWED = ("workflows.engine.record", "workflows.engine.work", "workflows.engine.deciding")


@dataclass
class Reach:
    """What was found: names at the places that record or ask, and every text mentioned."""

    recorded: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    mentioned: set[str] = field(default_factory=set)


def reach_of(function: Callable[..., Any]) -> Reach:
    """Return what can be reached from `function`."""
    found = Reach()
    for one in _functions(function, set()):
        _mention(one.__code__, found)
        named = {**one.__globals__, **_closure(one)}
        found.mentioned |= {named[n] for n in _names(one.__code__) if isinstance(named.get(n), str)}
        for call in _calls(one):
            _note(call, named, found)
    return found


def _functions(thing: Any, seen: set[int]) -> Iterator[types.FunctionType]:
    if isinstance(thing, partial):
        thing = thing.func
    if not isinstance(thing, types.FunctionType) or id(thing) in seen:
        return
    module = thing.__module__
    if not module.startswith(FOLLOWED) or module in NOT_FOLLOWED:
        return
    seen.add(id(thing))
    yield thing
    named = {**thing.__globals__, **_closure(thing)}
    names = _names(thing.__code__)
    for name in names:
        value = named.get(name)
        if isinstance(value, types.ModuleType):
            for attribute in names:
                yield from _functions(getattr(value, attribute, None), seen)
        yield from _functions(value, seen)


def _closure(function: types.FunctionType) -> dict[str, Any]:
    cells = function.__closure__ or ()
    return {
        name: cell.cell_contents
        for name, cell in zip(function.__code__.co_freevars, cells, strict=True)
    }


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)


def _names(code: types.CodeType) -> set[str]:
    return {name for one in _codes(code) for name in (*one.co_names, *one.co_freevars)}


def _mention(code: types.CodeType, found: Reach) -> None:
    for one in _codes(code):
        for constant in one.co_consts:
            parts = constant if isinstance(constant, tuple | frozenset) else (constant,)
            found.mentioned |= {part for part in parts if isinstance(part, str)}


def _calls(function: types.FunctionType) -> Iterator[ast.Call]:
    code = function.__code__
    for node in _places(sys.modules[function.__module__]).get(code.co_firstlineno, ()):
        if getattr(node, "name", "<lambda>") == code.co_name:
            yield from (inner for inner in ast.walk(node) if isinstance(inner, ast.Call))


@cache
def _places(module: types.ModuleType) -> dict[int, list[ast.AST]]:
    places: dict[int, list[ast.AST]] = {}
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            decorators = getattr(node, "decorator_list", ())
            first = decorators[0].lineno if decorators else node.lineno
            places.setdefault(first, []).append(node)
    return places


def _note(call: ast.Call, named: dict[str, Any], found: Reach) -> None:
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if name not in RECORDING | ASKING or not call.args:
        return
    first = call.args[0]
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        text = first.value
    elif isinstance(first, ast.Name) and isinstance(named.get(first.id), str):
        text = named[first.id]
    else:
        return
    (found.recorded if name in RECORDING else found.asked).add(text)
