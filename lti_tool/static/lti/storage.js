/* The platform's own storage, asked by messages (LTI Client Side postMessages): it proves that the browser which ends a login began it.
   Messages go to the registered origin only, and only its answers count. Each step has two seconds; then the next proof is tried. */
(() => {
  "use strict";
  const LIMIT = 2000;

  const frame = (name) => {
    const around = window.parent !== window ? window.parent : window.opener;
    if (!around || name === "_parent") return around;
    try { return around.frames[name] || null; } catch { return null; }
  };

  function ask(target, origin, message) {
    return new Promise((resolve, reject) => {
      const window_ = frame(target);
      if (!window_) return reject(new Error("no frame"));
      const id = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
      const timer = setTimeout(() => done(reject, new Error("no answer")), LIMIT);
      const done = (settle, value) => { clearTimeout(timer); window.removeEventListener("message", hear); settle(value); };
      const hear = (event) => {
        const data = event.data;
        if (event.origin !== origin || typeof data !== "object" || data === null) return;
        if (data.message_id !== id || data.subject !== message.subject + ".response") return;
        if (data.error || data.key !== message.key) return done(reject, new Error("refused"));
        done(resolve, data.value);
      };
      window.addEventListener("message", hear);
      window_.postMessage({ ...message, message_id: id }, origin);
    });
  }

  const put = document.getElementById("put");
  if (put) {
    const { target, origin, key, value, onward } = put.dataset;
    const go = () => location.replace(onward);
    ask(target, origin, { subject: "lti.put_data", key, value }).then(go, go);      // without it, the cookie or the person answers
    return;
  }

  const bind = document.getElementById("bind");
  const problem = document.getElementById("problem");
  const { target, origin, key, ref } = bind.dataset;

  async function send(proof) {
    let answer;
    try {
      answer = await fetch("/lti/bind", {
        method: "POST", credentials: "omit", headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify({ launch: ref, ...proof }),
      });
    } catch {
      problem.replaceChildren(document.getElementById("words-offline").content.cloneNode(true));
      problem.focus();
      return;
    }
    const said = await answer.json();
    if (answer.ok) return void location.replace(said.location);
    document.getElementById("waiting").hidden = true;
    document.getElementById("ask").hidden = true;
    problem.replaceChildren(...[said.message, said.advice, said.support].filter(Boolean).map((text) => {
      const line = document.createElement("p");
      line.textContent = text;
      return line;
    }));
    problem.focus();
  }

  const askPerson = () => {
    document.getElementById("waiting").hidden = true;
    document.getElementById("ask").hidden = false;
    document.getElementById("confirm").focus();
  };
  document.getElementById("confirm").addEventListener("click", (event) => { event.target.disabled = true; send({ confirmed: true }); });
  if (target) {
    ask(target, origin, { subject: "lti.get_data", key }).then((value) => (typeof value === "string" ? send({ value }) : askPerson()), askPerson);
  }
})();
