"""pythons - the interpreters that the integration tests run with: those of the machine and what get-pythons brought."""
import glob
import os
import re
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Python:
    def __init__(self, path, version, features=""):
        """features: words of those that PROBE prints."""
        self.path, self.version, self.features = path, version, features
        self.debug, self.static = "debug" in features, "static" in features
        self.name = version + ("d" if self.debug else "")
        self.extra = False  # another build of the same minor version stands for it
        self.short = ".".join(version.split(".")[:2])

    @property
    def tuple(self):
        return tuple(int(part) for part in self.short.split("."))


def supported_versions():
    names = glob.glob(os.path.join(ROOT, "common", "layout", "cpython-*.def"))
    return {re.match(r"cpython-(\d+\.\d+)\.def$", os.path.basename(name)).group(1) for name in names}


def candidates():
    if os.environ.get("SCALENE_PYTHONS") not in (None, "", "ends"):
        yield from os.environ["SCALENE_PYTHONS"].replace(",", " ").split()
        return
    for name in ["python3"] + ["python3.%d" % minor for minor in range(8, 30)]:
        for directory in os.environ.get("PATH", "").split(os.pathsep) + ["/usr/bin"]:
            path = os.path.join(directory, name)
            if os.access(path, os.X_OK):
                yield path
    yield from sorted(glob.glob(os.path.expanduser("~/.pyenv/versions/3.*/bin/python3")))
    yield from sorted(glob.glob(os.path.join(ROOT, "build", "pythons", "*", "usr", "bin", "python3.*")))


PROBE = """import importlib.util, os, platform, sys
with open("/proc/self/maps") as maps:
    shared = "libpython3" in maps.read()
features = {"venv": importlib.util.find_spec("ensurepip"), "static": not shared, "debug": hasattr(sys, "gettotalrefcount")}
print(platform.python_implementation(), platform.python_version(), "+".join(name for name in features if features[name]) or "-",
      os.path.realpath(sys.executable))
"""


def find_pythons():
    """Every supported CPython, each binary once, oldest first. A shim stands for what it starts."""
    found = {}
    for path in candidates():
        run = subprocess.run([path, "-c", PROBE], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        fields = run.stdout.decode().split(None, 3)
        if run.returncode == 0 and len(fields) == 4 and fields[0] == "CPython":
            path = fields[3].strip()
            found.setdefault(path, Python(path, fields[1], fields[2]))
    supported = supported_versions()
    pythons = [python for python in found.values() if not supported or python.short in supported]
    pythons.sort(key=lambda python: [python.tuple, not python.debug, *map(int, re.findall(r"\d+", python.version)[:3])])
    if os.environ.get("SCALENE_PYTHONS") == "ends":
        return pythons[:1] + pythons[1:][-1:]
    if not os.environ.get("SCALENE_PYTHONS"):
        for older, newer in zip(pythons, pythons[1:]):
            older.extra = older.short == newer.short
    return pythons
