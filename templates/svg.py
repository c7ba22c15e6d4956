"""Writes SVGs anew, from what is only drawing: python3 svg.py IN OUT [IN OUT …].

A picture of a document may come from anybody. Elements and attributes that are not listed here are left out: scripts,
handlers, foreign objects, animations, links, and whatever refers to another file. An SVG that declares entities, that is
nested deeply or grows by `use` without end is refused. One line "IN: what was done" for each that isn't just drawing.
"""
import re
import sys
from xml.etree import ElementTree
from xml.parsers import expat

SVG, XLINK, XML = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink", "http://www.w3.org/XML/1998/namespace"
DEEPEST, MOST_ELEMENTS = 100, 200_000
DRAWING = set("""svg g defs symbol use path rect circle ellipse line polyline polygon text tspan textPath title desc style switch
image marker clipPath mask pattern linearGradient radialGradient stop filter feBlend feColorMatrix feComponentTransfer feComposite
feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur feMerge feMergeNode feOffset feTile""".split())
SILENT = {"metadata"}  # left out of a figure that is fine: who drew it, and when
PICTURE = re.compile(r"data:image/(png|jpeg);base64,[A-Za-z0-9+/=\s]*")
OUTSIDE = re.compile(r"""url\(\s*(?!["']?\#)|@import|\\|expression|javascript:""", re.IGNORECASE)


class Refused(Exception):
    """Says why."""


class Reader:
    """Expat's events as a tree of what is kept."""

    def __init__(self):
        self.builder = ElementTree.TreeBuilder()
        self.parser = expat.ParserCreate(namespace_separator="}")
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.text
        self.parser.StartDoctypeDeclHandler = self.doctype
        self.parser.EntityDeclHandler = self.entity
        self.depth = self.skipped = self.count = 0  # skipped: the depth at which something is left out, or 0
        self.removed = set()

    def doctype(self, _name, _system, _public, has_internal_subset):
        if has_internal_subset:
            raise Refused("its document type declares things of its own")

    def entity(self, *_):
        raise Refused("it declares entities")

    def start(self, name, attributes):
        self.depth += 1
        self.count += 1
        if self.depth > DEEPEST or self.count > MOST_ELEMENTS:
            raise Refused("it is nested too deeply" if self.depth > DEEPEST else f"it has more than {MOST_ELEMENTS} elements")
        if self.skipped:
            return
        namespace, _, local = name.rpartition("}")
        if self.depth == 1 and (namespace, local) != (SVG, "svg"):
            raise Refused("it is no SVG")
        if namespace != SVG or (local not in DRAWING and local != "a"):
            self.skipped = self.depth
            if namespace == SVG and local not in SILENT:
                self.removed.add(local)
            return
        kept = {}
        for key, value in attributes.items():
            self.keep(local, key, value, kept)
        self.builder.start(f"{{{SVG}}}{'g' if local == 'a' else local}", kept)

    def keep(self, element, key, value, kept):
        namespace, _, local = key.rpartition("}")
        if local == "href" and namespace in ("", XLINK):
            inside = value.startswith("#") and element != "a"
            if inside or (element == "image" and PICTURE.fullmatch(value)):
                kept[f"{{{XLINK}}}href"] = value
            elif element != "a":
                self.removed.add("a reference out of it")
        elif local.lower().startswith("on"):
            self.removed.add(local)
        elif OUTSIDE.search(value):
            self.removed.add("a reference out of it")
        elif namespace == XML:
            if local in ("space", "lang"):
                kept[f"{{{XML}}}{local}"] = value
        elif not namespace:
            kept[local] = value

    def end(self, _name):
        if self.skipped == self.depth:
            self.skipped = 0
        elif not self.skipped:
            self.builder.end(None)
        self.depth -= 1

    def text(self, data):
        if not self.skipped and self.depth:
            self.builder.data(data)

    def read(self, file):
        try:
            self.parser.Parse(file.read(), True)
        except expat.ExpatError as error:
            raise Refused(f"it is no XML ({error})") from error
        return self.builder.close()


def without_outside_styles(root, removed):
    """A style sheet is kept whole or not at all."""
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag == f"{{{SVG}}}style" and OUTSIDE.search("".join(child.itertext())):
                parent.remove(child)
                removed.add("a reference out of it")


def grown(root):
    """How many elements are drawn when each `use` is followed; refuses a circle."""
    by_id = {element.get("id"): element for element in root.iter() if element.get("id")}
    sizes, open_ = {}, set()

    def size(element):
        if element in sizes:
            return sizes[element]
        if element in open_ or len(open_) > 3 * DEEPEST:
            raise Refused("a part of it uses itself")
        open_.add(element)
        total = 1 + sum(size(child) for child in element)
        used = by_id.get(element.get(f"{{{XLINK}}}href", "").lstrip("#")) if element.tag == f"{{{SVG}}}use" else None
        if used is not None:
            total += size(used)
        open_.discard(element)
        sizes[element] = total
        if total > MOST_ELEMENTS:
            raise Refused(f"it grows to more than {MOST_ELEMENTS} elements")
        return total

    return size(root)


def main():
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", XLINK)
    sys.setrecursionlimit(5000)
    for source, target in zip(sys.argv[1::2], sys.argv[2::2]):
        reader = Reader()
        try:
            with open(source, "rb") as file:
                root = reader.read(file)
            without_outside_styles(root, reader.removed)
            grown(root)
        except Refused as why:
            print(f"{source}: {why}")
            continue
        ElementTree.ElementTree(root).write(target, encoding="utf-8", xml_declaration=True)
        if reader.removed:
            print(f"{source}: shown without {', '.join(sorted(reader.removed))}")


if __name__ == "__main__":
    main()
