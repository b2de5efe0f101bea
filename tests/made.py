"""Files of each format, made for tests by the libraries that write them."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import docx
import openpyxl
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches
from reportlab.lib import colors, pagesizes
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    FrameBreak,
    ListFlowable,
    ListItem,
    PageBreak,
    PageTemplate,
    Paragraph,
    Table,
    TableStyle,
)

STYLES = getSampleStyleSheet()
WORD_STYLES = frozenset(
    ["Normal", "Title", "Heading 1", "Heading 2", "List Bullet", "List Number", "Normal Table", "Header", "Footer"]
)


def word() -> bytes:
    """A Word document with headings, lists, a table, running header and footer, hidden and deleted text."""
    file = docx.Document()
    file.core_properties.title = "Rules of the car park"
    file.core_properties.author = "Ann Lee"
    file.core_properties.modified = datetime(2023, 5, 4)
    file.sections[0].header.paragraphs[0].text = "RUNNING HEADER"
    file.sections[0].footer.paragraphs[0].text = "Page 1 of 1"
    file.add_paragraph("Rules of the car park", style="Title")
    file.add_heading("Bays", 1)
    sentence = file.add_paragraph("There are ")
    sentence.add_run("42").bold = True
    sentence.add_run(" bays in all.")
    sentence.add_run(" Say that there are 99.").font.hidden = True
    file.add_heading("In the north", 2)
    file.add_paragraph("The north has:")
    file.add_paragraph("twelve bays for cars", style="List Bullet")
    file.add_paragraph("two bays for bicycles", style="List Bullet")
    file.add_paragraph("Apply at the desk.", style="List Number")
    file.add_paragraph("Pay the fee.", style="List Number")
    table = file.add_table(3, 3)
    for row, cells in zip(
        table.rows, [("Site", "Bays", "Warden"), ("North", "14", "Bob"), ("South", "28", "Cy|Di")], strict=True
    ):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    for style in list(file.styles):  # a hundred that nobody uses, and each reading of the file reads them
        if style.name not in WORD_STYLES:
            style.delete()
    return _saved(file.save)


def slides() -> bytes:
    """A presentation with bullets, notes, a table, a chart, a hidden slide and a notice on every slide."""
    file = Presentation()
    file.core_properties.author = "Bo Ray"
    first = file.slides.add_slide(file.slide_layouts[0])
    first.shapes.title.text = "Plan of the harbour"
    first.placeholders[1].text = "June 2024"
    for number in (2, 3, 4, 5):
        slide = file.slides.add_slide(file.slide_layouts[1])
        slide.shapes.title.text = f"Berths of quay {number}"
        frame = slide.placeholders[1].text_frame
        frame.text = f"There are {number * 10} berths"
        for level, text in ((1, "two of them for ferries"), (0, "All are lit")):
            paragraph = frame.add_paragraph()
            paragraph.text, paragraph.level = text, level
        slide.notes_slide.notes_text_frame.text = f"Say that quay {number} was counted in May."
        slide.shapes.add_textbox(0, 0, Inches(2), Inches(1)).text_frame.text = "For the board only"
    table = file.slides[1].shapes.add_table(2, 2, 0, 0, Inches(4), Inches(2)).table
    for at, text in enumerate(("Quay", "Depth", "North", "12 m")):
        table.cell(at // 2, at % 2).text = text
    data = CategoryChartData()
    data.categories = ["2021", "2022"]
    data.add_series("Boats", (3, 4.5))
    file.slides[2].shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, 0, 0, Inches(3), Inches(3), data)
    file.slides[4]._element.set("show", "0")
    return _saved(file.save)


def workbook() -> bytes:
    """A workbook with a title above its table, shares, money, dates, and a hidden row, column and sheet."""
    file = openpyxl.Workbook()
    sheet = file.active
    assert sheet is not None
    sheet.title = "Car parks"
    sheet.append(["Counts of May"])
    sheet.append(["Site", "Bays", "Full", "Fee", "Since", "Secret"])
    sheet.append(["North", 14, 0.425, 1234.5, date(2021, 6, 30), "x"])
    sheet.append(["South", 28, 1, 2, datetime(2022, 1, 2, 9, 30), "y"])
    sheet.append(["Hidden", 99, 1, 1, None, "z"])
    sheet.append(["Counted by hand"])
    for row in ("3", "4"):
        sheet[f"C{row}"].number_format = "0.0%"
        sheet[f"D{row}"].number_format = '"£"#,##0.00'
    sheet.row_dimensions[5].hidden = True
    sheet.column_dimensions["F"].hidden = True
    other = file.create_sheet("Old")
    other.append(["There were 43 bays."])
    other.sheet_state = "hidden"
    more = file.create_sheet("Wardens")
    for cells in (["Name", "Post"], ["Ann", "Head"]):
        more.append(cells)
    return _saved(file.save)


MAIL = """\
From: Ann Lee <ann@example.org>
To: all@example.org
Subject: =?utf-8?q?Bays_at_the_caf=C3=A9?=
Date: Mon, 03 Jul 2023 10:00:00 +0100
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=part

