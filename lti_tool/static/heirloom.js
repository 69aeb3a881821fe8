/* What the page does in the browser: carry the launch token, keep words safe, typeset maths, fetch images, move focus.
   The token lives in this module and in the history entry of this frame (so that a reload works even where storage is blocked); never in a URL,
   a cookie or localStorage. */
(() => {
  "use strict";
  const body = document.body;
  const base = body.dataset.base;                 // "/p/<platform>"
  const main = document.getElementById("main");
  const notice = document.getElementById("notice");
  const said = document.getElementById("said");
  let token = null;
  let parentOrigin = null;

  const words = (name) => document.getElementById("words-" + name).content.cloneNode(true);
  const say = (text) => { said.textContent = ""; window.setTimeout(() => { said.textContent = text; }, 50); };
  const authorised = (path, options = {}) =>
    fetch(path, { ...options, credentials: "omit", headers: { ...(options.headers || {}), Authorization: "Bearer " + token } });

  /* ---- the session ---- */
  const show = (name) => { notice.replaceChildren(words(name)); notice.focus(); main.removeAttribute("aria-busy"); };

  async function begin() {
    const code = location.pathname.endsWith("/open") ? location.hash.slice(1) : "";
    if (code) {
      history.replaceState({}, "", location.pathname);      // the code leaves the address before anything else happens
      let answer;
      try {
        answer = await fetch(base + "/session", {
          method: "POST", credentials: "omit", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ code }),
        });
      } catch { return show("offline"); }
      if (!answer.ok) return show("reopen");
      const session = await answer.json();
      token = session.token;
      parentOrigin = session.parent_origin || null;
      history.replaceState({ token, parentOrigin }, "", session.start);
    } else if (history.state && history.state.token) {
      token = history.state.token;
      parentOrigin = history.state.parentOrigin || null;
    } else {
      return show("reopen");
    }
    htmx.ajax("GET", location.pathname + location.search, { target: "#main", swap: "innerHTML" });
  }

  body.addEventListener("htmx:configRequest", (event) => {
    if (token) event.detail.headers.Authorization = "Bearer " + token;
  });
  body.addEventListener("htmx:beforeSwap", (event) => {      // the shell speaks the browser's language, its pieces the launch's
    const spoken = event.detail.xhr.getResponseHeader("Content-Language");
    if (!spoken) return;
    document.documentElement.lang = spoken;
    document.documentElement.dir = event.detail.xhr.getResponseHeader("Heirloom-Direction") || "ltr";
  });
  body.addEventListener("htmx:beforeSwap", (event) => {      // htmx's own history keeps no token, so a reload would lose it
    const { xhr, requestConfig } = event.detail;
    const address = xhr.getResponseHeader("Heirloom-Address");
    if (!address) return;
    const followed = requestConfig.verb === "get" && requestConfig.boosted && address !== location.pathname;
    history[followed ? "pushState" : "replaceState"]({ token, parentOrigin }, "", address);
  });

  /* ---- answers that are not what was hoped for: nothing on the page is lost ---- */
  body.addEventListener("htmx:beforeSwap", (event) => {
    const detail = event.detail;
    if (detail.xhr.status >= 400) {
      detail.shouldSwap = true;
      detail.isError = false;
      detail.target = notice;
      detail.swapOverride = "innerHTML";
    } else if (detail.target !== notice && !detail.target.matches(".hints")) {   // a hint is no answer to what was refused
      notice.replaceChildren();
    }
  });
  body.addEventListener("htmx:sendError", () => show("offline"));
  body.addEventListener("htmx:timeout", () => show("offline"));

  /* ---- after new content: focus, maths, images, height ---- */
  const settled = new WeakSet();
  body.addEventListener("htmx:afterSettle", (event) => {
    const target = event.detail.target;
    if (settled.has(event.detail.xhr)) return;              // htmx says it once for each new element
    settled.add(event.detail.xhr);
    main.removeAttribute("aria-busy");
    if (target === notice) { notice.focus(); notice.scrollIntoView({ block: "nearest" }); return; }
    const acted = event.detail.requestConfig.verb !== "get";   // what an action brought is told; a page that was opened begins at its top
    const focus = (acted && target.querySelector("[data-focus]")) || (target === main ? target.querySelector("h1") : null);
    if (focus) {
      if (!focus.hasAttribute("tabindex") && !focus.matches("a, button, input, select, textarea")) focus.tabIndex = -1;
      focus.focus({ preventScroll: target === main && focus.matches("h1") });
      if (target === main && focus.matches("h1")) window.scrollTo(0, 0); else focus.scrollIntoView({ block: "nearest" });
    }
    if (acted) target.querySelectorAll("[data-say]").forEach((element) => say(element.textContent.trim()));
    main.classList.toggle("wide", Boolean(main.querySelector("[data-wide]")));
    prepare(target);
  });

  function prepare(root) {
    typeset(root);
    root.querySelectorAll("img[data-image]:not([src])").forEach((image) => {
      place(image);
      if ("lazy" in image.dataset) nearby.observe(image); else load(image);
    });
    root.querySelectorAll("textarea[data-least], [data-draft]").forEach(restore);
    root.querySelectorAll("textarea[data-least]").forEach(count);
    root.querySelectorAll("time[datetime]").forEach(localise);
    root.querySelectorAll("text[data-day]").forEach(localiseDay);
    root.querySelectorAll("input[type=datetime-local][data-utc]").forEach(fromUtc);
    root.querySelectorAll("figure .scroll").forEach((story) => { story.scrollLeft = story.scrollWidth; });   // how it ends, and the labels
    root.querySelectorAll("form[data-auto-submit]").forEach((form) => form.submit());
    root.querySelectorAll("[data-live]").forEach(watch);
    root.querySelectorAll("[data-ranks]").forEach(rankAsList);
    resize();
  }

  let katexReady = null;
  const asset = (path) => (window.trustedTypes && trust ? trust.createScriptURL(path) : path);
  const trust = window.trustedTypes && trustedTypes.createPolicy("heirloom", {
    createScriptURL: (path) => { if (path === body.dataset.katex) return path; throw new TypeError("not ours"); },
  });
  function typeset(root) {
    const spans = root.querySelectorAll(".math:not([data-set])");
    if (!spans.length) return;
    spans.forEach((span) => {                               // a choice is called by its words and TeX: not every reader takes a name from MathML
      const choice = span.closest(".choice");
      choice?.querySelector("input").setAttribute("aria-label", choice.textContent.trim());
    });
    katexReady ||= new Promise((resolve, reject) => {
      const style = document.createElement("link");
      style.rel = "stylesheet"; style.href = body.dataset.katexStyle;
      const script = document.createElement("script");
      script.src = asset(body.dataset.katex);
      script.onload = resolve; script.onerror = reject;
      document.head.append(style, script);
    });
    katexReady.then(() => {
      spans.forEach((span) => {
        const tex = span.textContent;
        span.dataset.set = "";
        const options = {
          displayMode: "display" in span.dataset, throwOnError: false, trust: false, strict: "ignore", maxExpand: 200, maxSize: 20, output: "htmlAndMathml", errorColor: "inherit",
        };
        try {
          katex.__parse(tex, options);                      // a slip of the pen stays as it was typed: KaTeX would colour it by a style
          katex.render(tex, span, options);                 // attribute, which the content policy forbids
        } catch { span.textContent = tex; }
      });
      resize();
    }, () => {});                                           // without KaTeX the TeX itself stays readable
  }

  function place(image) {                                   // without any source it would be as high as its words: the page would jump
    const [width, height] = [image.getAttribute("width"), image.getAttribute("height")];
    const nothing = `<svg xmlns="http://www.w3.org/2000/svg" width="${Number(width)}" height="${Number(height)}"/>`;
    image.src = URL.createObjectURL(new Blob([nothing], { type: "image/svg+xml" }));
  }
  async function load(image) {
    const before = image.src;
    try {
      const answer = await authorised(base + "/images/" + image.dataset.image);
      if (answer.ok) image.src = URL.createObjectURL(await answer.blob());
    } catch { /* see below */ }
    if (image.src === before) image.removeAttribute("src");   // the alternative text stands in
    URL.revokeObjectURL(before);
  }

  function localise(element) {
    const when = new Date(element.dateTime);
    if (!Number.isNaN(when.valueOf())) {
      element.textContent = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" }).format(when);
    }
  }
  function localiseDay(mark) {                              // a date on a picture's axis
    const when = new Date(mark.dataset.day);
    if (!Number.isNaN(when.valueOf())) {
      mark.textContent = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeZone: "UTC" }).format(when);
    }
  }
  function fromUtc(input) {
    const when = new Date(input.dataset.utc);
    if (input.dataset.utc && !Number.isNaN(when.valueOf())) {
      input.value = new Date(when - when.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
    }
  }
  body.addEventListener("htmx:configRequest", (event) => {   // what the reader's clock says, as an instant
    event.detail.elt.querySelectorAll?.("input[type=datetime-local][data-utc]").forEach((input) => {
      if (input.value) event.detail.parameters[input.name] = new Date(input.value).toISOString();
    });
  });

  /* ---- words that are being written ---- */
  const written = new WeakMap();                            // where a box was shown: the answer to its form may move the address on
  function draftKey(area) {
    if (!written.has(area)) written.set(area, location.pathname);
    return "draft:" + written.get(area) + ":" + area.name + ":" + (area.dataset.draft || "");
  }
  function restore(area) {
    try {
      const kept = sessionStorage.getItem(draftKey(area));
      if (!kept || area.value) return;
      area.value = kept;
      for (let around = area.closest("details"); around; around = around.parentElement.closest("details")) around.open = true;
    } catch { /* storage is blocked: the server keeps the draft */ }
  }
  function count(area) {
    const line = document.getElementById(area.getAttribute("aria-describedby").split(" ").pop());
    const least = Number(area.dataset.least);
    const length = area.value.trim().length;
    line.textContent = (length > least ? line.dataset.enough : line.dataset.short).replace("{length}", length).replace("{least}", least);
  }
  body.addEventListener("input", (event) => {
    const area = event.target;
    if (!area.matches("textarea, [data-draft]")) return;
    try { sessionStorage.setItem(draftKey(area), area.value); } catch { /* see restore */ }
    if (area.dataset.least) count(area);
  });
  body.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.requestConfig.elt;            // where the answer took the form's place, the event comes to what is around
    const { successful, xhr } = event.detail;               // a refusal that is shown passes for a success
    if (!successful || xhr.status >= 400 || !(form instanceof HTMLFormElement)) return;
    form.querySelectorAll("[id^=kept-]").forEach((kept) => { kept.textContent = ""; });
    form.querySelectorAll("textarea, [data-draft]").forEach((area) => {
      try { sessionStorage.removeItem(draftKey(area)); } catch { /* see restore */ }
    });
  });

  /* ---- eleven keys: digits choose, 1 then 0 is ten ---- */
  let one = 0;
  body.addEventListener("keydown", (event) => {
    const keys = event.target.closest?.(".keys");
    if (!keys || !/^[0-9]$/.test(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    const ten = event.key === "0" && Date.now() - one < 900;
    one = event.key === "1" ? Date.now() : 0;
    const input = keys.querySelector(`input[value="${ten ? 10 : event.key}"]`);
    if (input) { input.focus(); input.click(); event.preventDefault(); }
  });

  /* ---- downloads carry the token, too ---- */
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault();                                 // a fragment would be a history entry without the token
    main.focus();
    main.scrollIntoView();
  });
  body.addEventListener("click", async (event) => {
    const link = event.target.closest?.("a[data-download]");
    if (link) {
      event.preventDefault();
      event.stopPropagation();
      const answer = await authorised(link.href).catch(() => null);
      if (!answer || !answer.ok) return show(answer && answer.status === 401 ? "reopen" : "offline");
      const save = document.createElement("a");
      save.href = URL.createObjectURL(await answer.blob());
      save.download = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") || "")?.[1] || "download";
      save.click();
      window.setTimeout(() => URL.revokeObjectURL(save.href), 60000);
    }
    const button = event.target.closest?.("[data-check-all], [data-check-none]");
    if (button) {
      button.closest("details").querySelectorAll("input[type=checkbox]").forEach((box) => { box.checked = "checkAll" in button.dataset; });
    }
  }, true);

  /* ---- what changes while one looks: asked for again and again, fetched only when it is new ---- */
  const LEAST_SECONDS = 2;
  const tags = new WeakMap();
  const waits = new WeakMap();
  function called(piece) {                                  // what can have the focus, by a name that it keeps in the next version
    const found = new Map();
    piece.querySelectorAll("summary, a[href], button, input, select, textarea, [tabindex]").forEach((element) => {
      const words = (one) => one.getAttribute("aria-label") || one.textContent.trim();
      const around = element.closest("details")?.firstElementChild;
      const name = element.id ? "#" + element.id : [element.tagName, words(element), around ? words(around) : ""].join("\n");
      let one = 0;                                          // of several that are called alike, by their order
      while (found.has(one + name)) one++;
      found.set(one + name, element);
    });
    return found;
  }
  async function ask(piece) {
    const headers = tags.has(piece) ? { "If-None-Match": tags.get(piece) } : {};
    const answer = await authorised(piece.dataset.live, { headers: { ...headers, "HX-Request": "true" }, cache: "no-store" });
    if (answer.status === 304 || !answer.ok) return answer.status;
    const text = await answer.text();
    if (!piece.isConnected) return 200;
    const held = document.activeElement && piece.contains(document.activeElement) ? document.activeElement : null;
    if (held && held.matches("input, textarea, select")) return 200;   // somebody types: it comes again, as new
    tags.set(piece, answer.headers.get("ETag"));
    const before = called(piece);
    const again = [...before].find(([, element]) => element === held)?.[0];
    const read = [...before].map(([name, element]) => [name, element.parentElement.open, element.scrollLeft]);
    piece.innerHTML = text;                                 // our own page, and nobody's script runs: the policy forbids it
    htmx.process(piece);
    prepare(piece);
    const after = called(piece);
    read.filter(([name]) => after.has(name)).forEach(([name, open, left]) => {
      const element = after.get(name);
      if (element.matches("summary")) element.parentElement.open = open;
      else if (element.matches(".scroll")) element.scrollLeft = left;
    });
    if (held) {
      piece.tabIndex = -1;                                  // where what had the focus is gone, the focus stays near
      (after.get(again) || piece).focus({ preventScroll: true });
    }
    const news = piece.querySelector("[data-news]");
    if (news) say(news.textContent.trim());
    return 200;
  }
  function watch(piece) {
    if (waits.has(piece)) return;
    const every = 1000 * Math.max(LEAST_SECONDS, Number(piece.dataset.every) || 5);
    let pause = every;
    if (piece.dataset.tag) tags.set(piece, piece.dataset.tag);   // what the page came with
    const turn = async () => {
      if (!piece.isConnected) return;
      if (!document.hidden) {
        let status = 0;
        try { status = await ask(piece); } catch { /* offline: a longer pause */ }
        if (status === 401 || status === 403 || status === 404) return;
        pause = status === 200 || status === 304 ? every : Math.min(2 * pause, 60000);
      }
      waits.set(piece, window.setTimeout(turn, pause * (0.9 + 0.2 * Math.random())));   // 800 people do not ask at once
    };
    waits.set(piece, window.setTimeout(turn, every));
  }

  /* ---- the review queue by keys: they work only where the focus is in it (WCAG 2.1.4) ---- */
  body.addEventListener("keydown", (event) => {
    const queue = event.target.closest?.("[data-queue]");
    if (!queue || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select")) return;
    const cases = [...queue.querySelectorAll("article")];
    const here = event.target.closest("article");
    const step = { j: 1, k: -1 }[event.key];
    if (step) {
      const next = cases[cases.indexOf(here) + step];
      if (next) { next.focus(); next.scrollIntoView({ block: "nearest" }); }
      event.preventDefault();
    } else if (/^[aex]$/.test(event.key)) {
      here?.querySelector(`[data-key="${event.key}"]`)?.click();
      event.preventDefault();
    }
  });

  /* ---- slides: one at a time; without this they stand below each other, and on paper each has a page ---- */
  body.addEventListener("htmx:afterSettle", () => {
    const slides = main.querySelector("[data-slides]:not([data-at])");
    if (slides) turn(slides, () => 0, true);
    const full = slides?.querySelector("[data-slide=full]");
    if (full) full.hidden = !document.fullscreenEnabled;    // many frames may not fill the screen
  });
  function turn(slides, to, moveFocus) {
    const all = [...slides.querySelectorAll(".slide")];
    const at = Math.min(Math.max(to(Number(slides.dataset.at || 0), all.length - 1), 0), all.length - 1);
    slides.dataset.at = at;
    all.forEach((slide, place) => { slide.hidden = place !== at; });
    const place = slides.querySelector("[data-slide-place]");
    place.textContent = place.dataset.of.replace("{number}", at + 1).replace("{total}", all.length);
    slides.querySelector("[data-slide=previous]").setAttribute("aria-disabled", at === 0);
    slides.querySelector("[data-slide=next]").setAttribute("aria-disabled", at === all.length - 1);
    if (moveFocus) all[at].focus();
    else say(all[at].getAttribute("aria-label"));   // the focus stays on the button
    resize();
  }
  const STEPS = { previous: (at) => at - 1, next: (at) => at + 1, first: () => 0, last: (_, end) => end };
  function act(slides, what) {
    if (what === "print") window.print();
    else if (what === "full") (document.fullscreenElement ? document.exitFullscreen() : slides.requestFullscreen()).catch(() => {});
    else turn(slides, STEPS[what], false);
  }
  body.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-slide]");
    if (button) act(button.closest("[data-slides]"), button.dataset.slide);
  });
  document.addEventListener("keydown", (event) => {
    const slides = main.querySelector("[data-slides]");
    if (!slides || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select")) return;
    const backward = document.documentElement.dir === "rtl";
    const pressed = event.target.closest("button, summary, a");
    const steps = {
      ArrowRight: backward ? "previous" : "next", ArrowLeft: backward ? "next" : "previous",
      PageDown: "next", PageUp: "previous", Home: "first", End: "last", " ": event.shiftKey ? "previous" : "next",
    };
    const what = pressed && event.key === " " ? undefined : steps[event.key];   // space is the button's own key
    const within = event.target.closest("[data-slides]");   // letters are keys only from within (WCAG 2.1.4)
    if (what) turn(slides, STEPS[what], true);
    else if (within && /^f$/i.test(event.key)) act(slides, "full");
    else if (within && /^r$/i.test(event.key)) reveal(slides.querySelector(".slide:not([hidden]) .aids"));
    else if (event.key === "Escape" && !document.fullscreenElement) slides.querySelector("[data-slides-back]").click();
    else return;
    event.preventDefault();
  });
  function reveal(aids) {
    aids.open = !aids.open;
    if (aids.open) say(aids.innerText);
    resize();
  }
  let touched = null;
  body.addEventListener("touchstart", (event) => {
    touched = event.touches.length === 1 && event.target.closest?.("[data-slides]") ? event.touches[0] : null;
  }, { passive: true });
  body.addEventListener("touchend", (event) => {
    const from = touched;
    touched = null;
    if (!from || getSelection()?.toString()) return;
    const to = event.changedTouches[0];
    const [x, y] = [to.clientX - from.clientX, to.clientY - from.clientY];
    if (Math.abs(x) < 48 || Math.abs(x) < 2 * Math.abs(y)) return;
    const forward = (x < 0) !== (document.documentElement.dir === "rtl");
    turn(main.querySelector("[data-slides]"), STEPS[forward ? "next" : "previous"], false);
  }, { passive: true });

  /* ---- the hall of polls by keys: they work only where the focus is in it (WCAG 2.1.4) ---- */
  body.addEventListener("keydown", (event) => {
    const hall = event.target.closest?.("[data-poll-hall]");
    if (!hall || !/^[a-z]$/.test(event.key) || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select")) return;
    const does = hall.querySelector(`[data-key="${event.key}"]`);
    if (does) { does.click(); event.preventDefault(); }
  });

  /* ---- a ranking as a list that is put in order by buttons or by a handle; its fields stay, hidden, and are what is sent ---- */
  const rankField = (line) => line.querySelector("select");
  const rankLists = (set) => [set.querySelector("[data-ranks-order]"), set.querySelector("[data-ranks-rest]")];
  function rankAsList(set) {
    const [order, rest] = rankLists(set);
    set.querySelectorAll("[data-ranks-list]").forEach((element) => { element.hidden = false; });
    set.querySelectorAll("[data-ranks-plain], select").forEach((element) => { element.hidden = true; });
    const given = [...rest.children].filter((line) => rankField(line).value);
    order.append(...given.sort((one, other) => rankField(one).value - rankField(other).value));
    settleRanks(set);
  }
  function settleRanks(set) {
    const [order, rest] = rankLists(set);
    const most = Number(set.dataset.ranks);
    while (order.children.length > most) rest.prepend(order.lastElementChild);
    const placed = [...order.children];
    set.querySelectorAll("[data-rank]").forEach((line) => {
      const at = placed.indexOf(line);
      rankField(line).value = at < 0 ? "" : at + 1;
      const button = (name) => line.querySelector(`[data-rank-do=${name}]`);
      button("place").hidden = at >= 0 || placed.length >= most;
      ["up", "down", "out"].forEach((name) => { button(name).hidden = at < 0; });
      button("up").setAttribute("aria-disabled", at === 0);   // it keeps the focus
      button("down").setAttribute("aria-disabled", at === placed.length - 1);
    });
    set.querySelector("[data-ranks-rest-words]").hidden = !rest.children.length;
    resize();
  }
  function tellRank(line) {
    const set = line.closest("[data-ranks]");
    const told = rankField(line).value ? set.dataset.wordsPlaced : set.dataset.wordsOut;
    const option = line.querySelector("label").textContent.trim();
    say(told.replace("{place}", rankField(line).value).replace("{last}", set.dataset.ranks).replace("{option}", () => option));
  }
  body.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-rank-do]");
    if (!button) return;
    const line = button.closest("[data-rank]");
    const set = line.closest("[data-ranks]");
    const [order, rest] = rankLists(set);
    const next = line.nextElementSibling || line.previousElementSibling;
    const does = button.dataset.rankDo;
    if (does === "place") order.append(line);
    else if (does === "out") rest.prepend(line);
    else if (does === "up") line.previousElementSibling?.before(line);
    else line.nextElementSibling?.after(line);
    settleRanks(set);
    const goesOn = does === "place" && next?.querySelector("[data-rank-do=place]:not([hidden])");
    const focus = goesOn || (button.hidden ? line.querySelector("[data-rank-do]:not([hidden])") : button);
    focus?.focus();
    tellRank(line);
  });
  let dragged = null;                                       // { line, set, before: what stood where }
  body.addEventListener("pointerdown", (event) => {
    const line = event.button === 0 && event.target.closest?.("[data-grip]")?.closest("[data-rank]");
    if (!line) return;
    const set = line.closest("[data-ranks]");
    dragged = { line, set, before: rankLists(set).map((list) => [...list.children]) };
    set.setPointerCapture(event.pointerId);                 // the line itself moves in the document and would lose it
    line.classList.add("dragged");
    event.preventDefault();
  });
  body.addEventListener("pointermove", (event) => {
    if (!dragged) return;
    const [order, rest] = rankLists(dragged.set);
    const words = dragged.set.querySelector("[data-ranks-rest-words]");
    const list = words.hidden || event.clientY < words.getBoundingClientRect().top ? order : rest;
    const below = [...list.children].filter((other) => other !== dragged.line).find((other) => {
      const box = other.getBoundingClientRect();
      return event.clientY < box.top + box.height / 2;
    });
    if (dragged.line.parentNode !== list || dragged.line.nextElementSibling !== (below || null)) list.insertBefore(dragged.line, below || null);
  });
  function drop(isKept) {
    if (!dragged) return;
    const { line, set, before } = dragged;
    dragged = null;
    line.classList.remove("dragged");
    if (!isKept) rankLists(set).forEach((list, at) => list.append(...before[at]));
    settleRanks(set);
    tellRank(line);
  }
  body.addEventListener("pointerup", () => drop(true));
  body.addEventListener("pointercancel", () => drop(false));
  body.addEventListener("keydown", (event) => { if (event.key === "Escape") drop(false); });

  /* ---- the hall of questions by keys: j and k move, letters press the buttons of the question that has the focus; only
     where the focus is in a list (WCAG 2.1.4) ---- */
  body.addEventListener("keydown", (event) => {
    const hall = event.target.closest?.("[data-question-hall]");
    if (!hall || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select")) return;
    const here = event.target.closest("[data-item]");
    const step = { j: 1, k: -1 }[event.key];
    if (step) {
      const list = event.target.closest("[data-cards]") || hall.querySelector("[data-cards]");
      const items = list ? [...list.querySelectorAll("[data-item]")] : [];
      const next = here ? items[items.indexOf(here) + step] : items[0];
      if (next) { next.focus(); next.scrollIntoView({ block: "nearest" }); }
    } else if (event.key === "f") fill();
    else if (here && /^[a-z]$/.test(event.key)) here.querySelector(`[data-key="${event.key}"]`)?.click();
    else return;
    event.preventDefault();
  });
  const fill = () => (document.fullscreenElement ? document.exitFullscreen() : main.requestFullscreen()).catch(() => {});
  body.addEventListener("click", (event) => { if (event.target.closest?.("[data-full-screen]")) fill(); });
  body.addEventListener("htmx:afterSettle", () => {
    main.querySelectorAll("[data-full-screen]").forEach((button) => { button.hidden = !document.fullscreenEnabled; });   // many frames may not
  });

  /* ---- the gallery: pictures are fetched when they come near; a tag that is proposed takes the place of what was typed ---- */
  const nearby = new IntersectionObserver((entries) => {
    entries.filter((entry) => entry.isIntersecting).forEach((entry) => { nearby.unobserve(entry.target); load(entry.target); });
  }, { rootMargin: "400px" });
  body.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-fill]");
    const field = button && document.getElementById(button.closest("[data-fills]").dataset.fills);
    if (!field) return;
    const before = field.value.split(/[,;]/).slice(0, -1).map((word) => word.trim()).filter(Boolean);
    field.value = [...before, button.dataset.fill, ""].join(", ");
    button.closest("[data-fills]").replaceChildren();
    field.focus();
  });

  /* ---- the frame around us ---- */
  let height = 0;
  function resize() {
    if (window.parent === window || !parentOrigin) return;
    const wanted = Math.ceil(main.getBoundingClientRect().bottom + window.scrollY);
    if (wanted !== height) {
      height = wanted;
      window.parent.postMessage({ subject: "lti.frameResize", height }, parentOrigin);
    }
  }
  new ResizeObserver(resize).observe(main);

  window.addEventListener("popstate", () => location.reload());
  begin();
})();
