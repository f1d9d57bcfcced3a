"""What the model card says of the networks: what they are, where from, and their settings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from automl.bundle.members import read_members

Info = Mapping[str, Any]


def networks(info: Info) -> str:
    """Say what the model is made of: one network, or several."""
    members = read_members(info)
    families = Counter(str(member.recipe["family"]) for member in members)
    baselines = sum(member.layers is not None for member in members)
    if len(members) == 1:
        if baselines:
            described = members[0].recipe["description"]
            return f"The baseline `{next(iter(families))}` ({described}), which is no network"
        return f"A `{next(iter(families))}` network"
    kinds = ", ".join(f"{n} `{family}`" for family, n in families.most_common())
    what = f"{len(members) - baselines} networks"
    if baselines:
        what += f" and {baselines} fits of baselines"
    return f"An ensemble of {what} ({kinds}), whose outputs are averaged"


def origins(info: Info) -> list[str]:
    """Say where families come from that are not automl's own."""
    found = {
        str(member.recipe["family"]): _origin(member.plugin)
        for member in read_members(info)
        if member.plugin
    }
    if len(read_members(info)) == 1:
        return [f"Its family comes from {origin}." for origin in found.values()]
    return [f"The family `{family}` comes from {origin}." for family, origin in found.items()]


def _origin(plugin: Info) -> str:
    if plugin["is_file"]:
        return f"the file `{plugin['source']}` (SHA-256 {plugin['version']}), which is not in here"
    return f"the package `{plugin['source']}` {plugin['version']}"


def training(info: Info) -> str:
    """Return the section of settings, and of the versions that trained with them."""
    versions = ", ".join(f"{name} {version}" for name, version in info["versions"].items())
    return "\n\n".join(
        ["## Settings", *_members(info), *_settings(info), f"Trained with {versions}."]
    )


def _members(info: Info) -> list[str]:
    """Return the table of an ensemble's networks; nothing for one network."""
    members = read_members(info)
    if len(members) == 1:
        return []
    rows = []
    for member in members:
        how = ", ".join(f"{name.replace('_', ' ')} {v}" for name, v in member.training.items())
        family = member.recipe["family"]
        rows.append(f"| `{member.weights}` | {member.share:.4g} | {family} | {how} |")
    return [
        "\n".join(["| network | share | family | training |", "| --- | --- | --- | --- |", *rows])
    ]


def _settings(info: Info) -> list[str]:
    """Return a table of settings for each recipe that there is."""
    members, tables = read_members(info), []
    recipes = [member.recipe for member in members]
    for recipe in (r for i, r in enumerate(recipes) if r not in recipes[:i]):
        settings = [
            f"| {section}.{name} | {value} |"
            for section, values in recipe.items()
            if isinstance(values, dict)
            for name, value in values.items()
            if section != "preprocessing" or _decides(name, info["input"])
        ]
        if len(members) > 1:
            names = ", ".join(f"`{m.weights}`" for m in members if m.recipe == recipe)
            tables.append(f"Settings of {names}:")
        head = ["| setting | value |", "| --- | --- |", f"| family | {recipe['family']} |"]
        tables.append("\n".join([*head, *settings]))
    return tables


def _decides(setting: str, inputs: Info) -> bool:
    """Return whether a setting of the preprocessing makes a difference for such rows."""
    if setting == "embed_above":
        return any(column["kind"] == "category" for column in inputs.get("columns", []))
    return bool(inputs["kind"] == "vector")
