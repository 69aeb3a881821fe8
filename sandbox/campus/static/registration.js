// A tool that has registered itself says so, and the frame is closed (LTI Dynamic Registration 1.0, 3.2.4).
{
  const done = document.currentScript.dataset.done;
  window.addEventListener("message", (event) => {
    const frame = document.getElementById("tool");
    if (event.source === frame.contentWindow && event.data && event.data.subject === "org.imsglobal.lti.close") {
      window.location.assign(done);
    }
  });
}
