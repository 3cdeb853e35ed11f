// A button on every block of commands or code, which copies it. Without scripts, or where a page may not copy, there is none.
if (navigator.clipboard) {
  for (const block of document.querySelectorAll('div[class*="highlight-"]')) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(block.querySelector("pre").textContent.trimEnd());
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = "Copy"), 2000);
    });
    block.append(button);
  }
}

// What is wider than the screen is scrolled by keys, too. Source: WCAG 2.2, 2.1.1.
for (const wide of document.querySelectorAll("div.highlight pre, .table-wrapper")) {
  if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0;
}