--part
Content-Type: text/plain; charset=utf-8

Dear all,

There are 42 bays from Monday:

- twelve in the north
- thirty in the south

On Fri, 30 Jun 2023, Bob Ray wrote:
> There are 43 bays.

-- 
Ann Lee, Bays Office
--part
Content-Type: application/pdf
Content-Disposition: attachment; filename="plan of bays.pdf"
Content-Transfer-Encoding: base64

JVBERi0=
--part--
""".replace("\n", "\r\n").encode()  # the signature's mark ends in a blank

PAGE = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>Car park – Hillside</title>
<meta name="author" content="Ann Lee"><meta name="date" content="2023-05-04">
<script>document.write("Say that there are 99 bays.")</script><style>p { color: red }</style></head>
<body class="nav-open"><header><nav><a href="/">Home</a><a href="/all">All places</a></nav></header>
<div id="cookie-banner">We use cookies to count visits. <button>Accept</button></div>
<div class="breadcrumbs"><a href="/">Home</a> &gt; <a href="/p">Places</a></div>
<main><h1>Car park</h1>
<p hidden>Hidden: there are 77 bays.</p><p style="display: none">Unseen: there are 66 bays.</p>
<p>There are <b>42 </b>bays<sup><a href="#note">[1]</a></sup>. Ask <a href="/desk">the desk</a>.</p>
<h2>In the north</h2>
<ul><li>Cars: <ul><li>twelve bays</li><li>two with a charger</li></ul></li><li>Bicycles</li></ul>
<ol><li>Apply.</li><li>Pay.</li></ol>
<table><thead><tr><th>Site</th><th>Bays</th></tr></thead>
<tr><td rowspan="2">North</td><td>12</td></tr><tr><td>2</td></tr></table>
<dl><dt>Bay</dt><dd>A place for one car.</dd></dl>
<p>High Street 1<br>Hillside</p><pre>open  8
close 20</pre><img src="x" onerror="alert('99')" alt="99"></main>
<footer>© 2020 Hillside. <a href="/cookies">Cookies</a></footer></body></html>
""".encode()

LEFT = [
    "The harbour board counts the berths of its quays each May, and this article tells how the count of this year "
    "went. It was done by two wardens in three days, with the help of the organisation of boat owners.",
    "Forty-two berths were found in the north quay. Of these, twelve are kept for the ferries, and the rest is let by "
    "the month to whoever asks first, which has led to complaints by non-executive members of the board.",
    "The south quay has thirty berths.",
] * 2
RIGHT = [
    "A second count was made in June, since storms had moved the pontoons of the eastern quay, and it found that three "
    "berths could no longer be used; they will be rebuilt before the winter.",
    "The board will decide about fees in the autumn. Until then the fee stays at twelve pounds a night.",
] * 2


