"""Ini files from dictionaries."""

from __future__ import annotations

from collections.abc import Iterable

Section = dict[str, object]
Sections = dict[str, Section]


def value(thing: object) -> str:
    """One option's value the way oslo.config reads it."""
    if isinstance(thing, bool):
        return "true" if thing else "false"
    if isinstance(thing, (list, tuple)):
        return ",".join(value(one) for one in thing)
    return str(thing)


def merge(parts: Iterable[Sections]) -> Sections:
    """Lays sections over each other; the later part wins."""
    whole: Sections = {}
    for part in parts:
        for name, section in part.items():
            whole[name] = whole.get(name, {}) | section
    return whole


def render(sections: Sections) -> str:
    """The text of an ini file."""
    lines = []
    for name, section in sections.items():
        lines.append(f"[{name}]")
        lines += [f"{key} = {value(thing)}" for key, thing in section.items()]
        lines.append("")
    return "\n".join(lines)
