"""Runs a script as if it had been called by itself, and prints the process's peak of resident memory as a last JSON line.

    python3 measured.py script.py [arguments]
"""
import atexit
import json
import re
import resource
import runpy
import sys


def peak_bytes():
    try:
        with open("/proc/self/status") as status:
            return int(re.search(r"VmHWM:\s+(\d+)", status.read())[1]) * 1024
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


atexit.register(lambda: print(json.dumps({"peak_bytes": peak_bytes()})))
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