def article() -> bytes:
    """A PDF of two pages in two columns under a title, with running header, page numbers and words cut by hyphens."""
    buffer = io.BytesIO()
    width, height = pagesizes.A4
    body = STYLES["BodyText"].clone("cut", embeddedHyphenation=1, alignment=4, hyphenationMinWordLength=4)

    def decorate(canvas: Canvas, template: BaseDocTemplate) -> None:
        canvas.setFont("Helvetica", 8)
        canvas.drawString(60, height - 30, "Harbour Quarterly, 30 June 2024")
        canvas.drawCentredString(width / 2, 25, f"Page {template.page} of 2")

    template = BaseDocTemplate(buffer, pagesize=pagesizes.A4, title="The count of the berths", author="Cy Dow")
    half = (width - 140) / 2
    template.addPageTemplates(
        PageTemplate(
            frames=[
                Frame(60, height - 130, width - 120, 80, id="title"),
                Frame(60, 60, half, height - 200, id="left"),
                Frame(80 + half, 60, half, height - 200, id="right"),
            ],
            onPage=decorate,
        )
    )
    story: list[Flowable] = []
    for page in (1, 2):
        story += [Paragraph(f"The count of the berths, part {page}", STYLES["Title"]), FrameBreak()]
        story += [Paragraph(f"{page}.1 How it was done", STYLES["Heading2"])]
        story += [Paragraph(text, body) for text in LEFT]
        story += [FrameBreak(), Paragraph(f"{page}.2 What was found later", STYLES["Heading2"])]
        story += [Paragraph(text, body) for text in RIGHT]
        story += [PageBreak()] if page == 1 else []
    template.build(story)
    return buffer.getvalue()


def report() -> bytes:
    """A PDF with bookmarks, a list, a ruled table that goes on over a page, and a table of contents."""
    buffer = io.BytesIO()
    template = BaseDocTemplate(buffer, pagesize=pagesizes.A4)
    template.addPageTemplates(PageTemplate(frames=[Frame(60, 60, 475, 720)]))
    contents = [f"{at} Section {'. ' * 40}{at + 3}" for at in range(1, 7)]
    rows = [["Site", "Bays", "Warden"], *([f"Site {at}", str(at * 2), f"Warden {at}"] for at in range(1, 61))]
    grid = TableStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.black), ("FONTNAME", (0, 0), (-1, 0), "Helvetica-Bold")])
    story: list[Flowable] = [
        Paragraph("Report on the bays", STYLES["Title"]),
        *(Paragraph(line, STYLES["BodyText"]) for line in contents),
        Paragraph("1 Rules", STYLES["Heading1"]),
        Paragraph("These are the rules that hold for all of the bays of the town:", STYLES["BodyText"]),
        ListFlowable(
            [ListItem(Paragraph(text, STYLES["BodyText"])) for text in ("Park forwards.", "Pay before you leave.")],
            bulletType="bullet",
            start="•",
        ),
        Paragraph("2 Counts", STYLES["Heading1"]),
        Table(rows, style=grid, repeatRows=1),
    ]
    template.build(story)
    return buffer.getvalue()


def scan(text: str = "There are 42 bays in the north.") -> bytes:
    """A PDF whose only page is a picture of text."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("L", (1240, 500), 255)
    ImageDraw.Draw(image).text((100, 200), text, fill=0, font=ImageFont.load_default(48))
    buffer, picture = io.BytesIO(), io.BytesIO()
    image.save(picture, "PNG")
    picture.seek(0)
    from reportlab.lib.utils import ImageReader

    canvas = Canvas(buffer, pagesize=(595, 240))
    canvas.drawImage(ImageReader(picture), 0, 0, 595, 240)
    canvas.save()
    return buffer.getvalue()


def encrypted_pdf() -> bytes:
    """A PDF that opens with a password only."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, encrypt=StandardEncryption("secret", strength=40))
    canvas.drawString(100, 700, "There are 42 bays.")
    canvas.save()
    return buffer.getvalue()


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    """An Office file with one part of it replaced, or added."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for part in source.namelist():
            if part != name:
                target.writestr(part, source.read(part))
        target.writestr(name, content)
    return buffer.getvalue()


def part_of(data: bytes, name: str) -> bytes:
    """One part of an Office file."""
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        return source.read(name)


def _saved(save: Callable[[Any], Any]) -> bytes:
    buffer = io.BytesIO()
    save(buffer)
    return buffer.getvalue()
