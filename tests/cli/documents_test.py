"""assay report --into FILE --to html,pdf,docx,pptx, from outside: what is written, and what a hostile document can't get into it."""
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import zipfile
import zlib
from xml.etree import ElementTree

import scripted

SECRET = "SECRET-585-OF-THIS-MACHINE"
HAS_TOOLS = all(map(shutil.which, ("pandoc", "pdftotext", "pdftocairo"))) and any(
    subprocess.run([python, "-c", "import weasyprint"], capture_output=True, check=False).returncode == 0
    for python in ("python3", "/usr/bin/python3") if shutil.which(python))
FRONT = """---
title: What it costs
author:
  - {name: Ada Student, affiliation: A university, email: ada@example.edu}
  - Bob Student
abstract: In short.
bibliography: references.bib
style: STYLE
---
"""
BODY = """
# Introduction

As [@bee, p. 3] says, [Table](#tbl:scripted) and [Figure](#fig:dots) agree. TEXT

<!-- assay: begin table scripted -->
<!-- assay: end table -->

![Some dots](figures/dots.png)<!-- #fig:dots -->

## A part

More.
"""
BIBLIOGRAPHY = "@book{bee, author={Bee, Ann}, title={On {Bees}}, publisher={Hive}, year=2020}\n"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="90" height="40">%s<text y="20">DRAWN</text></svg>'


