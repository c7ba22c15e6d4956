"""DESIGN's table "Who may include whom", held to every #include of the tree, and the libraries that assay links.

    python3 layering_test.py SOURCE_FOLDER [PATH/TO/assay]

A room may always include itself. What no row allows is refused, external libraries too: a new dependency is a new word
in a row here, and so a decision. The test checks itself first, on violations that are planted in memory.
"""
import pathlib
import re
import subprocess
import sys
import unittest

# Words that stand for many headers. Everything else in a row is a path or the beginning of one.
WORDS = {
    "std": r"[a-z_0-9]+|(assert|errno|limits|math|stddef|stdint|stdio|stdlib|string|time)\.h",
    "os": r"(dirent|fcntl|glob|grp|poll|sched|signal|spawn|termios|unistd)\.h|(sys|linux)/[a-z_/]+\.h",
    "intrinsics": r"(immintrin|arm_neon|cpuid)\.h",
}

# Files (a regular expression, the first that matches counts) → what they may include.
TABLE = [
    # An oracle shares no code with what it judges.
    (r"(suites|reference_models)/.*/oracle\.(hpp|cpp)", "std"),
    (r"harness/core/", "std fmt/ nlohmann/ openssl/"),
    (r"harness/stats/", "std boost/math/"),
    (r"harness/plan/", "std os fmt/ harness/core/ toml++/"),
    (r"harness/record/", "std os fmt/ harness/core/"),
    (r"harness/data/", "std os fmt/ harness/core/ zlib.h"),
    (r"harness/worker/", "std os fmt/ harness/core/"),
    (r"harness/run/", "std os fmt/ harness/core/ harness/plan/ harness/record/ harness/stats/"),
    # Each hardware folder wraps one vendor library, and is the only one that sees its header.
    (r"hardware/cpu/", "std os fmt/ intrinsics harness/core/ harness/worker/ hardware/counters/ hwloc.h"),
    (r"hardware/counters/", "std os fmt/ harness/core/ harness/worker/counter_source.hpp dlfcn.h papi.h"),
    # What runs on a microcontroller is freestanding C; the compiler's own header has its intrinsics.
    (r"hardware/mcu/device/", "stdint.h"),
    (r"hardware/mcu/arduino/", "stdint.h arm_acle.h"),
    (r"hardware/mcu/", "std os fmt/ harness/core/ harness/worker/"),
    (r"reference_models/lenet5/mcu/cmsis_nn\.c", "stdint.h arm_nnfunctions.h reference_models/lenet5/mcu/ lenet_weights/"),  # a peer, where the user has it
    (r"reference_models/lenet5/mcu/.*\.(c|h|S)$", "stdint.h arm_acle.h hardware/mcu/device/ reference_models/lenet5/mcu/ lenet_weights/"),
    (r"suites/tinyml/.*\.(c|h|S)$", "stdint.h stddef.h arm_acle.h hardware/mcu/device/ suites/tinyml/"),
    (r"reference_models/", "std os fmt/ intrinsics dlfcn.h harness/core/ hardware/ torch/ oneapi/dnnl/"),
    # What a suite is measured against: a folder that wraps libraries, each in a worker of its own.
    (r"suites/[^/]+/ceilings/", "std os fmt/ harness/worker/ hardware/ dlfcn.h torch/ oneapi/dnnl/"),
    (r"suites/", "std os fmt/ intrinsics omp.h CLI/ harness/core/ harness/data/ harness/worker/ hardware/ reference_models/"),
    # Archives are hostile input: one file speaks to the library that reads them.
    (r"reports/archive\.cpp", "std os fmt/ harness/core/ archive.h archive_entry.h"),
    (r"reports/", "std os fmt/ harness/core/ harness/plan/ harness/record/ harness/stats/ kainjow/mustache.hpp mustache.hpp"),
    (r"cli/", "std os fmt/ harness/ reports/ hardware/cpu/ hardware/mcu/board.hpp CLI/"),
]

# DESIGN, "Never" 1: these live in worker executables, so that a crash or a missing library is a row of the table.
# (libicudata, which libarchive brings along, is Unicode's.)
NEVER_LINKED = r"blas|lapack|torch|libc10|dnnl|mkl|(?<!i)cuda|nvrtc|opencl|onnx"

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def room_of(path):
    """The folder whose files may include each other: harness/<room>, hardware/<room>, suites/<suite>, …"""
    parts = path.split("/")
    return "/".join(parts[:1] if parts[0] in ("reports", "cli") else parts[:2]) + "/"


def allows(word, header):
    if word in WORDS:
        return re.fullmatch(WORDS[word], header) is not None
    return header.startswith(word) if word.endswith("/") else header == word


def violations(files):
    """Messages about {path: text}."""
    found = []
    for path, text in sorted(files.items()):
        row = next((words.split() for pattern, words in TABLE if re.match(pattern, path)), None)
        if row is None:
            found.append(f"{path}: no row of the table speaks of this folder")
            continue
        is_oracle = row == ["std"]
        for quote, header in INCLUDE.findall(COMMENT.sub("", text)):
            own = header.startswith(room_of(path)) and (not is_oracle or pathlib.PurePath(header).stem == "oracle")
            if quote == '"' and "/" not in header:
                found.append(f'{path}: "{header}" is not a path from the repository\'s root')
            elif not own and not any(allows(word, header) for word in row):
                found.append(f"{path}: may not include {header}")
    return found


