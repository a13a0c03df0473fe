// What does not fit: a page that is wider than the window, and a button that is not in sight. At twice the
// size one may have to scroll down to it.
const [button] = arguments;
if (parseFloat(document.documentElement.style.fontSize) > 16) button?.scrollIntoView({ block: "nearest" });
const root = document.documentElement;
const found = [];
const name = (element) => `${element.tagName.toLowerCase()}.${[...element.classList].join(".")}`;
for (const element of [root, document.body, document.querySelector("main"), ...document.querySelectorAll("[data-pane]")]) {
  if (element && element.scrollWidth > element.clientWidth + 1) found.push(`${name(element)} is ${element.scrollWidth} wide in ${element.clientWidth}`);
}
if (button) {
  const box = button.getBoundingClientRect();
  const isInside = box.left >= 0 && box.top >= 0 && box.right <= innerWidth + 1 && box.bottom <= innerHeight + 1;
  const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  if (!isInside) found.push(`${button.innerText || button.ariaLabel} stands at ${[box.left, box.top, box.right, box.bottom].map(Math.round)}`);
  // One that cannot be pressed yet lets the pointer through to what it stands on.
  else if (!button.contains(top) && !top?.contains(button)) found.push(`${button.innerText || button.ariaLabel} lies under ${top && name(top)}`);
}
return found;
