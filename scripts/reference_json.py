"""The JSON of `titian` as parts of its page, from docs/reference/cli.schema.json: `json NAME`."""

import json
import pathlib

from reference_table import table

SCHEMA = pathlib.Path(__file__).resolve().parent.parent / "docs/reference/cli.schema.json"
SCALARS = {"utc": "time, UTC", "wall": "wall clock", "hex": "hex", "hash": "SHA-256, hex"}
TYPES = {"string": "text", "integer": "number", "number": "number", "boolean": "true, false", "null": "null",
         "object": "object", "array": "list"}


def definitions():
    return json.loads(SCHEMA.read_text())["$defs"]


def names():
    """Those that have a part of their own: all but what a single value is."""
    return set(definitions()) - set(SCALARS)


def takes(shape):
    if "$ref" in shape:
        name = shape["$ref"].rsplit("/", 1)[1]
        return SCALARS.get(name) or f"`{name}`"
    if "const" in shape:
        const = shape["const"]
        return f"`{str(const).lower() if isinstance(const, bool) else const}`"
    if "enum" in shape:
        return ", ".join(f"`{value}`" for value in shape["enum"])
    for choice in ("oneOf", "anyOf"):
        if choice in shape:
            return " or ".join(takes(one) for one in shape[choice])
    kind = shape.get("type", "any")
    if isinstance(kind, list):
        return " or ".join(TYPES[one] for one in kind)
    if kind == "array" and "properties" not in shape.get("items", {}):
        return f"list of {takes(shape.get('items', {}))}"
    return TYPES.get(kind, kind)


def rows(shape, prefix=""):
    """One for each key, those of objects inside behind it: `host.now`, `terminals[].name`."""
    for key, inner in shape.get("properties", {}).items():
        if "const" in inner:
            continue
        there = "always" if key in shape.get("required", []) else ""
        if "description" not in inner:
            raise SystemExit(f"cli.schema.json: say what '{prefix}{key}' is, as its description")
        yield [f"`{prefix}{key}`", takes(inner), there, inner["description"]]
        inside = inner.get("items", inner) if inner.get("type") == "array" else inner
        yield from rows(inside, f"{prefix}{key}{'[]' if inside is not inner else ''}.")


def keys(shape):
    return table(["key", "value", "there", "meaning"], list(rows(shape)))


def title(variant):
    """The key by which a line of several kinds is known, or its name."""
    for key, inner in variant["properties"].items():
        if "const" in inner:
            return f"`{key}` {takes(inner)}:"
    return f"{variant['title'].capitalize()}:"


def part(words):
    shape = definitions()[words[0]]
    if "oneOf" not in shape:
        return f"\n`{words[0]}`: {shape['description']}\n\n" + keys(shape) + "\n"
    text = f"\n`{words[0]}`: {shape['description']}\n"
    for variant in shape["oneOf"]:
        text += f"\n**{title(variant)}** {variant['description']}\n\n" + keys(variant)
    return text + "\n"
