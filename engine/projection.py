"""Projections: for each step of a plan, Python code that turns all its outcomes into answers in one go.

What is recognised at a glance (a str where a String is wanted, a list where a list is) is copied over; whatever is not makes
the generated code raise, and that one value is completed by engine.completion instead, which knows every case.

The code is made from names of the schema and response keys of a validated document only, and each is quoted where it enters.
"""

from collections.abc import Iterable, Mapping
from inspect import iscoroutinefunction
from types import CoroutineType, GeneratorType
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLString,
    Undefined,
)
from graphql.execution.execute import default_type_resolver
from graphql.execution.executor import Executor
from graphql.pyutils import is_awaitable

from engine.completion import complete
from engine.plan import Abstract, Attribute, Entry, Leaf, List, Object, Plan, Selection, Shape, Step, Typename

MAX_NESTED_LISTS = 5
"""Lists nested deeper become functions of their own: Python nests at most 20 loops and try blocks."""

MAX_INDENT = 40
"""What is indented deeper becomes a function of its own, too: Python indents at most 100 levels."""


class Unrecognised(Exception):
    """The value needs a closer look."""


def generate(plan: Plan) -> None:
    """Give each step of the plan its `finish(run, outcomes, holders)`."""
    module = _Module()
    names = [module.finish(step) for step in plan.steps]
    plan.source = "\n\n".join(module.functions)
    exec(compile(plan.source, "<projection>", "exec"), module.constants)  # noqa: S102 - our own code: see above
    plan.code = module.constants
    for step, name in zip(plan.steps, names, strict=True):
        step.finish = module.constants[name]


class _Module:
    """All functions of one plan, and the constants they refer to."""

    def __init__(self) -> None:
        self.functions: list[str] = []
        self.constants: dict[str, Any] = {"complete": complete, "admit": _admit, "unrecognised": _unrecognised}
        self._count = 0

    def name(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}{self._count}"

    def constant(self, prefix: str, value: Any) -> str:
        name = self.name(prefix)
        self.constants[name] = value
        return name

    def finish(self, step: Step) -> str:
        code = _Function(self)
        shape, key = self.constant("S", step.shape), repr(step.key)
        code.line("for h, v in zip(holders, outcomes):")
        with code:
            undo = code.undoing(step.shape)
            code.line("try:")
            with code:
                code.line(f"h[{key}] = {code.value(step.shape, 'v')}")
            code.line("except Exception:")
            with code:
                code.lines(undo)
                code.line(f"complete(run, {shape}, v, h, {key})")
        return code.closed("finish", "run, outcomes, holders")

    def builder(self, shape: Shape, selection: Selection) -> str:
        """A function of its own for one type that a value of an abstract type may have."""
        code = _Function(self)
        code.line(f"return {code.object(shape, selection, 'v')}")
        return code.closed("build", "run, v")

    def table(self, builders: Mapping[str, str]) -> str:
        name = self.name("B")
        rows = ", ".join(f"{kind!r}: {builder}" for kind, builder in builders.items())
        self.functions.append(f"{name} = {{{rows}}}")
        return name


