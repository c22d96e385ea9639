"""Debian's Chromium on the pages of real nodes: words by their keys, visits that watch themselves.

What a page says is looked up in the catalogues by key, so that a test reads as what is meant and
runs in every language. A visit fails when the page logs an error, breaks its content security
policy, or asks anybody but its own node for anything.
"""

import json
import re

from harness import ROOT
from operators import COOKIE

CHROMIUM = "/usr/bin/chromium"
AXE = ROOT / "web/node_modules/axe-core/axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# Rules of these whose finding depends on colours: the others find the same in light and dark.
OF_COLOUR = ["color-contrast", "link-in-text-block"]
LANGUAGES = ("en", "ar")
WAIT_MS = 20_000  # of one thing on a page: nodes and browser share two cores
TABS_MAX = 400  # before something must have been reached by keyboard
# Chromium says in the log that a request was answered with an error; tests of refusals expect it.
ANSWERED = re.compile(r"Failed to load resource: the server responded with a status of (\d+)")


def pattern_of(text, at=0, within=False):
    """The pattern of an ICU message from `at` to its end, or to the brace that ends its branch;
    where that is."""
    out = ""
    while at < len(text) and text[at] != "}":
        if text[at] == "{":
            argument, at = argument_of(text, at + 1)
            out += argument
        else:
            out += ".*" if within and text[at] == "#" else re.escape(text[at])
            at += 1
    return out, at


def argument_of(text, at):
    """The same for what stands between braces."""
    head = re.compile(r"\s*\w+\s*(?:,\s*(plural|selectordinal|select)\s*,)?").match(text, at)
    if not head[1]:
        return ".*", text.index("}", at) + 1
    at, branches = head.end(), []
    while branch := re.compile(r"\s*(?:offset:\d+\s*)?[\w=-]+\s*\{").match(text, at):
        pattern, at = pattern_of(text, branch.end(), True)
        branches.append(pattern)
        at += 1
    return f"(?:{'|'.join(branches)})", text.index("}", at) + 1


class Words:
    """The catalogues of one language, those of the pages and those of the law."""

    def __init__(self, language):
        self.language = language
        self.texts = {}
        for folder in ("register/messages", "web/messages"):
            entries = json.loads((ROOT / folder / f"{language}.json").read_text(encoding="utf-8"))
            self.texts |= {key: entry["text"] for key, entry in entries.items()}

    def __call__(self, key):
        """The text of a key that takes no arguments."""
        text = self.texts[key]
        assert "{" not in text, f"{key} takes arguments: use about()"
        return text

    def about(self, key):
        """A pattern of the whole text of a key: each argument stands for anything, a plural or a
        select for each of its branches."""
        pattern, end = pattern_of(self.texts[key])
        assert end == len(self.texts[key]) and pattern.strip(".*"), self.texts[key]
        return re.compile(rf"^\s*{pattern}\s*$", re.S)

    def plain(self, key, **values):
        """The text with simple arguments put in."""
        text = self.texts[key]
        for name, value in values.items():
            text = re.sub(r"\{%s(, number)?\}" % name, str(value), text)
        assert "{" not in text, f"{key}: {text}"
        return text


WORDS = {language: Words(language) for language in LANGUAGES}


