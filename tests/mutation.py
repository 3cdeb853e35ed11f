"""Plants one small fault after the other into the rules, and tells which of them no test notices.

`make mutation` runs it; MODULES='pointer merge_patch' runs a part. A fault that changes nothing anybody could notice is listed,
with the reason, in docs/explanation/mutation.md; the run fails on a survivor that is not listed, and on a line that lists none.
"""

import ast
import copy
import importlib
import importlib.util
import os
import shutil
import signal
import sys
import time
import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.abc import InspectLoader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from tempfile import TemporaryDirectory

HOME = Path(__file__).parents[1]
EQUIVALENTS = HOME / "docs" / "explanation" / "mutation.md"
# Where the rules and their tests are copied to, so that nobody's edits are taken for a fault.
PACKAGE = Path("src") / "diptych"
RULES = PACKAGE / "semantics"
TESTS = Path("tests") / "semantics"

# A fault that runs this long has been noticed: seconds, far above what all tests take together.
LONGEST = 120

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
NAMES = {"any": "all", "all": "any", "min": "max", "max": "min"}


@dataclass(frozen=True)
class Fault:
    """A module with one thing changed. `label` says which, in a way that survives edits elsewhere in the file."""

    module: str
    line: int
    label: str
    tree: ast.Module


def variants(node: ast.AST) -> Iterator[ast.AST]:
    """Everything that one node may wrongly be."""
    match node:
        case ast.Compare(left=left, ops=[operator], comparators=comparators):
            yield ast.Compare(left, [COMPARISONS[type(operator)]()], comparators)
        case ast.Compare(left=left, ops=[one, other], comparators=comparators):
            yield ast.Compare(left, [COMPARISONS[type(one)](), other], comparators)
            yield ast.Compare(left, [one, COMPARISONS[type(other)]()], comparators)
        case ast.BoolOp(op=joint, values=values):
            yield ast.BoolOp(ast.And() if isinstance(joint, ast.Or) else ast.Or(), values)
            yield from (ast.BoolOp(joint, [*values[:at], *values[at + 1 :]]) for at in range(len(values)) if len(values) > 2)
            yield from (value for value in values if len(values) == 2)
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield operand
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            yield ast.BinOp(left, ast.Sub(), right)
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            yield ast.BinOp(left, ast.Add(), right)
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield ast.Constant(value + 1)
        case ast.Constant(value=str(text)) if " " not in text:
            yield ast.Constant(text + "X")
        case ast.Constant(value=bytes(text)):
            yield ast.Constant(text + b"X")
        case ast.IfExp(test=test, body=body, orelse=orelse):
            yield ast.IfExp(test, orelse, body)
        case ast.If(test=test, body=body, orelse=orelse):
            yield ast.If(ast.UnaryOp(ast.Not(), test), body, orelse)
        case ast.comprehension(target=target, iter=source, ifs=[_, *_], is_async=is_async):
            yield ast.comprehension(target, source, [], is_async)
        case ast.Name(id=name) if name in NAMES:
            yield ast.Name(NAMES[name], ast.Load())
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
            yield ast.Return(ast.Constant(None))
        case ast.Expr(value=ast.Call()) | ast.Assign(targets=[ast.Attribute() | ast.Subscript()]) | ast.AugAssign() | ast.Raise():
            yield ast.Pass()
        case ast.Dict(keys=[_, *keys], values=[_, *values]):
            yield ast.Dict(keys, values)
        case _:
            pass


def places(node: ast.AST, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path to every node that runs: no annotation, no docstring, no alias of types, no word of a problem's page."""
    yield path
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "ops", "op"):
            continue
        if isinstance(value, ast.AST):
            yield from places(value, (*path, name))
        elif isinstance(value, list):
            for at, item in enumerate(value):
                if isinstance(item, ast.AST) and not is_words(item):
                    yield from places(item, (*path, name, at))


def is_words(node: ast.AST) -> bool:
    match node:
        case ast.Expr(value=ast.Constant()) | ast.Import() | ast.ImportFrom():
            return True
        case ast.AnnAssign(annotation=ast.Name(id="TypeAlias")) | ast.Assign(value=ast.Call(func=ast.Name(id="NewType"))):
            return True
        case ast.Expr(value=ast.Call(func=ast.Name(id="assert_never"))):
            return True
        case ast.FunctionDef(name="__init__" | "__repr__") if len(node.body) == 1:
            return True
        case _:
            return False


def at(tree: ast.AST, path: Sequence[str | int]) -> ast.AST:
    found: object = tree
    for step in path:
        found = found[step] if isinstance(step, int) and isinstance(found, list) else getattr(found, str(step))
    assert isinstance(found, ast.AST)
    return found


