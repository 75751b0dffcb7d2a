"""The HTML report in headless Chromium: it draws, filters and explains, says nothing on the console and asks for
nothing, whatever lies in it, and a thousand policies stay light.

Without Chromium and its driver these tests are skipped, unless NETPOL_VERIFY_BROWSER=required.
"""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from html_support import html_of
from netpol_verify import ProveRequest, run_prove
from netpol_verify.encodings.reading import Entry, read_manifests
from netpol_verify.properties.suite import Semantics, World
from netpol_verify.verify.results import Because, Report
from netpol_verify.verify.sources import Source
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.chrome.webdriver import WebDriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait
from test_html_report import HOSTILE_MANIFEST, SUITE, named
from test_report_golden import PROVED, REFUTED, report

ROOT = Path(__file__).resolve().parent.parent
WANTED = "NETPOL_VERIFY_BROWSER"
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: shop}\nspec: {containers: [{name: c}]}\n"
ONE = """
apiVersion: netpol-verify/v1
kind: PropertySuite
manifests: [all.yaml]
properties: [{id: apart, never: {from: {namespace: shop, pods: app=one}, to: {namespace: shop, pods: app=two}}}]
"""
PATIENCE = 60
"""Seconds in which a page may do what it is asked; only a page that never does it takes them."""


def programs() -> tuple[str, str]:
    """Chromium and its driver. Skips the test if one is missing, or fails it if they are required."""
    names = (("chromium", "chromium-browser", "google-chrome"), ("chromedriver", "chromium-driver"))
    found = [next(filter(None, map(shutil.which, each)), None) for each in names]
    if None in found:
        why = "no Chromium, or no driver for it: Debian's packages chromium and chromium-driver"
        if os.environ.get(WANTED) == "required":
            pytest.fail(f"{why}, and {WANTED}=required")
        pytest.skip(why)
    return cast("tuple[str, str]", tuple(found))


@pytest.fixture(scope="module")
def chromium() -> Iterator[WebDriver]:
    program, driver = programs()
    options = Options()
    options.binary_location = program
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1300,1200"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    started = webdriver.Chrome(options=options, service=Service(driver))
    yield started
    started.quit()


class Shown:
    """A page in the browser."""

    def __init__(self, driver: WebDriver, file: Path, text: str) -> None:
        self.driver = driver
        file.write_text(text, "utf-8")
        self.address = file.as_uri()
        driver.get("about:blank")
        for kind in ("browser", "performance"):
            driver.get_log(kind)  # pyright: ignore[reportUnknownMemberType]
        driver.get(self.address)

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector: str) -> WebElement:
        (found,) = self.all(selector)
        return found

    def seen(self, selector: str) -> list[WebElement]:
        return [each for each in self.all(selector) if each.is_displayed()]

    def run(self, script: str, *arguments: object) -> Any:
        return self.driver.execute_script(script, *arguments)  # pyright: ignore[reportUnknownMemberType]

    def wait(self, selector: str) -> list[WebElement]:
        """The elements, once there are some."""
        WebDriverWait(self.driver, PATIENCE).until(lambda _: self.all(selector))
        return self.all(selector)

    def picture(self) -> list[WebElement]:
        """The boxes of the picture, which is drawn when it comes into view."""
        self.run("document.getElementById('picture').scrollIntoView()")
        return self.wait(".node")

    def node(self, name: str) -> WebElement:
        return next(each for each in self.all(".node") if each.text.split("\n")[0] == name)

    def type(self, text: str) -> None:
        box = self.one("#filters [name=text]")
        box.clear()
        box.send_keys(text)

    def names(self) -> list[str]:
        return [each.text for each in self.seen(".row .name")]

    def log(self, kind: str) -> list[dict[str, Any]]:
        return cast("list[dict[str, Any]]", self.driver.get_log(kind))  # pyright: ignore[reportUnknownMemberType]

    def check_silent(self) -> None:
        """Nothing on the console, and no request but for the page itself."""
        assert [each["message"] for each in self.log("browser")] == []
        events = [json.loads(each["message"])["message"] for each in self.log("performance")]
        asked = {each["params"]["request"]["url"] for each in events if each["method"] == "Network.requestWillBeSent"}
        assert {each for each in asked if not each.startswith("data:")} == {self.address}


