from pathlib import Path
import pytest
from tests.e2e.test_slides import Gallery, Visit, clock, on_its_own, poster
OUT = Path("/tmp/outer/shots")
def test_shots(browser, place, context, shared):
    title = shared("gallery", anonymity="named")
    s = Visit(context.new_page(), place, place.house.students[0]); s.open(title)
    g = Gallery.found(place.database, title, clock.now())
    it = g.item(g.students[1], "Mine", picture=poster("Mine"))
    own = on_its_own(browser, s); tok = own.evaluate("history.state.token")
    own.goto(own.url.rstrip("/") + f"/items/{it}"); own.evaluate("token => history.replaceState({ token }, '', location.pathname)", tok); own.reload()
    own.wait_for_selector(".consent", timeout=20000)
    own.get_by_label("Everybody may see it in the public archive").check(); own.get_by_label("Your name in the archive").fill("Maya R."); own.locator(".consent").get_by_role("button", name="Save").click()
    own.get_by_text("You agreed that").wait_for()
    print("focused:", own.evaluate("document.activeElement.textContent"))
    for w in (320, 1280):
        for scheme in ("light", "dark"):
            own.set_viewport_size({"width": w, "height": 720}); own.emulate_media(color_scheme=scheme); own.wait_for_timeout(150)
            own.screenshot(path=OUT / f"consent-{w}-{scheme}.png", full_page=True)