def faults(path: Path) -> Iterator[Fault]:
    tree = ast.parse(path.read_text())
    for place in places(tree):
        node = at(tree, place)
        for variant in variants(node) if place else ():
            mutated = copy.deepcopy(tree)
            new = ast.copy_location(copy.deepcopy(variant), node)
            holder: object = mutated
            for step in place[:-1]:
                holder = holder[step] if isinstance(step, int) and isinstance(holder, list) else getattr(holder, str(step))
            if isinstance(holder, list):
                holder[int(place[-1])] = new
            else:
                setattr(holder, str(place[-1]), new)
            ast.fix_missing_locations(mutated)
            label = f"{path.name}: `{shown(node)}` → `{shown(variant)}`"
            yield Fault(path.stem, getattr(node, "lineno", 0), label, mutated)


def shown(node: ast.AST) -> str:
    """One line of code; of a statement with a body, its first line."""
    return ast.unparse(node).strip().splitlines()[0]


class Planted(MetaPathFinder, InspectLoader):
    """Imports the faulty module in place of the sound one."""

    def __init__(self, fault: Fault) -> None:
        self._name = f"diptych.semantics.{fault.module}"
        self._fault = fault

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None) -> ModuleSpec | None:
        return importlib.util.spec_from_loader(fullname, self) if fullname == self._name else None

    def get_source(self, fullname: str) -> None:
        return None

    def get_code(self, fullname: str) -> types.CodeType:
        return compile(self._fault.tree, f"<{self._fault.module}>", "exec")


class FewExamples:
    """Fewer examples of each property, and the same in every run: enough to find a fault, where examples find it at all."""

    def pytest_sessionstart(self) -> None:
        from hypothesis import HealthCheck, settings

        settings.register_profile(
            "mutation", max_examples=60, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
        )
        settings.load_profile("mutation")


def notices(files: Sequence[Path], fault: Fault | None) -> bool:
    """Run tests in a child process and tell whether one of them fails, or none of them ends."""
    if not files:
        return False
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1] != 0
    signal.alarm(LONGEST)
    import pytest

    # The rules alone, so that nothing else of the library is imported.
    package = sys.modules["diptych"] = types.ModuleType("diptych")
    package.__path__ = [str(PACKAGE.absolute())]
    if fault is not None:
        sys.meta_path.insert(0, Planted(fault))
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
    plugins = [sys.modules["pytest_asyncio.plugin"], FewExamples()]
    os._exit(pytest.main(["-x", "-q", "--no-header", "-p", "no:cacheprovider", *map(str, files)], plugins=plugins))


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def copy_to(place: Path) -> None:
    """Copy the rules and all that their tests read."""
    for part in (RULES, TESTS, Path("tests", "data")):
        shutil.copytree(HOME / part, place / part)
    (place / "tests" / "npm").symlink_to(HOME / "tests" / "npm")
    shutil.copy(HOME / "pyproject.toml", place)


def main(names: Sequence[str]) -> int:
    with TemporaryDirectory() as place:
        copy_to(Path(place))
        os.chdir(place)
        status = search(names)
        os.chdir(HOME)
    return status


def search(names: Sequence[str]) -> int:
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    # What every child needs, imported once.
    for name in ("hypothesis.strategies", "jsonpatch", "pytest", "pytest_asyncio.plugin"):
        importlib.import_module(name)
    tests = sorted(TESTS.glob("test_*.py"))
    if notices(tests, None):
        tell("The tests fail without any fault.")
        return 2
    known = {line[2:] for line in EQUIVALENTS.read_text().splitlines() if line.startswith("- ")}
    tried, begin = 0, time.monotonic()
    survivors: list[Fault] = []
    for path in sorted(RULES.glob("*.py")):
        if names and path.stem not in names:
            continue
        # The tests of the file itself notice most, so they go first.
        own = [test for test in tests if test.stem.startswith(f"test_{path.stem}")]
        others = [test for test in tests if test not in own]
        for fault in faults(path):
            tried += 1
            if not notices(own, fault) and not notices(others, fault):
                survivors.append(fault)
                tell(f"{'known' if fault.label in known else 'ALIVE'} line {fault.line} {fault.label}")
    alive = [fault for fault in survivors if fault.label not in known]
    # A line of the list that names no survivor is no longer true.
    stale = [line for line in known - {fault.label for fault in survivors} if not names or line.split(".py:")[0] in names]
    for line in stale:
        tell(f"noticed, but listed: {line}")
    noticed, seconds = tried - len(survivors), time.monotonic() - begin
    tell(f"{tried} faults: {noticed} noticed, {len(survivors) - len(alive)} equivalent, {len(alive)} alive; {seconds:.0f} s")
    return 1 if alive or stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
