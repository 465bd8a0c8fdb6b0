"""Disks of the guests as files: an image below, an overlay above, and what qemu-img does with them."""

import hashlib
import json
import os
import subprocess


def qemu_img(*words):
    """Runs qemu-img and returns what it printed."""
    return subprocess.run(("qemu-img", *words), check=True, capture_output=True, text=True).stdout


def info(path):
    """What qemu-img knows about a file, although somebody may have it open."""
    return json.loads(qemu_img("info", "-U", "--output=json", path))


def base_of(cache, image, fetch):
    """The raw file of an image in a host's cache; fetch(path) downloads it the first time."""
    path = os.path.join(cache, hashlib.sha1(image.encode()).hexdigest())
    if not os.path.exists(path):
        os.makedirs(cache, exist_ok=True)
        fetched = path + ".fetched"
        fetch(fetched)
        qemu_img("convert", "-O", "raw", fetched, path + ".raw")
        os.unlink(fetched)
        os.rename(path + ".raw", path)
    return path


def overlay(base, path, gigabytes):
    """A new disk over a base; a flavor without a disk size gives the size of the image."""
    size = [f"{gigabytes}G"] if gigabytes else []
    qemu_img("create", "-f", "qcow2", "-F", "raw", "-b", base, path, *size)


def flat_copy(source, path):
    """A copy that needs no base."""
    qemu_img("convert", "-U", "-O", "qcow2", source, path)


def grow(path, gigabytes):
    """Makes a disk larger, never smaller."""
    if info(path)["virtual-size"] < gigabytes << 30:
        qemu_img("resize", path, f"{gigabytes}G")


def merge(folder, active, top, target):
    """Removes a link from a chain of files: `top` into `target`, or everything above `top` into the active file."""
    if target is not None:
        qemu_img("commit", "-b", os.path.join(folder, target), os.path.join(folder, top))
    elif top is None:
        qemu_img("rebase", "-b", "", os.path.join(folder, active))
    else:
        below = os.path.join(folder, top)
        qemu_img("rebase", "-b", below, "-F", info(below)["format"], os.path.join(folder, active))