def png(comment=b""):
    """Four grey dots."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 0, 0, 0, 0)) + (chunk(b"tEXt", b"Comment\0" + comment) if comment else b"")
            + chunk(b"IDAT", zlib.compress(b"\0\x80\x90\0\xa0\xb0")) + chunk(b"IEND", b""))


class Documents(scripted.Bench):
    more_environment = {}

    @property
    def environment(self):
        return {**super().environment, **self.more_environment}

    measured = None  # results that all tests report

    def setUp(self):
        super().setUp()
        if not Documents.measured:
            file = self.experiment("time_ns = [1000000, 1250000]", "baseline = { time_ns = 1000000 }", preset="rounds = 2\nbudget_s = 0.1")
            self.assertEqual(self.run_experiment(file).status, 0)
            Documents.measured = tempfile.TemporaryDirectory(prefix="assay-e2e-measured-")
            shutil.copytree(self.results, Documents.measured.name, dirs_exist_ok=True)
        else:
            shutil.copytree(Documents.measured.name, self.results)
        (self.run_folder,) = self.run_folders()
        self.place = self.folder / "paper"
        (self.place / "figures").mkdir(parents=True)
        (self.place / "figures" / "dots.png").write_bytes(png())
        (self.place / "references.bib").write_text(BIBLIOGRAPHY, encoding="utf-8")

    def document(self, style="plain", text="", front=FRONT, body=BODY):
        file = self.place / "report.md"
        file.write_text(front.replace("STYLE", style) + body.replace("TEXT", text), encoding="utf-8")
        return file

    def render(self, file, formats, *words):
        return self.assay("report", self.run_folder, "--into", file, "--to", formats, *words)

    def text_of(self, name):
        """All that stands in a file, however it is packed."""
        file = self.place / name
        if file.suffix == ".pdf":
            return subprocess.run(["pdftotext", "-layout", file, "-"], check=True, capture_output=True, text=True).stdout
        if file.suffix == ".html":
            return file.read_text(encoding="utf-8")
        with zipfile.ZipFile(file) as archive:
            return "\n".join(archive.read(member).decode("utf-8", "replace") for member in archive.namelist())

    @unittest.skipUnless(HAS_TOOLS, "pandoc, WeasyPrint or poppler-utils is not installed")
    def test_every_format_is_written_with_numbers_and_references_and_twice_with_the_same_bytes(self):
        file = self.document()
        names = ["report.html", "report.pdf", "report.docx", "report.pptx"]
        bytes_of = []
        for _ in range(2):
            finished = self.render(file, "html,pdf,docx,pptx")
            self.assertEqual(finished.status, 0, finished)
            self.assertEqual(finished.stdout.splitlines()[1:], [f"document: {self.place / name}" for name in names])
            self.assertEqual(finished.stderr, "")
            bytes_of.append([(self.place / name).read_bytes() for name in names])
        self.assertEqual(*bytes_of)
        for name in names:
            with self.subTest(name=name):
                text = re.sub(r"<[^>]*>|\s", " ", self.text_of(name).replace("\xa0", " "))
                for wanted in ("What it costs", "Ada Student", "Bob Student", "Table 1:", "Figure 1:", "Some dots", "Bee"):
                    self.assertRegex(text, wanted.replace(" ", r"\s+"))
                self.assertNotIn("#fig:dots", text)
        for name in names[2:]:
            with zipfile.ZipFile(self.place / name) as archive:
                for member in archive.namelist():
                    if member.endswith((".xml", ".rels")):
                        ElementTree.fromstring(archive.read(member))
        self.assertIn('href="#fig:dots"', self.text_of("report.html"))
        self.assertNotIn("<link", self.text_of("report.html"))

    @unittest.skipUnless(HAS_TOOLS, "pandoc, WeasyPrint or poppler-utils is not installed")
    def test_a_conference_paper_has_two_columns_numbered_sections_and_references(self):
        finished = self.render(self.document("conference", "Some words fill a line and then another one, and go on. " * 60), "pdf", "--json")
        self.assertEqual(finished.status, 0, finished)
        self.assertEqual(finished.document["documents"], [str(self.place / "report.pdf")])
        text = self.text_of("report.pdf")
        for wanted in (r"1 +Introduction", r"1\.1 +A part", r"\[1, p\. 3\]", r"\[1\] +A\. Bee, On Bees, Hive, 2020\.", "In short"):
            self.assertRegex(text, wanted)
        self.assertRegex(text, r"\S {3,}\S")  # a gap between columns
        self.assertTrue(any(len(line) > 90 and "   " in line.strip() for line in text.splitlines()), text)

    @unittest.skipUnless(HAS_TOOLS, "pandoc, WeasyPrint or poppler-utils is not installed")
    def test_a_heading_above_the_references_is_the_only_one(self):
        for between in ("", "<!-- Asked: what you cite. -->\n\n"):
            file = self.document(body=BODY + "\n# References\n\n" + between + "::: {#refs}\n:::\n")
            self.assertEqual(self.render(file, "html").status, 0)
            self.assertEqual(len(re.findall(r"<h\d[^>]*>(?:\d+ )?References</h", self.text_of("report.html"))), 1, between)

    @unittest.skipUnless(HAS_TOOLS, "pandoc, WeasyPrint or poppler-utils is not installed")
    def test_a_powerpoint_slide_holds_a_figure_a_table_or_text_and_has_its_heading(self):
        body = "\n## Found\n\n- One thing.\n\n![Dots that say it; they are grey.](figures/dots.png)\n\nMore.\n\n<!-- assay: begin table scripted -->\n<!-- assay: end table -->\n"
        self.assertEqual(self.render(self.document("slides", body=body), "pptx").status, 0)
        with zipfile.ZipFile(self.place / "report.pptx") as archive:
            slides = [archive.read(f"ppt/slides/slide{n}.xml").decode() for n in range(2, 7) if f"ppt/slides/slide{n}.xml" in archive.namelist()]
            notes = "".join(archive.read(name).decode() for name in archive.namelist() if re.fullmatch(r"ppt/notesSlides/\w+\.xml", name))
        slides = [slide for slide in slides if "References" not in slide and "Bees" not in slide]
        self.assertEqual(len(slides), 4)
        for slide, holds in zip(slides, ("One thing", "<p:pic>", "More.", "<a:tbl>")):
            self.assertIn("Found", slide)
            self.assertIn(holds, slide)
        self.assertIn("Dots that say it", slides[1])
        self.assertNotIn("grey", slides[1])
        self.assertIn("grey", notes)

    @unittest.skipUnless(HAS_TOOLS, "pandoc, WeasyPrint or poppler-utils is not installed")
    def test_a_word_table_is_small_as_wide_as_its_words_and_keeps_what_is_bold(self):
        body = "\n## Found\n\n| rung | **time** & more |\n|:--|--:|\n| a_rather_long_name | **1.5 ms** < 2 |\n| [a link](https://a.example) | $x^2$ |\n\n: What it took.\n\n<!-- assay: begin hypotheses -->\n<!-- assay: end hypotheses -->\n"
        self.assertEqual(self.render(self.document(body=body), "docx").status, 0)
        with zipfile.ZipFile(self.place / "report.docx") as archive:
            word = archive.read("word/document.xml").decode()
        table = re.search(r"<w:tbl>.*?</w:tbl>", word, re.DOTALL).group(0)
        runs = re.findall(r"<w:r><w:rPr>(.*?)</w:rPr><w:t[^>]*>(.*?)</w:t>", table)
        self.assertTrue(all("<w:sz w:val=" in marks for marks, text in runs if text in ("rung", "a_rather_long_name", "1.5", "ms")), runs)
        self.assertEqual([text for marks, text in runs if "<w:b/>" in marks and text.strip()][-2:], ["1.5", "ms"])
        self.assertIn("&lt;", [text for _, text in runs])
        self.assertIn("<m:oMath>", table)  # a formula stays one, and a link
        self.assertIn("<w:hyperlink", table)
        widths = [int(width) for width in re.findall(r'<w:gridCol w:w="(\d+)"', table)]
        self.assertEqual(len(widths), 2)
        self.assertGreater(widths[0], 2 * widths[1])

    @unittest.skipUnless(HAS_TOOLS, "pandoc, WeasyPrint or poppler-utils is not installed")
    def test_slides_have_a_page_each_and_one_that_is_too_full_is_set_smaller_or_named(self):
        sentence = "A sentence that is not short at all, because slides are often overfull with them. " * 2
        body = "\n## One\n\nText.\n\n## Full\n\n" + f"- {sentence}\n" * 9 + "\n## Three\n\nMore.\n\n<!-- assay: begin hypotheses -->\n<!-- assay: end hypotheses -->\n"
        file = self.document("slides", body=body)
        finished = self.render(file, "pdf")
        self.assertEqual((finished.status, finished.stderr), (0, ""), finished)
        pages = self.text_of("report.pdf").split("\f")[:-1]
        self.assertEqual([page.split("\n")[0].strip() for page in pages[1:4]], ["One", "Full", "Three"])
        file = self.document("slides", body=body.replace("More.", sentence * 60))
        self.assertIn("slide 3 doesn't fit on its page", self.render(file, "pdf").stderr)

    # ── Hostile documents ─────────────────────────────────────────────────────────────────────────

    @unittest.skipUnless(HAS_TOOLS, "pandoc, WeasyPrint or poppler-utils is not installed")
    def test_no_document_gets_a_file_of_the_machine_into_what_is_made_of_it(self):
        secret = self.folder / "secret.txt"
        secret.write_text(SECRET, encoding="utf-8")
        (self.folder / "secret.png").write_bytes(png(SECRET.encode()))
        (self.folder / "secret.svg").write_text(SVG % f"<text>{SECRET}</text>", encoding="utf-8")
        figures = self.place / "figures"
        (figures / "link.png").symlink_to(self.folder / "secret.png")
        (figures / "text.png").write_text(SECRET, encoding="utf-8")
        os.mkfifo(figures / "pipe.png")
        (figures / "device.png").symlink_to("/dev/zero")
        active = "".join((f"<script>alert('{SECRET}')</script>", f"<image href='{secret.as_uri()}' width='9' height='9'/>",
                          f"<image xlink:href='{self.folder / 'secret.png'}' width='9' height='9'/>", f"<foreignObject>{SECRET}</foreignObject>",
                          f"<style>@import url({secret.as_uri()})</style>", "<rect onload='x()' width='5' height='5'/>",
                          f"<rect fill='url({secret.as_uri()}#x)' width='5' height='5'/>", f"<use href='{secret.as_uri()}#x'/>"))
        (figures / "active.svg").write_text(SVG % active, encoding="utf-8")
        (figures / "entity.svg").write_text(f'<!DOCTYPE svg [<!ENTITY x SYSTEM "{secret.as_uri()}">]>' + SVG % "<text>&x;</text>", encoding="utf-8")
        laughs = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))
        (figures / "laughs.svg").write_text(f'<!DOCTYPE svg [<!ENTITY a0 "ha">{laughs}]>' + SVG % "<text>&a9;</text>", encoding="utf-8")
        uses = "".join(f"<g id='u{n + 1}'>" + f"<use href='#u{n}'/>" * 10 + "</g>" for n in range(9))
        (figures / "uses.svg").write_text(SVG % f"<g id='u0'><rect width='1' height='1'/></g>{uses}<use href='#u9'/>", encoding="utf-8")
        (figures / "circle.svg").write_text(SVG % "<g id='a'><use href='#b'/></g><g id='b'><use href='#a'/></g>", encoding="utf-8")
        (figures / "deep.svg").write_text(SVG % ("<g>" * 5000 + "</g>" * 5000), encoding="utf-8")
        (self.place / "references.bib").write_text(BIBLIOGRAPHY.replace("On {Bees}", rf"On \input{{{secret}}} Bees") + "\n@string{x = {\\include{%s}}}\n" % secret,
                                                   encoding="utf-8")
        sources = [self.folder / "secret.png", secret.as_uri(), "../secret.png", "..%2fsecret.png", "figures/link.png", "figures/text.png", "figures/pipe.png",
                   "figures/device.png", "figures/active.svg", "figures/entity.svg", "figures/laughs.svg", "figures/uses.svg", "figures/circle.svg",
                   "figures/deep.svg", "http://127.0.0.1:9/x.png", "data:text/plain;base64,U0VDUkVU", "/etc/passwd"]
        attacks = "\n\n".join([*(f"![Picture {number}]({source})" for number, source in enumerate(sources)),
                               f"<img src={secret}> <object data={secret}></object> <iframe src={secret.as_uri()}></iframe>",
                               f"<a rel=attachment href={secret.as_uri()}>x</a> [x]({secret.as_uri()}){{rel=attachment}} [y](javascript:alert(1))",
                               f"[z]{{src={secret} data-src={secret} style=\"background:url({secret.as_uri()})\"}}",
                               f"::: {{data-background-image={secret}}}\nin it\n:::", f"\\input{{{secret}}} \\verbatiminput{{{secret}}} $\\input{{{secret}}}$",
                               f"```{{=html}}\n<img src={secret}>\n```", f"```{{=openxml}}\n<w:x>{secret}</w:x>\n```", "{{> /etc/passwd}} {{{secret}}}",
                               f"<link rel=stylesheet href={secret}>", f"<style>@import url({secret})</style>", "a\u202etxt.exe\x1b[31m"])
        front = FRONT.replace("---\ntitle", "---\n" + "\n".join(f"{key}: {secret}" for key in (
            "css", "template", "include-before", "include-after", "include-in-header", "epub-cover-image", "reference-doc", "data-dir", "math")) +
            f"\nheader-includes: '<link rel=attachment href={secret}>'\ntitle")
        file = self.document("plain", attacks, front)
        finished = self.render(file, "html,pdf,docx,pptx")
        self.assertEqual(finished.status, 0, finished)
        self.assertEqual(finished.stdout.count("document: "), 4, finished)
        for source in sources:
            if "active" not in str(source):
                self.assertIn(f"picture {source} is left out: ", finished.stderr)
        self.assertRegex(finished.stderr, "picture figures/active.svg: shown without .*foreignObject.*onload.*script")
        self.assertIn("front matter: nothing is made of css, data-dir, epub-cover-image, header-includes", finished.stderr)
        for name in ("report.html", "report.pdf", "report.docx", "report.pptx"):
            with self.subTest(name=name):
                everything = self.text_of(name) + (self.place / name).read_bytes().decode("latin-1")
                for word in (SECRET, "root:x:", "EmbeddedFile", "<script", "javascript:", "file://", "\u202e", "\x1b"):
                    if word not in ("\x1b",) or name == "report.html":
                        self.assertNotIn(word, everything)
        self.assertIn("DRAWN", self.text_of("report.pdf"))

    @unittest.skipUnless(HAS_TOOLS, "pandoc, WeasyPrint or poppler-utils is not installed")
    def test_a_bibliography_or_style_from_elsewhere_and_other_mistakes_are_one_message_each(self):
        os.symlink("/etc/passwd", self.place / "link.bib")
        (self.place / "laughs.csl").write_text('<!DOCTYPE x [<!ENTITY a "b">]><style/>', encoding="utf-8")
        front = FRONT.replace("STYLE", "plain")
        for change, wanted in ((("references.bib", "/etc/passwd"), "bibliography '/etc/passwd': it takes a relative path"),
                               (("references.bib", "../x.bib"), "bibliography '../x.bib': "), (("references.bib", "link.bib"), "it isn't below"),
                               (("references.bib", "[a.bib, b.bib]"), "bibliography"), (("style: plain", "style: fancy"), "style: 'fancy' is none; it takes plain, conference or slides"),
                               (("style: plain", "csl: laughs.csl"), "csl 'laughs.csl': a style has no document type"),
                               (("style: plain", "papersize: a5"), "papersize: 'a5' is none")):
            with self.subTest(change=change):
                finished = self.render(self.document(front=front.replace(*change)), "html", "--json")
                self.assertEqual(finished.status, 2, finished)
                self.assertIn(wanted, finished.document["error"])
                self.assertFalse((self.place / "report.html").exists())
        bomb = "".join(f"a{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 10)}]\n" for n in range(9))
        finished = self.render(self.document(front=front.replace("title:", f"a0: &a0 [x]\n{bomb}title:")), "html")
        self.assertEqual(finished.status, 2, finished)
        self.assertIn("its front matter has an anchor", finished.stderr)
        file = self.document(text="[Figure](#fig:dotz)")
        line = next(number for number, text in enumerate(file.read_text(encoding="utf-8").splitlines(), 1) if "dotz" in text)
        finished = self.render(file, "html")
        self.assertEqual(finished.status, 2, finished)
        self.assertIn(f"{file}:{line}: no figure is labelled fig:dotz; there are fig:dots", finished.stderr)

    # ── Missing tools, and what isn't possible ────────────────────────────────────────────────────

    def test_without_tools_the_blocks_are_filled_and_each_notice_says_the_remedy(self):
        self.more_environment = {"PATH": str(self.folder / "nothing")}
        file = self.document()
        finished = self.render(file, "html,docx")
        self.assertEqual(finished.status, 0, finished)
        self.assertIn("no HTML and DOCX: pandoc is not installed; install it (sudo apt install pandoc, or scripts/bootstrap documents)", finished.stderr)
        self.assertIn("filled from run", finished.stdout)
        self.assertIn("assay: end table ", file.read_text(encoding="utf-8"))

    @unittest.skipUnless(shutil.which("pandoc"), "pandoc is not installed")
    def test_a_format_that_fails_costs_only_itself(self):
        (self.folder / "weasyprint.py").write_text("raise ImportError('No module named weasyprint')\n", encoding="utf-8")
        self.more_environment = {"PYTHONPATH": str(self.folder)}
        finished = self.render(self.document(), "pdf,html")
        self.assertEqual(finished.status, 0, finished)
        self.assertIn("no PDF: ", finished.stderr)
        self.assertEqual(finished.stdout.splitlines()[1:], [f"document: {self.place / 'report.html'}"])

    def test_slides_of_a_run_alone_and_a_document_that_would_be_overwritten_are_refused(self):
        self.assertEqual(self.assay("report", self.run_folder, "--to", "pptx").status, 2)
        if not shutil.which("pandoc"):
            return
        file = self.document().rename(self.place / "report.html")
        text = file.read_bytes()
        finished = self.render(file, "html")
        self.assertIn("is the document itself", finished.stderr)
        self.assertNotEqual(file.read_bytes(), b"")
        self.assertTrue(file.read_bytes().startswith(text[:200]))


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    scripted.main()
