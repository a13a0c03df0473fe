// The first visible element that a person would call by this role and name; null where there is none.
const [role, name] = arguments;
const tags = {
  button: "button, summary, input[type=button], input[type=submit]",
  link: "a",
  textbox: "input:not([type]), input[type=text], input[type=password], input[type=search], input[type=email], input[type=url], textarea, [contenteditable=true]",
  checkbox: "input[type=checkbox]",
  radio: "input[type=radio]",
  heading: "h1, h2, h3, h4",
  listitem: "li",
  row: "tr",
};
const words = (text) => (text ?? "").replace(/\s+/g, " ").trim();
const called = (element) => {
  const labelled = element.getAttribute("aria-labelledby");
  const labels = labelled
    ? labelled.split(" ").map((id) => document.getElementById(id)?.textContent)
    : [...(element.labels ?? [])].map((label) => label.textContent);
  return words(
    element.getAttribute("aria-label") ?? (labels.length > 0 ? labels.join(" ") : null) ??
      (words(element.textContent) || element.getAttribute("placeholder") || element.getAttribute("title")),
  );
};
const roles = role === "textbox" ? ["textbox", "searchbox", "combobox"] : [role];
const selector = [...roles.map((each) => `[role=${each}]`), ...(tags[role] ? [tags[role]] : [])].join(", ");
const seen = [...document.querySelectorAll(selector)].filter((element) => element.getClientRects().length > 0);
return seen.find((element) => called(element) === name) ?? seen.find((element) => called(element).includes(name)) ?? null;
