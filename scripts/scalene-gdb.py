"""Loads the scalene commands into GDB: `source .../scalene-gdb.py`, from the build tree or from an installation."""
import importlib.machinery
import importlib.util
import os
import sys

import gdb


def _scalene_find():
    # GDB sets __file__ to the name that it was given, symbolic links and all.
    here = os.path.dirname(os.path.realpath(__file__))
    built = os.path.join(here, "..", os.environ.get("SCALENE_BUILD", "build"))
    places = [os.path.normpath(place) for place in (here, built, os.path.join(here, "..", "lib", "scalene-dbg"))]
    for place in places:
        path = os.path.join(place, "scalene_gdb.abi3.so")
        if os.path.exists(path):
            return path
    raise ImportError("scalene_gdb.abi3.so is not in %s: build it with `make`" % ", ".join(places))


def _scalene_load():
    path = _scalene_find()
    loader = importlib.machinery.ExtensionFileLoader("scalene_gdb", path)
    spec = importlib.util.spec_from_file_location("scalene_gdb", path, loader=loader)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    sys.modules["scalene_gdb"] = module


if "scalene_gdb" not in sys.modules:
    try:
        _scalene_load()
    except ImportError as error:
        # An exception would come with a traceback.
        gdb.write("scalene is not loaded: %s\n" % error, gdb.STDERR)
