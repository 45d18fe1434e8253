"""Prints as JSON what TensorBoard reads of the runs in a folder: python read.py <folder>"""

import io
import json
import struct
import sys

from tensorboard.backend.event_processing.event_multiplexer import EventMultiplexer
from tensorboard.plugins.hparams import metadata

multiplexer = EventMultiplexer(size_guidance={"scalars": 0, "images": 0}).AddRunsFromDirectory(sys.argv[1])
multiplexer.Reload()


def size_of(png):
    """Width and height in the header of a PNG file."""
    stream = io.BytesIO(png)
    assert stream.read(8) == b"\x89PNG\r\n\x1a\n"
    stream.read(8)
    return struct.unpack(">II", stream.read(8))


def value_of(field):
    return getattr(field, field.WhichOneof("kind"))


def read(run):
    accumulator = multiplexer.GetAccumulator(run)
    tags = accumulator.Tags()
    scalars = {
        tag: [[event.step, event.wall_time, event.value] for event in accumulator.Scalars(tag)]
        for tag in tags["scalars"]
    }
    images = {
        tag: [[i.step, i.width, i.height, size_of(i.encoded_image_string)] for i in accumulator.Images(tag)]
        for tag in tags["images"]
    }
    plugin = multiplexer.PluginRunToTagToContent("hparams").get(run, {})
    start = metadata.parse_session_start_info_plugin_data(plugin["_hparams_/session_start_info"])
    end = metadata.parse_session_end_info_plugin_data(plugin["_hparams_/session_end_info"])
    hparams = {name: value_of(field) for name, field in start.hparams.items()}
    return {"scalars": scalars, "images": images, "hparams": hparams, "group": start.group_name, "status": end.status}


print(json.dumps({run: read(run) for run in multiplexer.Runs()}))