class _Function:
    """One function being written: `value` adds the statements it needs and gives an expression for the result."""

    def __init__(self, module: _Module) -> None:
        self._module = module
        self._fetched: dict[str, str] = {}
        self._lines: list[str] = []
        self._indent = 1
        self._lists = 0

    def line(self, text: str) -> None:
        self._lines.append("    " * self._indent + text)

    def lines(self, texts: Iterable[str]) -> None:
        for text in texts:
            self.line(text)

    def __enter__(self) -> None:
        self._indent += 1

    def __exit__(self, *_: object) -> None:
        self._indent -= 1

    def closed(self, prefix: str, parameters: str) -> str:
        name = self._module.name(prefix)
        fetched = [f"    {local} = {expression}" for expression, local in self._fetched.items()]
        self._module.functions.append("\n".join([f"def {name}({parameters}):", *fetched, *self._lines]))
        return name

    def _fetch(self, prefix: str, expression: str) -> str:
        """A local name for what is looked up once a call of the function."""
        if expression not in self._fetched:
            self._fetched[expression] = self._module.name(prefix)
        return self._fetched[expression]

    def undoing(self, shape: Shape) -> list[str]:
        """Before an attempt: notes how long the run's lists are. Gives what cuts them back before the value is completed anew."""
        cuts: list[str] = []
        for expression in _grown_midway(shape):
            grown, mark = self._fetch("g", expression), self._module.name("m")
            self.line(f"{mark} = len({grown})")
            cuts.append(f"del {grown}[{mark}:]")
        return cuts

    def value(self, shape: Shape, source: str) -> str:
        if isinstance(shape, Leaf):
            return _leaf(self._module, shape, source)
        value, result = self._module.name("v"), self._module.name("r")
        self.line(f"{value} = {source}")
        self.line(f"if {value} is None:")
        with self:
            self.line(f"{result} = None" if shape.nullable else "unrecognised(None)")
        self.line("else:")
        with self:
            self._present(shape, value, result)
        return result

    def _present(self, shape: Shape, value: str, result: str) -> None:
        if self._indent > MAX_INDENT or (self._lists >= MAX_NESTED_LISTS and isinstance(shape, List)):
            code = _Function(self._module)
            code._present(shape, "v", "r")
            code.line("return r")
            self.line(f"{result} = {code.closed('part', 'run, v')}(run, {value})")
        elif isinstance(shape, List):
            self._list(shape, value, result)
        elif isinstance(shape, Abstract):
            self._abstract(shape, value, result)
        elif isinstance(shape, Object):
            self.line(f"{result} = {self.object(shape, shape.selection, value)}")

    def _list(self, shape: List, value: str, result: str) -> None:
        self.line(f"if {value}.__class__ is not list and {value}.__class__ is not tuple: unrecognised(None)")
        item, add = self._module.name("v"), self._module.name("a")
        self.line(f"{result} = []")
        self.line(f"{add} = {result}.append")
        self.line(f"for {item} in {value}:")
        self._lists += 1
        with self:
            self._item(shape.item, item, add, result)
        self._lists -= 1

    def _item(self, shape: Shape, item: str, add: str, result: str) -> None:
        """An item that is not recognised is completed by itself: its neighbours stay as they are."""
        if isinstance(shape, Leaf):
            self.line(f"{add}({self.value(shape, item)})")
            return
        undo = self.undoing(shape)
        self.line("try:")
        with self:
            self.line(f"{add}({self.value(shape, item)})")
        self.line("except Exception:")
        with self:
            self.lines(undo)
            self.line(f"{add}(None)")
            self.line(f"complete(run, {self._module.constant('S', shape)}, {item}, {result}, len({result}) - 1)")

    def _abstract(self, shape: Abstract, value: str, result: str) -> None:
        table = self._module.table({name: self._module.builder(shape, each) for name, each in shape.selections.items()})
        if _is_told_later(shape):
            self.line("unrecognised(None)")
        resolve = self._module.constant("T", shape.type.resolve_type or default_type_resolver)
        kind, name = self._module.constant("K", shape.type), self._module.name("n")
        self._admit(value)
        self.line(f"{name} = {resolve}({value}, {self._info(shape)}, {kind})")
        self.line(f"if {name}.__class__ is not str: unrecognised({name})")
        self.line(f"{result} = {table}[{name}](run, {value})")

    def _info(self, shape: Shape) -> str:
        return self._fetch("i", f"run.info({self._module.constant('P', shape.position)})")

    def _admit(self, value: str) -> None:
        known = self._module.constant("C", set())
        self.line(f"if {value}.__class__ not in {known}: admit({known}, {value})")

    def object(self, shape: Shape, selection: Selection, value: str) -> str:
        self._admit(value)
        if selection.type.is_type_of is not None:
            check, is_one = self._module.constant("T", selection.type.is_type_of), self._module.name("t")
            self.line(f"{is_one} = {check}({value}, {self._info(shape)})")
            self.line(f"if {is_one} is not True: unrecognised({is_one})")
        if any(entry.when is not None for entry in selection.entries):
            result = self._one_by_one(selection, value)
        else:
            rows = [f"{entry.key!r}: {self._entry(entry, value)}" for entry in selection.entries]
            result = f"{{{', '.join(rows)}}}"
        if not selection.steps:
            return result
        answer = self._module.name("d")
        self.line(f"{answer} = {result}")
        for step in selection.steps:
            self.line(f"{self._fetch('p', f'run.collectors[{step.index}][0].append')}({value})")
            self.line(f"{self._fetch('h', f'run.collectors[{step.index}][1].append')}({answer})")
        return answer

    def _one_by_one(self, selection: Selection, value: str) -> str:
        """Where conditions hang on variables, fields are put in one after the other."""
        result = self._module.name("d")
        self.line(f"{result} = {{}}")
        placed: set[str] = set()
        for entry in selection.entries:
            tests = [self._fetch("f", f"run.flags[{entry.when}]")] if entry.when is not None else []
            if entry.key in placed:
                tests.append(f"{entry.key!r} not in {result}")
            placed.add(entry.key)
            self.line(f"if {' and '.join(tests) or True}:")
            with self:
                self.line(f"{result}[{entry.key!r}] = {self._entry(entry, value)}")
        return result

    def _entry(self, entry: Entry, value: str) -> str:
        if isinstance(entry.source, Typename):
            return repr(entry.source.name)
        if isinstance(entry.source, Attribute):
            return self.value(entry.source.shape, f"{value}.{entry.source.name}")
        return "None"


