"""What a processor reads of an image before the first instruction, for every image of the build: vectors_test.py TREE LIBEXEC"""
import json
import pathlib
import struct
import sys
import unittest

MCU, IMAGES = pathlib.Path(sys.argv[1]) / "hardware" / "mcu", pathlib.Path(sys.argv[2]) / "mcu"
FAULTS = range(2, 7)                                    # NMI, hard fault, memory, bus, usage
UART = {"mps2-an386": 16 + 0, "nrf52840": 16 + 2}       # the receiving interrupt of each board
PT_LOAD, EXECUTABLE = 1, 1


def loaded(elf):
    """(address in flash, bytes, executable) of each segment with bytes in the file."""
    assert elf[:6] == b"\x7fELF\x01\x01", "no 32-bit little-endian ELF"
    offset, = struct.unpack_from("<I", elf, 28)
    size, count = struct.unpack_from("<HH", elf, 42)
    for i in range(count):
        kind, at, _, physical, in_file, _, flags, _ = struct.unpack_from("<8I", elf, offset + i * size)
        if kind == PT_LOAD and in_file:
            yield physical, elf[at:at + in_file], flags & EXECUTABLE


def address(text):
    return int(text, 16)


class Images(unittest.TestCase):
    def test_vectors_stack_and_handlers_lie_where_the_processor_looks_for_them(self):
        images = sorted(IMAGES.glob("*/*/**/*.elf"))
        self.assertTrue(images)
        for image in images:
            board_name, part_name = image.relative_to(IMAGES).parts[:2]
            board = json.loads((MCU / "boards" / f"{board_name}.json").read_text())
            part = json.loads((MCU / "parts" / f"{part_name}.json").read_text())
            flash, ram = address(board["flash_origin"]), address(board["ram_origin"])
            with self.subTest(image=str(image.relative_to(IMAGES))):
                segments = sorted(loaded(image.read_bytes()))
                begin, code, is_code = segments[0]
                self.assertEqual((begin, is_code), (flash, 1))
                for at, data, _ in segments:
                    self.assertLessEqual(at + len(data), flash + part["flash_bytes"])
                vectors = struct.unpack_from("<48I", code)
                self.assertEqual(vectors[0] % 8, 0)
                self.assertGreater(vectors[0], ram)
                self.assertLessEqual(vectors[0], ram + part["ram_bytes"])
                for i, vector in enumerate(vectors[1:], 1):
                    if vector or i in (1, *FAULTS, UART[board_name]):
                        self.assertEqual(vector % 2, 1, f"vector {i} is no Thumb function")
                        self.assertGreaterEqual(vector, flash + 4 * len(vectors))
                        self.assertLess(vector, flash + len(code))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
