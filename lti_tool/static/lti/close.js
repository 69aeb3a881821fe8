/* Registration is done: the platform closes this window when the reader has read it (LTI Dynamic Registration 1.0 section 3.7).
   The message says nothing about anybody, so it may go to whoever opened us. */
document.getElementById("close").addEventListener("click", () => {
  (window.opener || window.parent).postMessage({ subject: "org.imsglobal.lti.close" }, "*");
});
