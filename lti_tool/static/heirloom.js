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
    } else if (detail.target !== notice) {
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
    root.querySelectorAll("img[data-image]:not([src])").forEach(load);
    root.querySelectorAll("textarea[data-least], textarea[data-draft]").forEach(restore);
    root.querySelectorAll("textarea[data-least]").forEach(count);
    root.querySelectorAll("time[datetime]").forEach(localise);
    root.querySelectorAll("text[data-day]").forEach(localiseDay);
    root.querySelectorAll("input[type=datetime-local][data-utc]").forEach(fromUtc);
    root.querySelectorAll("figure .scroll").forEach((story) => { story.scrollLeft = story.scrollWidth; });   // how it ends, and the labels
    root.querySelectorAll("form[data-auto-submit]").forEach((form) => form.submit());
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
        try {
          katex.render(tex, span, {
            displayMode: "display" in span.dataset, throwOnError: false, trust: false, strict: "ignore", maxExpand: 200, maxSize: 20, output: "htmlAndMathml",
          });
        } catch { span.textContent = tex; }
      });
      resize();
    }, () => {});                                           // without KaTeX the TeX itself stays readable
  }

  async function load(image) {
    try {
      const answer = await authorised(base + "/images/" + image.dataset.image);
      if (answer.ok) image.src = URL.createObjectURL(await answer.blob());
    } catch { /* the alternative text stands in */ }
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
  const draftKey = (area) => "draft:" + location.pathname + ":" + area.name + ":" + (area.dataset.draft || "");
  function restore(area) {
    try {
      const kept = sessionStorage.getItem(draftKey(area));
      if (kept && !area.value) area.value = kept;
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
    if (!(area instanceof HTMLTextAreaElement)) return;
    try { sessionStorage.setItem(draftKey(area), area.value); } catch { /* see restore */ }
    if (area.dataset.least) count(area);
  });
  body.addEventListener("htmx:afterRequest", (event) => {
    if (!event.detail.successful || !(event.detail.elt instanceof HTMLFormElement)) return;
    event.detail.elt.querySelectorAll("[id^=kept-]").forEach((kept) => { kept.textContent = ""; });
    event.detail.elt.querySelectorAll("textarea").forEach((area) => {
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
