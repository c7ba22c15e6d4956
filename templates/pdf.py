"""The HTML of a document as PDF, through WeasyPrint.

    python3 pdf.py [--slides | --columns] page.html document.pdf
    python3 pdf.py --figures figure.svg figure.pdf [figure.svg figure.pdf …]      each on a page of its size

WeasyPrint's own command reads whatever file a page names, and attaches what a link calls an attachment. This one
fetches nothing but pictures that the page itself holds: a document may come from anybody.
"""
import base64
import math
import os
import re
import sys
import urllib.request
from collections import Counter
from xml.etree import ElementTree

SVG, HREF = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
REFERRED_TO = {SVG + name for name in ("clipPath", "filter", "linearGradient", "marker", "mask", "pattern", "radialGradient", "style")}
PACKAGED = "/usr/bin/python3"  # for which apt installs WeasyPrint; a virtual environment stands before it on the PATH
MOST_PLACEMENTS, WORTH_FILLING = 24, 60  # renderings; CSS pixels of a page
SCALES = (1, 0.9, 0.8, 0.7, 0.6, 0.5)  # of a slide's type, until it fits
CSS_PIXELS = {"": 1, "px": 1, "pt": 96 / 72, "in": 96, "cm": 96 / 2.54, "mm": 96 / 25.4, "pc": 16}

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
                                             for name, value in element.attrib.items() if name != HREF or element.tag == SVG + "image"})
    copy.text, copy.tail = element.text, element.tail
    children = list(element)
    used = definitions.get(element.get(HREF, "").lstrip("#")) if element.tag == SVG + "use" else None
    if used is not None:
        copy.tag = SVG + "g"
        x, y = copy.attrib.pop("x", "0"), copy.attrib.pop("y", "0")
        if (x, y) != ("0", "0"):
            copy.set("transform", f"{copy.get('transform', '')} translate({x},{y})".strip())
        children = [used]
    for child in children:
        if child.tag == SVG + "defs":  # its marks stand where they are used; what is referred to otherwise stays
            kept = ElementTree.SubElement(copy, child.tag)
            kept.extend(plainly(part, definitions, color) for part in child if part.tag in REFERRED_TO)
        elif child.tag == SVG + "path" and not child.get("d", "").strip():
            continue  # WeasyPrint 57 would go on with the path before it
        elif child.tag != SVG + "symbol" or child is used:
            copy.append(plainly(child, definitions, color))
    if used is not None and used.tag == SVG + "symbol":
        copy[-1].tag = SVG + "g"
    return copy


def drawn(picture):
    """The bytes of an SVG as WeasyPrint can show it."""
    root = ElementTree.fromstring(picture)
    definitions = {element.get("id"): element for element in root.iter() if element.get("id")}
    return ElementTree.tostring(plainly(root, definitions, "black"))


def only_embedded(url, *_, **__):
    """WeasyPrint's url_fetcher: what it raises costs the picture, not the document."""
    kind = re.match(r"data:(image/(?:svg\+xml|png|jpeg))[;,]", url)
    if not kind:
        raise PermissionError("a document's PDF shows the pictures that its HTML holds, and nothing else")
    with urllib.request.urlopen(url) as picture:
        content = picture.read()
    return {"string": drawn(content) if "svg" in kind[1] else content, "mime_type": kind[1]}


def write_slides(page, document):
    """Each slide on one page: set smaller where it runs over. Says which doesn't fit even then."""
    with open(page, encoding="utf-8") as file:
        html = file.read()
    scales = {}
    while True:
        sizes = "".join(f"#{slide} {{ font-size: {SCALES[step]}em }}" for slide, step in scales.items())
        rendered = weasyprint.HTML(string=html.replace("</head>", f"<style>{sizes}</style></head>", 1), url_fetcher=only_embedded).render()
        begun = [name for one in rendered.pages for name in one.anchors if re.fullmatch(r"slide-\d+", name)]
        over = [name for name, pages in Counter(begun).items() if pages > 1]  # a slide has its anchor on each of its pages
        smaller = [name for name in over if scales.get(name, 0) + 1 < len(SCALES)]
        if not smaller:
            break
        for name in smaller:
            scales[name] = scales.get(name, 0) + 1
    for name in over:
        print(f"slide {name.removeprefix('slide-')} doesn't fit on its page, however small; divide it")
    rendered.write_pdf(document)


