/* What opens at a button: the menu, and the list of speeds. At most one is open. */

let openPopup = null;

class Popup {
  constructor(button, attributes = {}) {
    this.button = button;
    this.button.setAttribute("aria-expanded", "false");
    this.button.addEventListener("click", () => this.toggle(this.element.hidden));
    this.element = make("div", "speak-menu", { hidden: "", ...attributes });
    this.element.addEventListener("keydown", (event) => this.onKey(event));
  }

  get parts() {
    return [this.button, this.element];
  }

  /* Close it with Escape, or when the focus leaves what it belongs to. */
  closeWith(...owners) {
    for (const owner of owners) {
      owner.addEventListener("keydown", ({ key }) => {
        if (key === "Escape") this.toggle(false);
      });
      owner.addEventListener("focusout", ({ relatedTarget: next }) => {
        if (next && !owners.some((one) => one.contains(next))) this.toggle(false);
      });
    }
  }

  toggle(isOpen) {
    if (isOpen && openPopup !== this) openPopup?.toggle(false);
    if (isOpen) this.fill();
    else if (this.element.contains(document.activeElement)) this.button.focus({ preventScroll: true });
    this.element.hidden = !isOpen;
    this.button.setAttribute("aria-expanded", isOpen);
    if (isOpen) this.place();
    if (isOpen) openPopup = this;
    else if (openPopup === this) openPopup = null;
  }

  fill() {
    this.element.dir = getComputedStyle(this.element.parentElement.parentElement).direction; // the controls are ltr
    this.element.replaceChildren(...this.items().filter(Boolean));
  }

  /* Open upwards where there is room above only. */
  place() {
    const { classList } = this.element;
    classList.remove("speak-menu--above");
    const { height, bottom } = this.element.getBoundingClientRect();
    const end = bar && !bar.element.hidden ? bar.element.getBoundingClientRect().top : innerHeight;
    const isAbove = bottom > end && this.element.parentElement.getBoundingClientRect().top > height;
    classList.toggle("speak-menu--above", isAbove);
    if (bottom > end && !isAbove) this.element.scrollIntoView({ block: "nearest" });
  }

  /* Arrow keys go round the items. */
  onKey(event) {
    const items = [...this.element.querySelectorAll(".speak-item, .speak-volume")];
    const at = items.indexOf(document.activeElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    items.at(next % items.length).focus();
  }
}

document.addEventListener("click", (event) => {
  if (openPopup && !event.composedPath().includes(openPopup.element.parentElement)) openPopup.toggle(false);
});