def sources(folder):
    found = {}
    for room in ("harness", "hardware", "reference_models", "suites", "reports", "cli"):
        for path in (folder / room).rglob("*"):
            if path.suffix in (".hpp", ".cpp", ".h", ".c", ".cu") and path.is_file():
                found[path.relative_to(folder).as_posix()] = path.read_text(encoding="utf-8")
    return found


class Planted(unittest.TestCase):
    """Would the test notice?"""

    def refused(self, path, line):
        self.assertEqual(len(violations({path: line + "\n"})), 1, f"{path}: {line}")

    def allowed(self, path, line):
        self.assertEqual(violations({path: line + "\n"}), [])

    def test_a_lower_room_may_not_know_a_higher_one(self):
        self.refused("harness/core/x.hpp", '#include "harness/plan/plan.hpp"')
        self.refused("harness/stats/x.cpp", '#include "harness/core/json.hpp"')
        self.refused("harness/record/x.cpp", '#include "harness/stats/paired.hpp"')
        self.refused("harness/run/x.cpp", '#include "reports/report.hpp"')
        self.refused("reports/x.cpp", '#include "harness/run/supervisor.hpp"')
        self.refused("suites/a/x.cpp", '#include "harness/run/supervisor.hpp"')
        self.refused("hardware/counters/x.cpp", '#include "harness/worker/serve.hpp"')

    def test_a_suite_may_not_know_another(self):
        self.refused("suites/a/x.cpp", '#include "suites/b/x.hpp"')
        self.allowed("suites/a/x.cpp", '#include "suites/a/x.hpp"')

    def test_a_vendor_header_stays_in_the_folder_that_wraps_it(self):
        self.refused("cli/doctor.cpp", "#include <hwloc.h>")
        self.refused("harness/run/x.cpp", "#include <torch/torch.h>")
        self.allowed("hardware/cpu/x.cpp", "#include <hwloc.h>")
        self.refused("reports/bundle.cpp", "#include <archive.h>")
        self.allowed("reports/archive.cpp", "#include <archive.h>")

    def test_an_external_header_that_no_row_names(self):
        self.refused("harness/plan/x.cpp", "#include <zlib.h>")
        self.refused("harness/stats/x.cpp", "#include <fmt/format.h>")
        self.refused("harness/stats/x.cpp", "#include <unistd.h>")

    def test_an_oracle_stands_alone(self):
        self.refused("suites/a/oracle.cpp", '#include "suites/a/inputs.hpp"')
        self.allowed("suites/a/oracle.cpp", '#include "suites/a/oracle.hpp"\n#include <vector>')

    def test_a_vendor_header_of_a_ceiling_stays_in_its_folder(self):
        self.refused("suites/a/x.cpp", "#include <torch/torch.h>")
        self.allowed("suites/a/ceilings/x.cpp", '#include <torch/torch.h>\n#include "suites/a/x.hpp"')

    def test_firmware_is_freestanding_and_what_makes_it_is_not(self):
        self.refused("reference_models/lenet5/mcu/x.c", "#include <string.h>")
        self.refused("suites/tinyml/x.h", "#include <stdio.h>")
        self.allowed("reference_models/lenet5/mcu/x.cpp", "#include <fmt/format.h>")
        self.allowed("suites/tinyml/x.cpp", "#include <fmt/format.h>")

    def test_spelling_hides_nothing(self):
        self.refused("cli/x.cpp", "  #  include   <torch/torch.h>")
        self.refused("cli/x.cpp", '#include "verb.hpp"')
        self.refused("cli/x.cpp", '#include "../harness/run/round.hpp"')
        self.allowed("cli/x.cpp", "// #include <torch/torch.h>\n/*\n#include <torch/torch.h>\n*/")

    def test_a_folder_without_a_row(self):
        self.refused("hardware/quantum/x.cpp", "")


class Tree(unittest.TestCase):
    folder = pathlib.Path()
    assay = None

    def test_every_include(self):
        files = sources(self.folder)
        self.assertGreater(len(files), 100, f"{self.folder} is not the source tree")
        self.assertEqual(violations(files), [])

    def test_assay_links_no_vendor_library(self):
        if self.assay is None:
            self.skipTest("no executable was named")
        linked = subprocess.run(["ldd", self.assay], check=True, capture_output=True, text=True).stdout
        self.assertIn("libc.so", linked)
        self.assertEqual([line for line in linked.splitlines() if re.search(NEVER_LINKED, line, re.IGNORECASE)], [])


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    Tree.folder = pathlib.Path(sys.argv[1])
    Tree.assay = sys.argv[2] if len(sys.argv) > 2 else None
    unittest.main(argv=sys.argv[:1], verbosity=2)