def bottom_of(box):
    """How far down a page's text and pictures reach."""
    children = getattr(box, "children", ())
    if type(box).__name__ in ("LineBox", "BlockReplacedBox", "InlineReplacedBox") or not children:
        return box.position_y + (box.height if isinstance(box.height, (int, float)) else 0)
    return max(bottom_of(child) for child in children)


def text_behind(blocks, place):
    """Where the next blocks are that can stand before the float at `place`: with a heading what it heads, with a list the line
    that says where it is from."""
    classes = [block.get("class", "").split() for block in blocks]
    start = place + 1
    while start < len(blocks) and "float" in classes[start]:
        start += 1
    end = start
    while end < len(blocks) and blocks[end].tag in ("h2", "h3", "h4"):
        end += 1
    end += 1
    while end < len(blocks) and "provenance" in classes[end]:
        end += 1
    whole = end <= len(blocks) and not any("float" in one for one in classes[start:end])
    return (start, end) if whole else None


def write_columns(page, document):
    """A figure or table that spans both columns and doesn't fit at a page's end goes on the next one. CSS leaves the rest of the
    page empty; as papers are set, the text behind it comes first."""
    with open(page, encoding="utf-8") as file:
        root = weasyprint.HTML(string=file.read(), url_fetcher=only_embedded).etree_element
    text = root.find(".//div[@class='text']")
    spanning = [block for block in text if "spanning" in block.get("class", "").split()]
    for number, block in enumerate(spanning):
        block.set("id", block.get("id") or f"spanning-{number}")
    settled = set()
    for _ in range(MOST_PLACEMENTS):
        html = "<!DOCTYPE html>" + ElementTree.tostring(root, encoding="unicode", method="html")
        rendered = weasyprint.HTML(string=html, url_fetcher=only_embedded).render()
        behind = None
        for above, here in zip(rendered.pages, rendered.pages[1:]):
            body = above._page_box  # there is no public way to it
            end = body.content_box_y() + body.height
            gap = end - bottom_of(next(child for child in body.children if child.element_tag == "html"))
            tops = [block for block in spanning if block.get("id") in here.anchors and block not in settled
                    and here.anchors[block.get("id")][1] < body.content_box_y() + 30]
            if tops and gap > WORTH_FILLING:
                behind = text_behind(list(text), list(text).index(tops[0]))
                if behind:
                    break
                settled.add(tops[0])
        if not behind:
            break
        place = list(text).index(tops[0])
        for number, block in enumerate(list(text)[slice(*behind)]):
            text.remove(block)
            text.insert(place + number, block)
    rendered.write_pdf(document)


def length(text):
    """Of an SVG in CSS pixels, or None."""
    match = re.fullmatch(r"\s*([\d.]+(?:e[+-]?\d+)?)\s*([a-z]*)\s*", text or "")
    return float(match[1]) * CSS_PIXELS[match[2]] if match and match[2] in CSS_PIXELS else None


def write_figure(source, target):
    with open(source, "rb") as file:
        picture = file.read()
    root = ElementTree.fromstring(picture)
    box = [float(number) for number in re.findall(r"-?[\d.]+", root.get("viewBox", ""))]
    width, height = length(root.get("width")), length(root.get("height"))
    if width is None or height is None:
        width, height = box[2:4] if len(box) == 4 else (600, 400)
    shrink = min(1, 2000 / max(width, height, 1))
    width, height = max(1, math.ceil(width * shrink)), max(1, math.ceil(height * shrink))
    data = base64.b64encode(picture).decode()
    html = (f"<style>@page {{ size: {width}px {height}px; margin: 0 }} body {{ margin: 0 }} img {{ display: block; width: {width}px; "
            f"height: {height}px }}</style><img src='data:image/svg+xml;base64,{data}'>")
    weasyprint.HTML(string=html, url_fetcher=only_embedded).write_pdf(target)


def main():
    words = sys.argv[1:]
    if words[0] == "--figures":
        for source, target in zip(words[1::2], words[2::2]):
            write_figure(source, target)
    elif words[0] == "--slides":
        write_slides(*words[1:])
    elif words[0] == "--columns":
        write_columns(*words[1:])
    else:
        page, document = words
        with open(page, encoding="utf-8") as file:
            weasyprint.HTML(string=file.read(), url_fetcher=only_embedded).write_pdf(document)


if __name__ == "__main__":
    main()
