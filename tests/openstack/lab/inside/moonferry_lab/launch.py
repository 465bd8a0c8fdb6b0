"""python -m moonferry_lab.launch MODULE:FUNCTION [arguments]: runs a console entry point.

Debian's library packages come without the programs, and nova looks for its drivers only below nova.virt.
"""

import importlib
import sys


def main():
    """Runs the entry point as the program of its service's name, such as nova-conductor."""
    spec = sys.argv[1]
    module, _, function = spec.partition(":")
    words = module.split(".")
    sys.argv = [f"{words[0]}-{words[-1]}", *sys.argv[2:]]
    entry = getattr(importlib.import_module(module), function)
    if module == "nova.cmd.compute":
        # Only now: the import above is what patches the standard library for eventlet.
        sys.modules["nova.virt.moonferry_lab"] = importlib.import_module("moonferry_lab.driver")
    sys.exit(entry())


main()