def chromium_of(playwright):
    """Debian's Chromium; nothing is downloaded."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=[
        # Its own sandbox needs what a container often does not give, and root never.
        "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"])


class Visit:
    """One person at one browser: a context of its own with one page in it."""

    def __init__(self, browser, pages, language="en", width=1280, height=900, scale=1, dark=False,
                 axe=False):
        self.url = f"http://{pages}"
        self.words, self.dark = WORDS[language], dark
        self.complaints = []
        self.tools = None  # a session of the browser's own tools, when one is needed
        self.expected = set()  # statuses of answers that a test means to provoke
        self.context = browser.new_context(
            base_url=self.url, locale="ar-AE" if language == "ar" else "en-GB",
            timezone_id="UTC", viewport={"width": width, "height": height},
            device_scale_factor=scale, color_scheme="dark" if dark else "light",
            reduced_motion="reduce")
        self.context.set_default_timeout(WAIT_MS)
        # Runs before anything of the page and beside its policy, as a browser's own tools do.
        self.context.add_init_script(
            "addEventListener('securitypolicyviolation', event => console.error('policy: ' + "
            "event.violatedDirective + ' ' + event.blockedURI));")
        if axe:
            self.context.add_init_script(path=str(AXE))
        self.context.on("request", self._request)
        self.page = self.context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("dialog", self._dialog)

    def _request(self, request):
        if not request.url.startswith((self.url + "/", "data:", "blob:" + self.url)):
            self.complaints.append(f"called somebody else: {request.url}")

    def _console(self, message):
        if message.type != "error":
            return
        answered = ANSWERED.search(message.text)
        if answered and int(answered[1]) in self.expected:
            return
        self.complaints.append(f"{message.type}: {message.text}")

    def _dialog(self, dialog):
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def close(self):
        """Ends the visit; fails if the browser had anything to complain of."""
        self.context.close()
        assert not self.complaints, "\n".join(self.complaints[:10])

    # Signing in.

    def carry(self, person):
        """Takes over a session that the person has at the API."""
        self.context.add_cookies([{"name": COOKIE, "value": person.cookie, "url": self.url,
                                   "httpOnly": True, "sameSite": "Strict"}])
        return self

    def sign_in(self, person, path="/"):
        """Signs in as a person does."""
        self.expected.add(401)  # that nobody is signed in is what the page asks first
        self.page.goto(path)
        self.field("sign-in.account").fill(person.account)
        self.field("sign-in.password").fill(person.password)
        self.field("sign-in.code").fill(person.factor.code())
        self.button("sign-in.submit").click()
        self.heading().wait_for()
        self.page.get_by_role("navigation", name=self.words("nav.label"), exact=True).wait_for()
        return self

    def resize(self, width, scale):
        """Another window: CSS pixels and how many of the screen each is, as zooming makes them."""
        if self.tools is None:
            self.tools = self.context.new_cdp_session(self.page)
        self.tools.send("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": 900, "deviceScaleFactor": scale, "mobile": False})
        self.page.wait_for_function("width => innerWidth === width", arg=width)

    # Where things are, by role and name.

    def go(self, path):
        self.page.goto(path)
        self.settled()
        return self

    def follow(self, path):
        """Goes to another page of ours as a link within the pages does, without loading anew."""
        self.page.evaluate("to => { history.pushState(null, '', to); "
                           "dispatchEvent(new PopStateEvent('popstate')); }", path)
        self.settled()
        return self

    def settled(self):
        """Waits until the page has its heading and loads nothing more that it shows."""
        self.heading().wait_for()
        self.page.wait_for_function(
            "() => !document.querySelector('.loading, [aria-busy=true]') && "
            "document.fonts.status === 'loaded'")

    def heading(self):
        return self.page.get_by_role("heading", level=1)

    def button(self, key, within=None):
        return (within or self.page).get_by_role("button", name=self.words.about(key))

    def link(self, key, within=None):
        return (within or self.page).get_by_role("link", name=self.words.about(key))

    def field(self, key, within=None):
        return (within or self.page).get_by_label(self.words.about(key))

    def says(self, key):
        """Text of a key somewhere on the page."""
        return self.page.get_by_text(self.words.about(key)).first

    def dialog(self):
        return self.page.get_by_role("dialog").or_(self.page.get_by_role("alertdialog"))

    # By keyboard.

    def tab_to(self, matches, back=False):
        """Presses Tab until the focus is on what `matches` (a JavaScript expression of `e`)."""
        for _ in range(TABS_MAX):
            if self.page.evaluate(f"(e => e && ({matches}))(document.activeElement)"):
                return
            self.page.keyboard.press("Shift+Tab" if back else "Tab")
        raise AssertionError(f"the keyboard does not reach {matches}")

    def tab_to_text(self, text, tag="*"):
        """The same for what says this text."""
        self.tab_to(f"e.matches({json.dumps(tag)}) && "
                    f"(e.innerText || e.ariaLabel || '').trim() === {json.dumps(text)}")

    # Whole pages.

    def violations(self):
        """What axe finds against WCAG 2.2 AA: rule and elements. In the dark only what depends on
        colours."""
        only = {"type": "rule", "values": OF_COLOUR} if self.dark else WCAG
        found = self.page.evaluate(
            "only => axe.run(document, {runOnly: only, resultTypes: ['violations']})", only)
        return [(rule["id"], [node["target"] for node in rule["nodes"]][:5])
                for rule in found["violations"]]

    def wider_than_the_window(self):
        """What stands out of the window sideways and cannot be reached by a scroll of its own."""
        return self.page.evaluate("""() => {
            const wide = innerWidth, out = [];
            const root = document.scrollingElement;
            if (root.scrollWidth > root.clientWidth)
                out.push(`page ${root.scrollWidth} > ${root.clientWidth}`);
            const scrolls = e => { for (let p = e.parentElement; p; p = p.parentElement) {
                const s = getComputedStyle(p);
                if (['auto', 'scroll'].includes(s.overflowX) || s.clip !== 'auto' ||
                    s.clipPath !== 'none' || p instanceof SVGElement) return true; }
                return false; };
            for (const e of document.body.querySelectorAll('*')) {
                if (!e.checkVisibility({visibilityProperty: true})) continue;
                const s = getComputedStyle(e);
                if (s.clip !== 'auto' || s.clipPath !== 'none') continue;
                const box = e.getBoundingClientRect();
                if (!box.width || !box.height) continue;
                if ((box.right > wide + 1 || box.left < -1) && !scrolls(e))
                    out.push(`${e.tagName}.${e.className} ${box.left}…${box.right}`);
            }
            return out.slice(0, 8); }""")


def pages_of(visit):
    """Every page that navigation leads to, by following its links from the first page on."""
    found, seen, waiting = [], {"/today"}, ["/today"]
    visit.go("/today")
    while waiting:
        visit.follow(waiting.pop(0))
        path = visit.page.evaluate("location.pathname")  # some lead on to another
        if path not in found:
            found.append(path)
        seen.add(path)
        for link in visit.page.locator("nav a[href^='/']").evaluate_all(
                "links => links.map(link => link.getAttribute('href'))"):
            link = link.partition("#")[0]
            if link not in seen:
                seen.add(link)
                waiting.append(link)
        assert len(found) < 60, found
    return found
