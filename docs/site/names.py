"""The page of Python names, made of what may be imported: signatures as they are written, and docstrings."""

import ast
import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias

SOURCES: Final = Path(__file__).parents[2] / "src"
PACKAGES: Final = ("diptych", "diptych.client", "diptych.identity", "diptych.explain", "diptych.testing", "diptych.demo")
# Names of inner modules that examples use.
BESIDES: Final = {
    "diptych.demo.models": ("RESOURCES",),
    "diptych.demo.rows": ("store_first_rows",),
    "diptych.observe.formats": ("JsonLines",),
}
OPENING: Final = """\
# Python names

<!-- Made from the code by `make reference`; a test fails when it drifts. -->

What may be imported, from where, and what its docstring says. A name that is not here may change without notice.
"""
WIDTH: Final = 96

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One module as it is written. Nothing is imported for it, since some modules do things when they are."""

    text: str

    @classmethod
    @cache
    def of(cls, module: str) -> "Source":
        place = SOURCES.joinpath(*module.split("."))
        file = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
        return cls(file.read_text(encoding="utf-8"))

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def exported(self) -> list[str]:
        """The names of `__all__`, in its order."""
        for node in self.tree.body:
            if "__all__" in _named(node) and isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                names: list[str] = ast.literal_eval(node.value)
                return names
        return []

    @property
    def imported(self) -> dict[str, tuple[str, str]]:
        """Where each name comes from that it imports: a module, and what it is called there."""
        return {
            alias.asname or alias.name: (node.module, alias.name)
            for node in self.tree.body
            if isinstance(node, ast.ImportFrom) and node.module is not None
            for alias in node.names
        }

    def definition(self, name: str) -> ast.stmt:
        """The statement that gives a name its meaning, here or where it comes from; the last one where there are overloads."""
        for node in reversed(self.tree.body):
            if name in _named(node):
                return node
        home, original = self.imported[name]
        return Source.of(home).definition(original)


def describe_names() -> str:
    """The whole page, as Markdown."""
    return "\n".join([OPENING, *(line for module, names in public_names().items() for line in _module(module, names))])


def public_names() -> dict[str, tuple[str, ...]]:
    """What may be imported, by the module it is imported from. Hooks are for pytest alone to find."""
    exported = {package: tuple(name for name in Source.of(package).exported if not name.startswith("pytest_")) for package in PACKAGES}
    return exported | BESIDES


def _module(module: str, names: Sequence[str]) -> Iterator[str]:
    source = Source.of(module)
    yield f"## {module}\n"
    yield _prose(ast.get_docstring(source.tree)) + "\n"
    for name in names:
        yield f"### {name}\n"
        yield from _name(source.definition(name))


def _name(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.ClassDef():
            yield _code(_class(node))
            yield _prose(ast.get_docstring(node)) + "\n"
            protocol = any(ast.unparse(base).startswith("Protocol") for base in node.bases)
            methods = [each for each in node.body if isinstance(each, Function) and _is_told(each, protocol)]
            if methods:
                yield "\n".join(_method(each) for each in methods) + "\n"
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            yield _code(_function(node))
            yield _prose(ast.get_docstring(node)) + "\n"
        case _:
            yield _code(ast.unparse(node))


def _class(node: ast.ClassDef) -> str:
    """A class with its bases, and what it is made of: the parameters of `__init__`, or the fields of a dataclass."""
    bases = ", ".join(ast.unparse(base) for base in node.bases)
    lines = [f"class {node.name}({bases}):" if bases else f"class {node.name}:"]
    begin = next((each for each in node.body if isinstance(each, Function) and each.name in ("__init__", "__call__")), None)
    if begin is not None:
        lines += [f"    {line}" for line in _function(begin).splitlines()]
    else:
        lines += [f"    {ast.unparse(each)}" for each in node.body if isinstance(each, ast.AnnAssign) and not _is_private(each)]
    return "\n".join(lines) if len(lines) > 1 else f"{lines[0]} ..."


def _function(node: Function) -> str:
    """The head of a function, in one line, or with one parameter to a line."""
    returns = f" -> {ast.unparse(node.returns)}" if node.returns is not None else ""
    begin = f"{'async ' if isinstance(node, ast.AsyncFunctionDef) else ''}def {node.name}"
    parameters = _parameters(node.args)
    line = f"{begin}({', '.join(parameters)}){returns}: ..."
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"{begin}(", *(f"    {each}," for each in parameters), f"){returns}: ..."])


def _parameters(arguments: ast.arguments) -> list[str]:
    plain = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(plain) - len(arguments.defaults)) + list(arguments.defaults)
    told = [_parameter(each, default) for each, default in zip(plain, defaults, strict=True)]
    if arguments.posonlyargs:
        told.insert(len(arguments.posonlyargs), "/")
    if arguments.vararg is not None:
        told.append("*" + _parameter(arguments.vararg, None))
    elif arguments.kwonlyargs:
        told.append("*")
    told += [_parameter(each, default) for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]
    if arguments.kwarg is not None:
        told.append("**" + _parameter(arguments.kwarg, None))
    return told


def _parameter(argument: ast.arg, default: ast.expr | None) -> str:
    annotation = f": {ast.unparse(argument.annotation)}" if argument.annotation is not None else ""
    if default is None:
        return argument.arg + annotation
    value = f'"{default.value}"' if isinstance(default, ast.Constant) and isinstance(default.value, str) else ast.unparse(default)
    return f"{argument.arg}{annotation} = {value}" if annotation else f"{argument.arg}={value}"


def _method(node: Function) -> str:
    """A line of a list: how it is called, and the first paragraph of its docstring."""
    first = _prose(ast.get_docstring(node)).split("\n\n")[0].replace("\n", " ")
    decorators = {ast.unparse(each) for each in node.decorator_list}
    parameters = [each for each in _parameters(node.args) if each not in ("self", "cls")]
    called = node.name if decorators & {"property", "cached_property"} else f"{node.name}({', '.join(parameters)})"
    said = f"- `{'await ' if isinstance(node, ast.AsyncFunctionDef) else ''}{called}`"
    return f"{said}: {first}" if first else said


def _is_told(node: Function, protocol: bool) -> bool:
    """Whether a method is for callers: it has a name of its own, and a docstring, except where names say it all."""
    return not node.name.startswith("_") and (protocol or ast.get_docstring(node) is not None)


def _is_private(node: ast.AnnAssign) -> bool:
    return ast.unparse(node.target).startswith("_") or "ClassVar" in ast.unparse(node.annotation)


def _named(node: ast.stmt) -> set[str]:
    match node:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            return {name}
        case ast.Assign(targets=targets):
            return {ast.unparse(each) for each in targets}
        case ast.AnnAssign(target=target):
            return {ast.unparse(target)}
        case _:
            return set()


def _code(text: str) -> str:
    return f"```pyi\n{text}\n```\n"


def _prose(docstring: str | None) -> str:
    return inspect.cleandoc(docstring or "").replace("<", "\\<") if docstring else ""
