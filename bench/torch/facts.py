"""Prints one JSON object about this PyTorch: its version ("torch"), "compiles" and "blas"."""
import ctypes
import json
import os
import re

import torch


class DlInfo(ctypes.Structure):
    """What dladdr(3) fills in."""

    _fields_ = [
        ("file", ctypes.c_char_p),
        ("base", ctypes.c_void_p),
        ("symbol", ctypes.c_char_p),
        ("address", ctypes.c_void_p),
    ]


def library_of(symbol):
    """The file of the `symbol` that PyTorch's operators call; empty when it cannot be found (it can on Linux only)."""
    try:
        with open("/proc/self/maps") as maps:
            operators = re.search(r"/\S*libtorch_cpu\.so", maps.read())
        function = ctypes.cast(getattr(ctypes.CDLL(operators[0]), symbol), ctypes.c_void_p)
    except (OSError, TypeError, AttributeError):
        return ""
    info = DlInfo()
    ctypes.CDLL(None).dladdr(function, ctypes.byref(info))
    return os.path.realpath(os.fsdecode(info.file)) if info.file else ""


def blas():
    """The library that multiplies matrices: mkl, openblas, blis, atlas, reference (Netlib's loops), or unknown."""
    # Debian names it in the last folder: .../openblas-openmp/libblas.so.3. Folders above may have any name.
    file = "/".join(library_of("sgemm_").split("/")[-2:])
    built_in = re.search(r"BLAS_INFO=(mkl|open)\b", torch.__config__.show())
    for name in ("mkl", "openblas", "blis", "atlas"):
        if name in file or (built_in and name.startswith(built_in[1])):
            return name
    return "reference" if "/libblas." in file else "unknown"


facts = {"torch": torch.__version__, "compiles": hasattr(torch, "compile")}
print(json.dumps({**facts, "blas": blas()}))
