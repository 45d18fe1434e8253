"""Decodes every JPEG file below a folder in one Pillow process, and prints what it took: python pillow.py FOLDER"""
import json
import os
import resource
import sys
import time

from PIL import Image

started = time.perf_counter()
images = 0
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        with Image.open(os.path.join(folder, name)) as image:
            image.convert("RGB").tobytes()
        images += 1
used = resource.getrusage(resource.RUSAGE_SELF)
print(
    json.dumps(
        {
            "seconds": time.perf_counter() - started,
            "cpuSeconds": used.ru_utime + used.ru_stime,
            "images": images,
            "peak": used.ru_maxrss * 1024,
        }
    )
)
