"""The HTML of a report as PDF, through WeasyPrint.

    python3 pdf.py report.html report.pdf

WeasyPrint's own command reads whatever file a page names, and attaches what a link calls an attachment. This one
fetches nothing but pictures that the page itself holds: a run folder may come from anybody.
"""
import os
import sys
import urllib.request
from xml.etree import ElementTree

SVG, HREF = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
PACKAGED = "/usr/bin/python3"  # for which apt installs WeasyPrint; a virtual environment stands before it on the PATH

try:
    import weasyprint
except (ImportError, OSError) as error:  # OSError: it is there, and the libraries that it loads are not
    if sys.executable != PACKAGED and os.access(PACKAGED, os.X_OK):
        os.execv(PACKAGED, [PACKAGED, *sys.argv])
    sys.exit(f"WeasyPrint can't be used ({error}); install it (sudo apt install weasyprint, or scripts/bootstrap documents)"
             " and run assay report again")


def plainly(element, definitions, color):
    """A copy of an SVG element whose marks stand where they are used and whose colours are named: WeasyPrint 57 can't follow
    gnuplot's `use` with `currentColor`."""
    color = element.get("color", color)
    copy = ElementTree.Element(element.tag, {name: color if value == "currentColor" else value
                                             for name, value in element.attrib.items() if name != HREF})
    copy.text, copy.tail = element.text, element.tail
    children = list(element)
    if element.tag == SVG + "use":
        copy.tag = SVG + "g"
        children = [definitions[element.get(HREF, "").lstrip("#")]]
    for child in children:
        if child.tag != SVG + "defs":
            copy.append(plainly(child, definitions, color))
    return copy


def only_embedded(url, *_, **__):
    """WeasyPrint's url_fetcher: what it raises costs the picture, not the document."""
    if not url.startswith("data:image/svg+xml"):
        raise PermissionError("a report's PDF shows the figure that its HTML holds, and nothing else")
    with urllib.request.urlopen(url) as picture:
        root = ElementTree.fromstring(picture.read())
    definitions = {element.get("id"): element for element in root.iter() if element.get("id")}
    return {"string": ElementTree.tostring(plainly(root, definitions, "black")), "mime_type": "image/svg+xml"}


def main():
    page, document = sys.argv[1:]
    with open(page, encoding="utf-8") as file:
        weasyprint.HTML(string=file.read(), url_fetcher=only_embedded).write_pdf(document)


if __name__ == "__main__":
    main()
