"""Two real OpenStack clouds on one Debian 12 machine, for the tests.

`source` is Zed from Debian's own packages, `target` is 2026.2 from PyPI.  The lab is not a
model deployment: it binds to loopback only, runs as root and keeps everything it makes
under one directory, so that taking it down leaves the machine as it was (but for apt's
packages).  The hypervisor is nova's fake driver with real disks on the file system
(`inside/`), because the point is the API and the bytes, not the guests' instructions.

    python3 tests/openstack/lab up | seed | status | down [--purge]
"""
