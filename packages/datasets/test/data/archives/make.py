"""Writes the archives beside this file with real tools: Python's zipfile and tarfile, Info-ZIP, GNU tar, bzip2 and xz.

The content of every file is the path that a reader should show for it. Run: python3 make.py
"""
import bz2
import gzip
import io
import lzma
import os
import shutil
import subprocess
import tarfile
import tempfile
import unicodedata
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
os.chdir(HERE)


def paths(*classes):
    return [f"train/{name}/{i}.txt" for name in classes for i in (1, 2)]


class RawInfo(zipfile.ZipInfo):
    """Stores its name in a code page, without the flag that marks UTF-8, as archivers of Windows do."""

    code_page = "cp437"

    def _encodeFilenameFlags(self):
        return self.filename.encode(self.code_page), self.flag_bits & ~0x800


def legacy_zip(file, code_page, names, system=0):
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            info = RawInfo(name, (2020, 1, 1, 0, 0, 0))
            info.code_page = code_page
            info.create_system = system
            archive.writestr(info, name)


legacy_zip("gbk.zip", "gbk", paths("猫咪", "小狗", "青蛙", "大象车"))
legacy_zip("big5.zip", "big5", paths("貓咪", "小狗", "青蛙", "大象車"))
legacy_zip("shift_jis.zip", "shift_jis", paths("ネコ", "いぬ", "表示", "予想"))
legacy_zip("euc-kr.zip", "euc_kr", paths("고양이", "강아지", "개구리"))
legacy_zip("cp850.zip", "cp850", paths("Bär", "Bör", "Bür", "Hund"))
legacy_zip("cp866.zip", "cp866", paths("Кошки", "Собаки", "Птицы"))
legacy_zip("windows-1251.zip", "windows-1251", paths("Кошки", "Собаки", "Птицы"))
legacy_zip("utf8-unmarked.zip", "utf-8", paths("猫咪", "Bär"), system=3)
# No code page: bytes of which each reading is nonsense.
with zipfile.ZipFile("unknown-names.zip", "w") as archive:
    for number, raw in enumerate((b"a\xb0b\xb1c\xfe", b"a\xb0b\xb1c\xff")):
        info = RawInfo(raw.decode("latin1"), (2020, 1, 1, 0, 0, 0))
        info.code_page = "latin1"
        archive.writestr(info, str(number))

nfd = [unicodedata.normalize("NFD", name) for name in ("train/café/1.txt", "test/tea/1.txt")]
with zipfile.ZipFile("nfd.zip", "w") as archive:
    for name in [*nfd, "test/café/1.txt"]:
        archive.writestr(name, unicodedata.normalize("NFC", name))
with zipfile.ZipFile("nfc-and-nfd.zip", "w") as archive:
    for name in ("train/café/1.txt", unicodedata.normalize("NFD", "train/café/1.txt")):
        archive.writestr(name, name)
with zipfile.ZipFile("backslash.zip", "w") as archive:
    for name in paths("cat", "dog"):
        info = zipfile.ZipInfo("x")
        info.filename = name.replace("/", "\\")
        info.create_system = 0
        archive.writestr(info, name)
for method, number in (("bzip2", zipfile.ZIP_BZIP2), ("lzma", zipfile.ZIP_LZMA)):
    with zipfile.ZipFile(f"{method}.zip", "w", number) as archive:
        for name in paths("cat", "dog"):
            archive.writestr(name, name)

with tarfile.open("latin1.tar", "w", format=tarfile.GNU_FORMAT, encoding="latin1") as archive:
    for name in paths("Bär", "Bör", "Bür", "Größe"):
        info = tarfile.TarInfo(name)
        content = name.encode()
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
with tarfile.open("latin1-pax.tar", "w", format=tarfile.PAX_FORMAT) as archive:
    for name in ("train/B\udce4r/1.txt", "train/B\udcf6r/1.txt"):
        info = tarfile.TarInfo(name)
        info.size = 0
        archive.addfile(info, io.BytesIO())

with tempfile.TemporaryDirectory() as folder:

    def run(*command, **options):
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, **options)

    def put(name):
        place = os.path.join(folder, name)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "w") as file:
            file.write(name)

    for name in [*paths("cat", "dog"), "train/" + "long" * 40 + "/1.txt"]:
        put(name)
    for kind in ("v7", "ustar", "gnu", "pax"):
        # The old formats have no room for a long name.
        some = ["train"] if kind in ("gnu", "pax") else ["train/cat", "train/dog"]
        run("tar", f"--format={kind}", "-cf", os.path.join(HERE, f"{kind}.tar"), *some)
    run("tar", "-cjf", os.path.join(HERE, "set.tar.bz2"), "train")
    run("tar", "-cJf", os.path.join(HERE, "set.tar.xz"), "train")
    run("tar", "--zstd", "-cf", os.path.join(HERE, "set.tar.zst"), "train")
    shutil.rmtree(os.path.join(folder, "train"))

    # Info-ZIP adds the name in UTF-8 as a field of its own.
    for name in paths("Bär", "猫咪"):
        put(name)
    file = os.path.join(HERE, "infozip.zip")
    if os.path.exists(file):
        os.remove(file)
    run("zip", "-qr", file, "train", env={**os.environ, "LC_ALL": "C.UTF-8"})
    shutil.rmtree(os.path.join(folder, "train"))

    put("train/cat/1.txt")
    for name, target in (("2", "1.txt"), ("3", "/etc/passwd"), ("4", "../../../x.txt"), ("5", "6.txt"), ("7", "gone")):
        os.symlink(target, os.path.join(folder, f"train/cat/{name}.txt"))
    os.symlink("2.txt", os.path.join(folder, "train/cat/6.txt"))
    run("tar", "-cf", os.path.join(HERE, "links.tar"), "train")
    file = os.path.join(HERE, "links.zip")
    if os.path.exists(file):
        os.remove(file)
    run("zip", "-qry", file, "train")
    for name in "234567":
        os.remove(os.path.join(folder, f"train/cat/{name}.txt"))
    os.link(os.path.join(folder, "train/cat/1.txt"), os.path.join(folder, "train/cat/2.txt"))
    run("tar", "-cf", os.path.join(HERE, "hard-links.tar"), "train")
    file = os.path.join(HERE, "encrypted.zip")
    if os.path.exists(file):
        os.remove(file)
    run("zip", "-qr", "-P", "secret", file, "train")

idx = bytes((0, 0, 8, 1, 0, 0, 0, 4)) + b"\1\2\3\4"
for name, pack in (("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress)):
    with open(f"train-labels-idx1-ubyte.{name}", "wb") as file:
        file.write(pack(idx))
# As pbzip2 and pixz write: several streams, one behind the other.
with open("streams-labels.bz2", "wb") as file:
    file.write(bz2.compress(idx[:6]) + bz2.compress(idx[6:]))
with open("streams-labels.xz", "wb") as file:
    file.write(lzma.compress(idx[:6]) + lzma.compress(idx[6:]))
