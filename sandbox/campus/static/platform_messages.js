// Messages between a tool and the page around it, after Canvas: lti.capabilities, lti.frameResize, and platform storage
// (LTI Client Side postMessages 0.1: lti.put_data, lti.get_data). Storage is kept apart by the tool's origin and lives as long as
// the page. With data-storage-frame the page announces a sibling frame that keeps the storage; with data-keeps-storage this
// document is that frame.
{
  const LIMIT_KEYS = 500;
  const LIMIT_CHARACTERS = 4096;
  const { storageFrame = "", keepsStorage } = document.currentScript.dataset;
  const isStorageFrame = keepsStorage !== undefined;
  const keepsData = isStorageFrame || storageFrame === "";
  const stores = new Map();

  const storeOf = (origin) => {
    if (!stores.has(origin)) {
      stores.set(origin, new Map());
    }
    return stores.get(origin);
  };

  const refusal = (code, message) => ({ error: { code, message } });

  const putData = ({ key, value }, origin) => {
    if (typeof key !== "string" || !key || (value !== null && value !== undefined && typeof value !== "string")) {
      return refusal("bad_request", "key must be a text, and value a text or null");
    }
    const store = storeOf(origin);
    if (value === null || value === undefined) {
      store.delete(key);
      return { key };
    }
    const used = [...store].reduce((sum, [name, text]) => sum + (name === key ? 0 : name.length + text.length), 0);
    if ((!store.has(key) && store.size >= LIMIT_KEYS) || used + key.length + value.length > LIMIT_CHARACTERS) {
      return refusal("storage_exhaustion", "the tool keeps too much here");
    }
    store.set(key, value);
    return { key, value };
  };

  const getData = ({ key }, origin) => {
    if (typeof key !== "string" || !key) {
      return refusal("bad_request", "key must be a text");
    }
    const value = storeOf(origin).get(key);
    return value === undefined ? { key, value: null } : { key, value };
  };

  const frameResize = ({ height }) => {
    const pixels = typeof height === "number" ? height : Number.parseFloat(height);
    if (!Number.isFinite(pixels) || pixels <= 0) {
      return refusal("bad_request", "height must be a number greater than 0");
    }
    document.getElementById("tool").style.height = `${pixels}px`;
    return {};
  };

  const capabilities = () => {
    const storage = storageFrame ? { frame: storageFrame } : {};
    return {
      supported_messages: [
        { subject: "lti.capabilities" },
        { subject: "lti.frameResize" },
        { subject: "lti.put_data", ...storage },
        { subject: "lti.get_data", ...storage },
      ],
    };
  };

  const answers = {
    ...(keepsData ? { "lti.put_data": putData, "lti.get_data": getData } : {}),
    ...(isStorageFrame ? {} : { "lti.frameResize": frameResize, "lti.capabilities": capabilities }),
  };

  const comesFromTool = (source) => {
    if (isStorageFrame) {
      return source !== null && source !== window && source !== window.parent;
    }
    const frame = document.getElementById("tool");
    return frame !== null && source === frame.contentWindow;
  };

  window.addEventListener("message", (event) => {
    const message = event.data;
    if (!comesFromTool(event.source) || typeof message !== "object" || message === null) {
      return;
    }
    const answer = Object.hasOwn(answers, message.subject) ? answers[message.subject] : null;
    if (answer === null) {
      return;
    }
    if (message.subject !== "lti.frameResize" && typeof message.message_id !== "string") {
      const problem = refusal("bad_request", "message_id must be a text");
      event.source.postMessage({ subject: `${message.subject}.response`, ...problem }, event.origin);
      return;
    }
    const response = { subject: `${message.subject}.response`, message_id: message.message_id };
    event.source.postMessage({ ...response, ...answer(message, event.origin) }, event.origin);
  });
}
