/* Puts the consent form of this source where the script stands. The form stays a page of its own origin. */
(() => {
  const script = document.currentScript;
  const source = new URL(script.src);
  const form = new URL(source.pathname.replace(/\/embed\.js$/, ""), source.origin);
  form.searchParams.set("page", location.origin + location.pathname);
  if (script.dataset.lang) form.searchParams.set("lang", script.dataset.lang);
  const frame = document.createElement("iframe");
  frame.src = form.href;
  frame.title = script.dataset.title || "请给我回电 / Please call me back";
  frame.style.cssText = "width:100%;border:0;height:" + (Number(script.dataset.height) || 960) + "px";
  addEventListener("message", ({ source: from, origin, data }) => {
    const tall = from === frame.contentWindow && origin === form.origin ? Number(data.consentForm) : 0;
    if (tall > 0) frame.style.height = Math.min(tall, 6000) + "px";
  });
  script.replaceWith(frame);
})();
