#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Looks at pages of lanebench in a headless Chromium, as people do: browse.py PAGE HOSTILE_PAGE

Prints a line for each check: "NAME ok", or "NAME failed: what was seen". NAMEs are the functions check_NAME.
"""
import base64
import os
import shutil
import subprocess
import sys
import tempfile
import traceback

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

ARGUMENTS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
             "--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1280,900")

# Of each element with text of its own: contrast of its colour to what is behind it (WCAG 2.1), the lowest ones.
CONTRAST = """
const parse = (text) => { const n = text.match(/[\\d.]+/g).map(Number); return n.length < 4 ? [...n, 1] : n; };
const luminance = (c) => { const [r, g, b] = c.map((v) => { v /= 255;
    return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
const behind = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor);
    if (c[3] > 0) return c; } return [255, 255, 255, 1]; };
const low = [];
let seen = 0;
for (const e of document.body.querySelectorAll('*')) {
    const isText = e.tagName === 'text' || e.tagName === 'tspan';
    if (e.closest('script, style, defs') || (e.closest('svg') && !isText) || !e.getClientRects().length) continue;
    if (![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())) continue;
    const style = getComputedStyle(e), own = parse(isText ? style.fill : style.color).slice(0, 3);
    const a = luminance(own), b = luminance(behind(e).slice(0, 3));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    seen++;
    if (ratio < 4.5) low.push(`${e.tagName}.${e.getAttribute('class')} ${ratio.toFixed(2)}: ${e.textContent.slice(0, 40)}`);
}
return [seen, low];
"""


class Trouble(Exception):
    pass


def expect(truth, what):
    if not truth:
        raise Trouble(what)


class Browser:
    def __init__(self):
        self.profile = tempfile.mkdtemp()
        options = webdriver.ChromeOptions()
        for argument in ARGUMENTS + ("--user-data-dir=" + self.profile,):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)

    def close(self):
        self.driver.quit()
        shutil.rmtree(self.profile, ignore_errors=True)

    def command(self, name, **arguments):
        return self.driver.execute_cdp_cmd(name, arguments)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def show(self, page, width=1280, scheme="light"):
        """Opens it; what the console said while it did."""
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 500)
        self.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.driver.get("file://" + os.path.abspath(page))
        return [entry["message"] for entry in self.driver.get_log("browser")]


def check_opens(browser, page, _):
    browser.driver.get_log("performance")
    messages = browser.show(page)
    expect(not messages, "the console says " + " | ".join(messages)[:400])
    requests = [entry["message"] for entry in browser.driver.get_log("performance")
                if "Network.requestWillBeSent" in entry["message"] and '"url":"http' in entry["message"]]
    expect(not requests, "it asks the network: " + " | ".join(requests)[:400])
    expect(browser.run("return document.querySelectorAll('table.tests tbody tr').length") > 0, "no rows")
    expect(browser.run("return document.querySelectorAll('figure svg').length") > 0, "no plots")


def check_widths(browser, page, _):
    for width in (360, 390, 768, 1280):
        browser.show(page, width)
        wide = browser.run("return document.documentElement.scrollWidth")
        expect(wide <= width, f"{wide} pixels on a screen of {width}")


def check_colours(browser, page, _):
    papers = {}
    for scheme in ("light", "dark"):
        browser.show(page, scheme=scheme)
        papers[scheme] = browser.run("return getComputedStyle(document.body).backgroundColor")
        seen, low = browser.run(CONTRAST)
        expect(seen > 100, f"only {seen} texts")
        expect(not low, f"{scheme}: contrast below 4.5: " + " | ".join(low[:5]))
    expect(papers["light"] != papers["dark"], "light and dark are the same: " + papers["light"])


def column(browser, index):
    return browser.run("return [...document.querySelectorAll('#throughput tbody tr')].map((row) => "
                       "row.cells[arguments[0]].dataset.v ?? null).map((v) => v === null ? null : Number(v))", index)


def check_sorts(browser, page, _):
    browser.show(page)
    index = browser.run("return [...document.querySelectorAll('#throughput thead th')].findIndex((th) => "
                        "th.textContent.startsWith('forwarded'))")
    before = column(browser, index)
    expect(len(before) > 2 and before != sorted(before, reverse=True), "the record is in that order anyway")
    button = browser.driver.find_elements("css selector", "#throughput thead th")[index].find_element("tag name", "button")
    for state, order in (("descending", sorted(before, reverse=True)), ("ascending", sorted(before)), ("none", before)):
        browser.run("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", button)
        button.click()
        said = browser.run("return [...document.querySelectorAll('#throughput thead th')].map((th) => "
                           "th.getAttribute('aria-sort'))")
        expect(said[index] == state and all(other == "none" for i, other in enumerate(said) if i != index), f"aria-sort {said}")
        expect(column(browser, index) == order, f"{state}: {column(browser, index)}")
    button.send_keys("\ue007")  # Enter
    expect(column(browser, index) == sorted(before, reverse=True), "not by keyboard")


def check_filters(browser, page, _):
    browser.show(page)
    shown = "return [...document.querySelectorAll('#throughput tbody tr')].filter((row) => row.getClientRects().length)"
    total = browser.run(shown + ".length")
    box = browser.driver.find_element("css selector", "input[data-table=throughput]")
    browser.run("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", box)
    box.send_keys("linux-bridge udp")
    texts = browser.run(shown + ".map((row) => row.textContent)")
    expect(0 < len(texts) < total and all("linux-bridge" in t and "udp" in t for t in texts), f"{len(texts)} of {total}")
    said = browser.run("return document.querySelector('output[data-of=throughput]').value")
    expect(said == f"{len(texts)} of {total} tests", said)
    box.clear()
    box.send_keys("x")
    box.send_keys("\ue003")  # Backspace
    expect(browser.run(shown + ".length") == total, "they do not come back")


def check_hostile(browser, _, page):
    messages = browser.show(page)
    expect(not messages, "the console says " + " | ".join(messages)[:400])
    expect("canary" not in browser.run("return document.title").split("<")[0], "a script ran")
    expect(browser.run("return document.scripts.length") == 1, "more than one script")
    foreign = browser.run("return [...document.querySelectorAll('img, iframe, object, embed, form, base, [onmouseover], "
                          "[onerror], [onload], a[href^=javascript]')].map((e) => e.outerHTML.slice(0, 80))")
    expect(not foreign, "elements of the record's: " + " | ".join(foreign))
    text = browser.run("return document.body.textContent")
    expect("<script>document.title='canary'</script>" in text, "the name is not there as text")


def pdf_text(data):
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(data)
        file.flush()
        text = subprocess.run(["pdftotext", "-layout", file.name, "-"], check=True, capture_output=True, text=True).stdout
    return text


def check_prints(browser, page, _):
    browser.show(page, scheme="dark")
    data = base64.b64decode(browser.command("Page.printToPDF", preferCSSPageSize=True)["data"])
    text = pdf_text(data)
    expect(text.count("\f") > 1, "one page")
    folded = browser.run("return document.querySelector('details pre').textContent.trim()")
    for words in ("The answer", "linux-bridge", "pps", "How to read it", folded):
        expect(words in text, f"no {words!r} on paper")
    expect("words that a test has" not in text, "controls on paper")


def check_unscripted(browser, page, _):
    browser.command("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.show(page)
        root = browser.command("DOM.getDocument", depth=-1)["root"]["nodeId"]

        def count(selector):
            return len(browser.command("DOM.querySelectorAll", nodeId=root, selector=selector)["nodeIds"])
        expect(count("table.tests tbody tr") > 2, "no rows")
        expect(count("p.controls[hidden]") == count("p.controls") > 0, "controls that do nothing")
        expect(count("thead button") == 0, "buttons that do nothing")
    finally:
        browser.command("Emulation.setScriptExecutionDisabled", value=False)


def check_headings(browser, page, _):
    browser.show(page)
    levels = browser.run("return [...document.querySelectorAll('h1, h2, h3, h4')].map((h) => Number(h.tagName[1]))")
    expect(levels.count(1) == 1 and levels[0] == 1, f"headings {levels}")
    expect(all(b <= a + 1 for a, b in zip(levels, levels[1:])), f"headings {levels}")
    bare = browser.run("return [...document.querySelectorAll('table')].filter((t) => !t.caption || "
                       "[...t.querySelectorAll('th')].some((th) => !th.scope)).map((t) => t.outerHTML.slice(0, 80))")
    expect(not bare, "tables without caption or scope: " + " | ".join(bare))
    ids = browser.run("return [...document.querySelectorAll('[id]')].map((e) => e.id)")
    expect(len(ids) == len(set(ids)), "ids twice: " + ", ".join(sorted({i for i in ids if ids.count(i) > 1})[:5]))
    dead = browser.run("return [...document.querySelectorAll('a[href^=\"#\"]')].filter((a) => "
                       "!document.getElementById(a.hash.slice(1))).map((a) => a.hash)")
    expect(not dead, "links to nowhere: " + ", ".join(dead))


def main():
    page, hostile = sys.argv[1:]
    browser = Browser()
    try:
        for name, check in list(globals().items()):
            if not name.startswith("check_"):
                continue
            try:
                check(browser, page, hostile)
                print(name[6:], "ok", flush=True)
            except Trouble as trouble:
                print(name[6:], "failed:", trouble, flush=True)
            except Exception:
                print(name[6:], "failed:", traceback.format_exc().replace("\n", " | "), flush=True)
    finally:
        browser.close()


main()
