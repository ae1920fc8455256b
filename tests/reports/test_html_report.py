"""The HTML report: one file, every text escaped, everything of the report in it."""

import re
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from alembic_proof.reports.html import render
from alembic_proof.reports.report import Report, RevisionSummary, StepSummary
from tests.reports.browser import Browser, find_chromium
from tests.unit.reports_made import made

ATTACK = "</script></style><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">'\"&"
VOID = {"meta", "input", "br", "img", "link", "hr"}


class Page(HTMLParser):
    """The elements of a page: their nesting is checked, their texts and attributes are kept."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID and tag not in {"path", "circle"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in {"path", "circle"}:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def detailed() -> Report:
    """The report made by hand, with what a detailed one holds."""
    report = made()
    source = 'from alembic import op\n\n\ndef upgrade():\n    """Two\n    lines."""\n    op.drop_table("x")\n\n# line 9 <b>\n'
    revisions = [msgspec.structs.replace(revision, source=source) for revision in report.revisions]
    revisions[1] = msgspec.structs.replace(revisions[1], down=("a",), message="Second & <i>")
    revisions[2] = msgspec.structs.replace(revisions[2], down=("b",), deploy="schema first")
    step = StepSummary("sqlite", "b", ("DROP TABLE x -- <b>",), ("- TABLE x (id)", "~ COLUMN y.z  type: INTEGER -> TEXT"), 0.0123)
    return msgspec.structs.replace(report, revisions=tuple(revisions), steps=(step,))


def hostile() -> Report:
    """A report whose every text would like to be markup."""
    report = made()
    findings = tuple(
        replace(one, what=ATTACK, effect=ATTACK, seen=(ATTACK,), fix=ATTACK, file=ATTACK, object=ATTACK)
        for one in report.findings
    )
    revisions = tuple(RevisionSummary(one.id, one.down, ATTACK, ATTACK, ATTACK) for one in report.revisions)
    outcomes = tuple(replace(one, reason=ATTACK) for one in report.outcomes)
    steps = (StepSummary("sqlite", "b", (ATTACK,), (f"+ {ATTACK}",), 0.0),)
    changed = {"findings": findings, "revisions": revisions, "outcomes": outcomes, "steps": steps, "not_compared": (ATTACK,)}
    return msgspec.structs.replace(report, **changed)


def test_everything_of_the_report_is_in_the_page() -> None:
    """Findings, reasons, statements, changes, source, timings; and the elements are nested as they should be."""
    source = render(detailed())
    page = Page(source)
    text = "".join(page.texts)

    assert page.open == []
    for told in (
        "Broken: 1 finding and 1 warning", "Index ix was there.", "declared one-way.", "line 1\nline 2", "DROP TABLE x -- <b>",
        "- TABLE x (id)", "~ COLUMN y.z  type: INTEGER -> TEXT", 'op.drop_table("x")', "0.50 s", "sqlite: PRAGMA settings",
        "Second & <i>", "upgrade 12.3 ms", "Deploy: schema first", "nobody goes back",
        "Accepted, and not found: models-match-migrations in pyproject.toml:12",
    ):  # fmt: skip
        assert told in text, told
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert {"overview", "a", "b", "c"} <= set(ids)
    assert len(ids) == len(set(ids))


def test_the_line_of_a_finding_is_marked() -> None:
    """In the source of the revision, where the finding points to."""
    page = render(detailed())
    [marked] = re.findall(r'<span class="line marked">(.*?)\n', page)

    assert "# line 9 &lt;b&gt;" in marked


def test_the_page_needs_nothing_else() -> None:
    """No address, no file beside it; and the page itself forbids any."""
    elements = Page(render(detailed())).elements
    references = [attributes[name] for _, attributes in elements for name in ("src", "href") if name in attributes]

    assert all(reference and reference.startswith("#") for reference in references)
    assert not re.search(r"url\(|@import|https?://", render(detailed()))
    assert "default-src 'none'" in render(made())


def test_no_text_is_markup() -> None:
    """Whatever a database, a revision or a path says, the page has the elements that it would have had, and no others."""
    page = Page(render(hostile()))

    assert page.open == []
    assert [tag for tag, _ in page.elements].count("script") == 1
    assert "img" not in {tag for tag, _ in page.elements}
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)


def test_a_report_of_nothing_is_a_page() -> None:
    """No revision, no finding, no database."""
    empty = msgspec.structs.replace(made(nothing_proved=True), revisions=(), databases=(), timings=(), not_compared=())

    assert "Nothing was proved" in "".join(Page(render(empty)).texts)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Browser:
    """A headless Chromium, where there is one."""
    chromium = find_chromium()
    if chromium is None:
        pytest.skip("not proved: no chromium on this machine (apt install chromium)")
    return Browser(chromium, tmp_path_factory.mktemp("browser"))


def test_pages_filters_and_keys_work(browser: Browser) -> None:
    """A permalink opens its revision; j, k, n and o walk; the filters leave what fits; t turns the light."""
    told = browser.run(
        render(detailed()),
        """
        const shown = () => document.querySelector(".page.shown").id;
        const settle = () => new Promise((done) => setTimeout(done, 0));
        const press = async (key) => { dispatchEvent(new KeyboardEvent("keydown", {key})); await settle(); await settle(); };
        const left = () => [...document.querySelectorAll(".graph li:not(.apart) b")].map((one) => one.textContent);
        const choose = (id, value) => {
          const field = document.getElementById(id); field.value = value; field.dispatchEvent(new Event("input"));
        };
        told.permalink = shown();
        await press("k"); told.k = shown();
        await press("j"); await press("j"); told.jj = shown();
        await press("o"); told.o = shown();
        await press("n"); told.n = shown();
        choose("-outcome", "not_proved"); choose("-database", "sqlite"); told.filtered = left();
        choose("-outcome", ""); choose("-database", ""); choose("-search", "second"); told.searched = left();
        choose("-search", "no such thing"); told.none = [left(), document.getElementById("-none").hidden];
        const before = document.documentElement.dataset.theme;
        await press("t"); told.turned = [before, document.documentElement.dataset.theme];
        told.wide = document.documentElement.scrollWidth <= innerWidth;
        """,
        "#b",
    )

    assert told == {
        "permalink": "b", "k": "c", "jj": "a", "o": "overview", "n": "b", "filtered": ["c"], "searched": ["b"],
        "none": [[], False], "turned": ["light", "dark"], "wide": True,
    }  # fmt: skip


def test_a_browser_runs_no_text(browser: Browser) -> None:
    """A browser's parser is the one that counts: nothing of the hostile report runs, and all of it is shown."""
    told = browser.run(
        render(hostile()),
        "Object.assign(told, {title: document.title, images: document.images.length, "
        "what: document.querySelector('.what').innerText});",
    )

    assert told["title"].startswith("Broken: ")
    assert told["images"] == 0
    assert told["what"] == ATTACK


def test_a_phone_scrolls_in_one_direction(browser: Browser, tmp_path: Path) -> None:
    """At 390 pixels nothing sticks out to the side, on the overview and on a revision with source and statements."""
    (tmp_path / "page.html").write_text(render(detailed()), encoding="utf-8")
    frames = "".join(
        f'<iframe id="{name}" style="width:390px;height:800px;border:0" srcdoc=""></iframe>' for name in ("overview", "b")
    )
    told = browser.run(
        f"<!doctype html><body>{frames}</body>",
        f"""
        const page = {msgspec.json.encode(render(detailed())).decode().replace("<", chr(92) + "u003c")};
        for (const id of ["overview", "b"]) {{
          const frame = document.getElementById(id);
          await new Promise((done) => {{ frame.onload = done; frame.srcdoc = page; }});
          frame.contentWindow.location.hash = id;
          await new Promise((done) => setTimeout(done, 50));
          told[id] = [frame.contentDocument.documentElement.scrollWidth, frame.contentDocument.querySelector(".page.shown").id];
        }}
        """,
    )

    assert told == {"overview": [390, "overview"], "b": [390, "b"]}
