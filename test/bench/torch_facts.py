"""Prints what is to be told of a PyTorch beside its times, as one JSON object: {"torch", "compiles", "blas"}."""
import ctypes
import json
import os
import re

import torch


class DlInfo(ctypes.Structure):
    _fields_ = [("file", ctypes.c_char_p), ("base", ctypes.c_void_p), ("symbol", ctypes.c_char_p), ("address", ctypes.c_void_p)]


def library_of(symbol):
    """The file whose `symbol` PyTorch's operators call; empty where it can't be told (Linux alone can)."""
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
    """The library that multiplies matrices: mkl, openblas, blis, atlas, reference (Netlib's plain loops), or unknown."""
    # Debian tells it by the folder, /usr/lib/x86_64-linux-gnu/openblas-openmp/libblas.so.3; those above it are anybody's.
    file = "/".join(library_of("sgemm_").split("/")[-2:])
    built_in = re.search(r"BLAS_INFO=(mkl|open)\b", torch.__config__.show())
    for name in ("mkl", "openblas", "blis", "atlas"):
        if name in file or (built_in and name.startswith(built_in[1])):
            return name
    return "reference" if "/libblas." in file else "unknown"


print(json.dumps({"torch": torch.__version__, "compiles": hasattr(torch, "compile"), "blas": blas()}))
