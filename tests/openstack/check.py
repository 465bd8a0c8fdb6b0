"""Judges a migration with openstacksdk and the disks themselves; exits 1 on any difference.

    check.py record   FILE --cloud CLOUD [--project NAME]   remember a cloud, and a project in it, as it is now
    check.py migrated FILE --cloud target --project NAME    the target has the project that FILE remembers of the source
    check.py same     FILE --cloud CLOUD                    the cloud is as it was, every object and field (after an undo)
    check.py stopped  FILE --cloud source --project NAME    the same, but the project's servers are stopped and tagged
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import time

from census import census
from common import Site
from portrait import View, portrait


class Tally:
    """Prints a line per check and counts."""

    def __init__(self, quiet: bool):
        self.checks = self.differences = 0
        self.quiet = quiet

    def compare(self, kind: str, key: str, before: dict | None, after: dict | None) -> None:
        """One object, wanted and found."""
        self.checks += 1
        if before == after:
            if not self.quiet:
                print(f"ok    {kind} {key}")
            return
        self.differences += 1
        if before is None or after is None:
            print(f"DIFF  {kind} {key}: {'is there and was not' if before is None else 'is missing'}: {_short(after or before)}")
            return
        for field in sorted(before.keys() | after.keys()):
            if before.get(field) != after.get(field):
                print(f"DIFF  {kind} {key}: {field}: was {_short(before.get(field))}, is {_short(after.get(field))}")

    def all(self, before: dict, after: dict) -> None:
        """Every kind, every object."""
        for kind in list(before) + [kind for kind in after if kind not in before]:
            wanted, found = before.get(kind, {}), after.get(kind, {})
            for key in sorted(wanted.keys() | found.keys()):
                self.compare(kind, key, wanted.get(key), found.get(key))


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) < 400 else text[:400] + "…"


def _shape(value: object) -> object:
    """What a value is after a trip through JSON: tuples are lists."""
    return json.loads(json.dumps(value))


def migrated(tally: Tally, view: View, record: dict, project: str) -> None:
    """The target's project against the recorded source's."""
    wanted, found = record["portrait"], _shape(portrait(view, project))
    for name in [name for name, image in wanted["image"].items() if not image["own"]]:
        # The operator's image need not come along: the servers' disks have its bytes.
        mine = wanted["image"].pop(name)
        other = found.get("image", {}).pop(name, None)
        if other:
            tally.compare("image of the operator", name, mine, other)
    for name in [name for name, image in found.get("image", {}).items() if not image["own"]]:
        found["image"].pop(name)
    tally.all(wanted, found)


def _named(cloud: dict) -> dict:
    """The same with names beside the ids, for the reader."""
    return {kind: {f"{key} {thing['name']}" if thing.get("name") and thing["name"] not in key else key: thing
                   for key, thing in things.items()} for kind, things in cloud.items()}


def _stopped(before: dict, after: dict) -> dict:
    """What a migrated server at the source may look like: stopped, marked, otherwise as before."""
    allowed = dict(before)
    for field in ("status", "OS-EXT-STS:power_state", "OS-EXT-STS:vm_state", "OS-EXT-STS:task_state"):
        allowed[field] = after.get(field)
    marks = [tag for tag in after.get("tags", []) if tag.lower().startswith("moonferry")]
    notes = {key: value for key, value in after.get("metadata", {}).items() if key.lower().startswith("moonferry")}
    if after.get("status") == "SHUTOFF" and (marks or notes):
        allowed["tags"] = sorted(before["tags"] + marks)
        allowed["metadata"] = before["metadata"] | notes
    else:
        allowed["status"] = "SHUTOFF and marked"
    return dict(sorted(allowed.items()))


def same(tally: Tally, view: View, record: dict, project: str | None) -> None:
    """A whole cloud against its record; with a project, its servers are to be stopped."""
    before, after = record["census"], _shape(census(view))
    if project:
        owner = view.project(project)["id"]
        for key, server in before["server"].items():
            if server["tenant_id"] == owner and key in after["server"]:
                before["server"][key] = _stopped(server, after["server"][key])
    tally.all(_named(before), _named(after))
    for name in record["portrait"].get("project", {}):
        # Fields may be as they were while the disks are not.
        found = _shape(portrait(view, name))
        tally.all({"bytes": record["portrait"]["bytes"]}, {"bytes": found.get("bytes", {})})


def main() -> int:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mode", choices=["record", "migrated", "same", "stopped"])
    parser.add_argument("file", type=pathlib.Path)
    parser.add_argument("--cloud", required=True)
    parser.add_argument("--project")
    parser.add_argument("--lab-dir", default=os.environ.get("LAB_DIR", "/var/tmp/moonferry-lab"))
    parser.add_argument("--quiet", action="store_true", help="print only what differs")
    options = parser.parse_args()
    if options.mode in ("migrated", "stopped") and not options.project:
        parser.error(f"{options.mode} needs --project")
    began = time.monotonic()
    view = View(Site(options.lab_dir), options.cloud)
    if options.mode == "record":
        record = {"census": census(view), "portrait": portrait(view, options.project) if options.project else {}}
        options.file.write_text(json.dumps(record, indent=1, ensure_ascii=False, sort_keys=True, default=str))
        print(f"{sum(map(len, record['census'].values()))} objects of {options.cloud} recorded in {time.monotonic() - began:.0f} s")
        return 0
    record = json.loads(options.file.read_text())
    tally = Tally(options.quiet)
    if options.mode == "migrated":
        migrated(tally, view, record, options.project)
    else:
        same(tally, view, record, options.project if options.mode == "stopped" else None)
    print(f"{tally.checks} checks, {tally.differences} differences")
    return 1 if tally.differences else 0


raise SystemExit(main())
