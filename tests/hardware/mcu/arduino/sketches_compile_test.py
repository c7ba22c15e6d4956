"""Every laid-out sketch compiles as Arduino compiles it: sketches_compile_test.py ARM_NONE_EABI_G++ SKETCHES FAKE

By the options of arduino:mbed_nano for the Nano 33 BLE (platform.txt, variants/ARDUINO_NANO33BLE), all warnings on. Its own compiler is
GCC 7, whose arm_acle.h lacks what kernels use: that those stand in acle.h is tried too.
"""
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

COMPILER, SKETCHES, FAKE = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
NM = subprocess.run([COMPILER, "-print-prog-name=nm"], capture_output=True, text=True, check=True).stdout.strip()
CPU = ["-mcpu=cortex-m4", "-mfpu=fpv4-sp-d16"]
COMMON = [*CPU, "-mthumb", "-Os", "-fdata-sections", "-ffunction-sections", "-fmessage-length=0", "-fno-delete-null-pointer-checks", "-fno-exceptions",
          "-fomit-frame-pointer", "-funsigned-char", "-g1", "-nostdlib", "-Wall", "-Wextra", "-Werror", "-c"]
OPTIONS = {".c": [*COMMON, "-x", "c", "-std=gnu11"], ".S": [*CPU, "-c", "-x", "assembler-with-cpp"],
           ".ino": [*COMMON, "-x", "c++", "-std=gnu++14", "-fno-rtti", "-Wvla", f"-I{FAKE}", "-include", "Arduino.h"]}
FROM_ELSEWHERE = r"_ZN?10FakeSerial.*|Serial|_Z6microsv|_?_?aeabi_.*|__(add|sub|mul|div|float|fix|eq|ne|lt|le|gt|ge|unord).*|mem(cpy|set|move|clr.*)"


def objects(sketch, folder, further):
    made = []
    for source in sorted(sketch.iterdir()):
        if source.suffix not in OPTIONS:
            continue
        made.append(folder / (source.name + ".o"))
        done = subprocess.run([COMPILER, *OPTIONS[source.suffix], *(further if source.suffix != ".S" else []), source, "-o", made[-1]], capture_output=True, text=True, check=False)
        assert done.returncode == 0 and not done.stderr, f"{source}:\n{done.stderr}"
    return made


class Sketches(unittest.TestCase):
    def test_each_compiles_without_a_warning_and_lacks_nothing_of_ours(self):
        sketches = sorted(path for path in SKETCHES.iterdir() if path.is_dir())
        self.assertTrue(sketches)
        for sketch in sketches:
            self.assertTrue((sketch / (sketch.name + ".ino")).is_file())
            self.assertRegex(sketch.name, r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}$")  # Arduino's rule for a sketch's name
            for further in (["-mfloat-abi=softfp"], ["-mfloat-abi=softfp", "-DASSAY_OWN_ACLE"], ["-mfloat-abi=hard"]):
                with self.subTest(sketch=sketch.name, options=further), tempfile.TemporaryDirectory() as folder:
                    folder = pathlib.Path(folder)
                    whole = folder / "whole.o"
                    subprocess.run([COMPILER, "-nostdlib", "-r", *objects(sketch, folder, further), "-o", whole], check=True)
                    symbols = subprocess.run([NM, "-u", whole], capture_output=True, text=True, check=True).stdout
                    missing = [name for name in re.findall(r"U (\S+)", symbols) if not re.fullmatch(FROM_ELSEWHERE, name)]
                    self.assertEqual(missing, [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