@pytest.fixture(scope="module")
def tiers(chromium: WebDriver, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of the first example; without a browser nothing is proved for it."""
    del chromium, tmp_path_factory
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        return html_of(run_prove(ProveRequest(suites=("examples/1-three-tiers/properties.yaml",))))


@pytest.fixture
def page(chromium: WebDriver, tiers: str, tmp_path: Path) -> Iterator[Shown]:
    """The page of the first example, which has to stay silent whatever a test does to it."""
    shown = Shown(chromium, tmp_path / "report.html", tiers)
    yield shown
    shown.check_silent()


def test_the_outcome_stands_at_the_top_with_the_counterexample_drawn(page: Shown) -> None:
    assert page.one(".word").text.endswith("FAIL")
    assert page.one("h1").text == "1 of 8 properties fails"
    flow = page.one(".flow")
    assert flow.is_displayed()
    source, destination = page.all(".flow .end")
    assert "app=hollowapp" in source.text
    assert "nobody declared" in source.text
    assert "hollow/StatefulSet/hollowdb" in destination.text
    assert [each.text.split("\n")[0] for each in page.all(".flow .gate")] == ["egress: open", "ingress: open"]
    assert "TCP/3306" in page.one(".flow .wire.port").text
    assert not page.all(".flow .cut")


def test_the_lines_that_decide_are_marked_in_the_manifests_text(page: Shown) -> None:
    marked = [each.text for each in page.all(".row:first-child .code .marked")]
    assert marked[0].split("\n")[0].strip() == "13- from:" or marked[0].startswith("13")
    assert any("namespaceSelector: {}" in each for each in marked)
    page.one(".flow button.place").click()
    assert "- from:" in page.one(".looked-up").text


def test_details_are_made_when_a_property_is_opened(page: Shown) -> None:
    row = page.all(".row")[3]
    assert not row.find_elements(By.CSS_SELECTOR, ".texts")
    row.find_element(By.TAG_NAME, "summary").send_keys(Keys.ENTER)
    WebDriverWait(page.driver, PATIENCE).until(lambda _: row.find_elements(By.CSS_SELECTOR, ".texts"))
    assert "Proved because" in row.text
    assert "isolates" in row.find_element(By.CSS_SELECTOR, ".marked").text


def test_filters_by_status_severity_and_text(page: Shown) -> None:
    everything = page.names()
    assert len(everything) == 8
    page.one("#filters [value=pass]").click()
    assert page.names() == ["only-app-reaches-db"]
    assert page.one("#shown").text == "1 of 8 shown"
    page.one("#filters [value=pass]").click()
    page.run(
        "const s = document.querySelector('[name=severity]'); s.value = 'critical';"
        "s.dispatchEvent(new Event('input', {bubbles: true}))"
    )
    assert page.names() == ["only-app-reaches-db", "web-never-reaches-db"]
    page.type("db.yaml:13")
    assert page.names() == ["only-app-reaches-db"], "found by evidence that is not yet drawn, too"
    page.type("no such thing")
    assert page.names() == []
    assert page.one("#none").is_displayed()


def test_the_list_is_usable_from_the_keyboard(page: Shown) -> None:
    page.one("body").send_keys("/")
    assert page.run("return document.activeElement.name") == "text"
    page.driver.switch_to.active_element.send_keys("web-reaches-app" + Keys.ENTER)
    assert page.driver.current_url == page.address, "nothing is sent anywhere"
    assert page.names() == ["web-reaches-app"]
    page.driver.switch_to.active_element.send_keys(Keys.TAB)
    page.driver.switch_to.active_element.send_keys(Keys.ENTER)
    row = page.one(".row:not([hidden])")
    WebDriverWait(page.driver, PATIENCE).until(lambda _: "Proved because" in row.text)  # it is drawn when opened


def test_an_address_with_a_property_opens_it(page: Shown) -> None:
    page.run("location.hash = 'names-resolve'")
    WebDriverWait(page.driver, PATIENCE).until(lambda _: len(page.all(".row > details[open]")) == 2)
    assert page.all(".row > details[open]")[1].text.split("\n")[0].endswith("names-resolve proved high")


def test_a_pair_that_may_talk_is_explained_by_both_ends(page: Shown) -> None:
    page.picture()
    page.node("hollowweb").click()
    assert "Reaches 1" in page.one(".why").text
    assert "reached" in (page.node("hollowapp").get_attribute("class") or "")  # pyright: ignore[reportUnknownMemberType]
    page.node("hollowapp").click()
    said = page.one(".why").text
    assert said.startswith("hollow/hollowweb → hollow/hollowapp")
    assert page.one(".why .answer.allowed").text.startswith("allowed: TCP")
    assert "Egress of hollow/hollowweb" in said
    assert "egress[0] admits app=hollowapp" in said
    assert "ingress[0] admits app=hollowweb" in said
    page.all(".why button.place")[0].click()
    assert page.all(".why .text .marked mark")[0].text.strip().startswith("- to:")


def test_a_pair_that_may_not_talk_is_explained_from_the_keyboard(page: Shown) -> None:
    page.picture()
    for selector, name in (
        (".choice label:nth-child(1) select", "hollow/hollowweb"),
        (".choice label:nth-child(2) select", "hollow/hollowdb"),
    ):
        page.one(selector).send_keys(name)
    assert page.one(".why .answer.refused").text == "blocked by egress and by ingress"
    assert "none of their 2 rules is for the other end" in page.one(".why").text
    assert page.all("svg .link.refused")


def test_an_address_is_an_end_too(page: Shown) -> None:
    page.picture()
    page.node("all IPv4 addresses").click()
    page.node("hollowweb").click()
    assert page.one(".why .answer").text == "allowed: TCP 8080"
    assert "open: policies govern pods, not addresses" in page.one(".why").text


CLUSTER_WIDE = """
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: guard}
spec:
  tier: Admin
  priority: 7
  subject: {namespaces: {}}
  ingress: [{action: Deny, from: [{pods: {podSelector: {matchLabels: {app: one}}}}]}]
