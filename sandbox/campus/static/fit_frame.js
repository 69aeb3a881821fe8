// The frame reaches to the end of the window, less 15 px, at load and on resize: what Moodle 4.5 does.
{
  const frame = document.getElementById("tool");
  const fit = () => {
    const height = window.innerHeight - (frame.getBoundingClientRect().top + window.scrollY) - 15;
    frame.style.height = `${Math.max(height, 0)}px`;
  };
  fit();
  window.addEventListener("resize", fit);
}