def _is_told_later(shape: Abstract) -> bool:
    """Whether a value's type has to be awaited: the completion asks for it, and only once."""
    deciding = (
        [shape.type.resolve_type]
        if shape.type.resolve_type
        else [each.type.is_type_of for each in shape.selections.values()]
    )
    return any(iscoroutinefunction(each) for each in deciding)


def _grown_midway(shape: Shape) -> Iterable[str]:
    """The run's lists that an attempt at this shape may have added to by the time it fails.

    An object's own steps are given their parent last of all, and a list does not fail once it has begun: what is left is
    what stands in the attributes of an object.
    """
    if isinstance(shape, Object):
        return _grown_by_attributes([shape.selection])
    return _grown_by_attributes(shape.selections.values()) if isinstance(shape, Abstract) else ()


def _grown_by_attributes(selections: Iterable[Selection]) -> dict[str, None]:
    entries = [entry for selection in selections for entry in selection.entries]
    shapes = {id(each.source): each.source.shape for each in entries if isinstance(each.source, Attribute)}
    return {name: None for shape in shapes.values() for name in _grown(shape)}


def _grown(shape: Shape) -> dict[str, None]:
    if isinstance(shape, List):
        noted = {} if isinstance(shape.item, Leaf) else {"run.pending": None, "run.faults": None}
        return noted | _grown(shape.item)
    if not isinstance(shape, Object | Abstract):
        return {}
    selections = [shape.selection] if isinstance(shape, Object) else list(shape.selections.values())
    steps = [step.index for selection in selections for step in selection.steps]
    return {f"run.collectors[{step}][{side}]": None for step in steps for side in (0, 1)} | _grown_by_attributes(
        selections
    )


def _leaf(module: _Module, shape: Leaf, source: str) -> str:
    """An expression for a leaf: recognised, or given a closer look."""
    value, known = module.name("v"), set[type]()
    slow = module.constant("L", _CloserLook(shape.type, known))
    bound = f"({value} := {source})"
    test, result = _recognised(module, shape.type, (value if shape.nullable else bound, value), known)
    present = f"{result} if {test} else {slow}({value})"
    return f"(None if {bound} is None else {present})" if shape.nullable else f"({present})"


def _recognised(module: _Module, kind: GraphQLLeafType, names: tuple[str, str], known: set[type]) -> tuple[str, str]:
    """A test, which mentions the first of the names before the second, and the result where it holds."""
    first, value = names
    if kind is GraphQLString or kind is GraphQLID:
        return f"{first}.__class__ is str", value
    if kind is GraphQLBoolean:
        return f"{first} is True or {value} is False", value
    if kind is GraphQLInt:
        return f"{first}.__class__ is int and -2147483648 <= {value} <= 2147483647", value
    if kind is GraphQLFloat:
        return f"{first}.__class__ is float and {value} - {value} == 0", value
    result = module.name("r")
    members = getattr(kind, "wrapped_cls", None)
    if isinstance(kind, GraphQLEnumType) and members is not None:
        # By identity: hashing a member of an Enum calls Python code, and members live as long as their class.
        by_identity = {id(member): kind.coerce_output_value(member) for member in members}
        return f"({result} := {module.constant('E', by_identity.get)}(id({first}))) is not None", result
    serialise, classes = module.constant("Z", kind.coerce_output_value), module.constant("C", known)
    return f"{first}.__class__ in {classes} and ({result} := {serialise}({value})).__class__ is str", result


class _CloserLook:
    """Completes a leaf that was not recognised; raises for what is no plain value."""

    def __init__(self, kind: GraphQLLeafType, known: set[type]) -> None:
        self._kind, self._known = kind, known

    def __call__(self, value: Any) -> Any:
        _admit(self._known, value)
        return Executor.complete_leaf_value(self._kind, value)


def _admit(known: set[type], value: Any) -> None:
    """Values of this class are plain values from now on. Generators are not told by their class: some can be awaited."""
    if value is None or isinstance(value, BaseException) or value is Undefined or is_awaitable(value):
        raise Unrecognised
    if not isinstance(value, GeneratorType):
        known.add(value.__class__)


def _unrecognised(value: Any) -> None:
    """What has to be awaited before the answer is known is asked for again by the completion, so this one is let go."""
    if isinstance(value, CoroutineType):
        value.close()
    raise Unrecognised