---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: default}
spec:
  tier: Baseline
  priority: 1
  subject: {namespaces: {}}
  egress: [{action: Deny, to: [{pods: {podSelector: {matchLabels: {app: three}}}}]}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: out, namespace: shop}
spec:
  podSelector: {matchLabels: {app: two}}
  policyTypes: [Egress]
  egress: [{}]
"""


def test_cluster_wide_policies_are_explained_by_tier(chromium: WebDriver, tmp_path: Path) -> None:
    """A policy that selects every pod closes none; a Deny is no reason to be open; what is not asked is not shown."""
    pods = (POD.replace("{name: a,", f"{{name: {each}, labels: {{app: {each}}},") for each in ("one", "two", "three"))
    (tmp_path / "all.yaml").write_text("---\n".join([*pods, CLUSTER_WIDE]), "utf-8")
    suite = tmp_path / "properties.yaml"
    suite.write_text(ONE, "utf-8")
    shown = Shown(chromium, tmp_path / "report.html", html_of(run_prove(ProveRequest(suites=(str(suite),)))))
    shown.picture()
    said: list[str] = []
    for source, destination in (("shop/one", "shop/two"), ("shop/two", "shop/one"), ("shop/two", "shop/three")):
        shown.one(".choice label:nth-child(1) select").send_keys(source)
        shown.one(".choice label:nth-child(2) select").send_keys(destination)
        said.append(shown.one(".why").text)
    assert "blocked: no port is open at both ends" in said[0]
    assert "ClusterNetworkPolicy/guard of the Admin tier, priority 7, selects every pod in any namespace" in said[0]
    assert "ingress[0] denies app=one in any namespace" in said[0]
    assert "allowed: All Connections" in said[1]
    assert "open: no policy has anything to say of this" in said[1]
    assert "a NetworkPolicy selects it, so the Baseline tier is not asked" in said[2]
    assert "ClusterNetworkPolicy/default" not in said[2]
    shown.check_silent()


def test_without_a_script_the_list_is_readable(chromium: WebDriver, tiers: str, tmp_path: Path) -> None:
    command = "Emulation.setScriptExecutionDisabled"
    chromium.execute_cdp_cmd(command, {"value": True})  # pyright: ignore[reportUnknownMemberType]
    try:
        shown = Shown(chromium, tmp_path / "report.html", tiers)
        assert shown.one(".word").text.endswith("FAIL")
        assert len(shown.names()) == 8
        assert "ingress: allowed by hollow/hollowdb, ingress[0]" in shown.all(".row")[0].text
        assert not shown.one("#filters").is_displayed()
        assert "needs JavaScript" in shown.one("#picture").text
    finally:
        chromium.execute_cdp_cmd(command, {"value": False})  # pyright: ignore[reportUnknownMemberType]
    shown.check_silent()


@pytest.mark.parametrize(
    "media", [{"features": [{"name": "prefers-color-scheme", "value": "dark"}]}, {"media": "print"}]
)
def test_colours_fit_the_medium(chromium: WebDriver, page: Shown, media: dict[str, Any]) -> None:
    """Dark on request, and light on paper."""
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", media)  # pyright: ignore[reportUnknownMemberType]
    try:
        ground = page.run("return getComputedStyle(document.body).backgroundColor")
        assert (ground == "rgb(255, 255, 255)") == ("media" in media)
        assert bool(page.seen("#filters")) == ("media" not in media)
    finally:
        chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})  # pyright: ignore[reportUnknownMemberType]


def test_what_fails_is_printed_with_its_details(page: Shown) -> None:
    details = page.all(".row > details")[0]
    page.run("arguments[0].open = false; window.dispatchEvent(new Event('beforeprint'))", details)
    assert page.one(".flow").is_displayed()
    page.run("window.dispatchEvent(new Event('afterprint'))")
    assert not page.one(".flow").is_displayed()


def test_hostile_names_and_manifests_do_nothing(chromium: WebDriver, tmp_path: Path) -> None:
    run = "document.title = 'taken'"
    text = f'</script><script>{run}</script><img src=//evil.example/x onerror="{run}">'
    (tmp_path / "m.yaml").write_text(HOSTILE_MANIFEST + f"# {text}\n---\n{POD}", "utf-8")
    (tmp_path / "p.yaml").write_text(SUITE.replace("properties:", "manifests: [m.yaml]\nproperties:"), "utf-8")
    real = run_prove(ProveRequest(suites=(str(tmp_path / "p.yaml"),)))
    made = named(text)
    made = dataclasses.replace(made, results=(*made.results, *real.results), sources=real.sources)
    shown = Shown(chromium, tmp_path / "report.html", html_of(made))
    for each in shown.all(".row > details:not([open]) > summary"):
        each.click()
    shown.picture()
    assert shown.driver.title.startswith("FAIL: ")
    assert not shown.all("img")
    assert text in shown.one(".row:first-child .flow").text
    shown.check_silent()


def large_report(folder: Path) -> Report:
    """A thousand policies, and some hundred properties that rest on many of them each."""
    script = ROOT / "benchmarks" / "generate.py"
    command = [sys.executable, str(script), "--policies", "1000", "--out", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    manifests = read_manifests([Entry(str(folder / "manifests"))])
    policies = [each for each in manifests.modelled if each.kind == "NetworkPolicy"]
    because = tuple(
        Because("ingress", each.reference, None, "isolates", each.file, each.line, detail="isolates pods")
        for each in policies
    )
    proved = [dataclasses.replace(PROVED, id=f"holds-{number}", because=because) for number in range(300)]
    refuted = [dataclasses.replace(REFUTED, id=f"fails-{number}", because=because[:2]) for number in range(20)]
    source = Source("generated", manifests, (), World(), Semantics())
    return dataclasses.replace(report(), results=(*proved, *refuted), sources=(source,))


def test_a_thousand_policies_stay_light(chromium: WebDriver, tmp_path: Path) -> None:
    """What is not looked at is not made, and what is looked at is made in portions."""
    shown = Shown(chromium, tmp_path / "report.html", html_of(large_report(tmp_path / "large")))
    count = "return document.querySelectorAll('*').length"
    assert len(shown.names()) == 320
    before = shown.run(count)
    assert before < 320 * 30, "the list, and the details of one"
    assert not shown.all(".node")
    shown.run("const row = document.querySelector('.row.pass > details'); row.open = true; row.scrollIntoView()")
    shown.wait(".row.pass .texts")
    assert shown.run(count) < before + 2000
    more = shown.all(".row.pass button.more")
    assert [each.text for each in more] == ["show 12 more of 988 lines", "show 4 more of 996 policies"]
    shown.type("fails-7")
    assert shown.names() == ["fails-7"]
    shown.type("tenant-3-prod")
    assert len(shown.names()) > 0
    nodes = shown.picture()
    assert len(nodes) >= 300
    shown.run("arguments[0].click()", nodes[0])
    shown.run("arguments[0].click()", nodes[-1])
    assert shown.one(".why .answer").is_displayed()
    shown.check_silent()
