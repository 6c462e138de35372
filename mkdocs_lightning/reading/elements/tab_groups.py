"""Groups of tabs that are marked with ARIA roles, as in Docusaurus, Starlight and sphinx-tabs.

Their HTML has all tabs first, in a `tablist`, and hides the panels that are not open.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

TAB_TAG = "speak-tab"
"""An element that exists only while a script is read: a tab's label with its content."""

TAB_LIST, _TAB, PANEL = "tablist", "tab", "tabpanel"
_MOST_AROUND = 10  # elements between a tab and what holds its group: a page may be nested without end


def with_label(label: Element, content: Element) -> Element:
    """A tab's label with its content."""
    tab = Element(TAB_TAG)
    tab.extend((label, content))
    return tab


def arrange_tab_groups(root: Element) -> None:
    """Put the label of each panel before it, and silence the rows of tabs, in time linear in the page's length."""
    found: dict[str, list[Element]] = {TAB_LIST: [], _TAB: [], PANEL: []}
    for element in root.iter():
        found.get(element.get("role", ""), []).append(element)
    if not found[TAB_LIST]:
        return
    parents = {child: parent for parent in root.iter() for child in parent}
    with_panels = {around for panel in found[PANEL] for around in _around(panel, parents)}
    rows = set(found[TAB_LIST]) - with_panels  # in an accordion, each tab stands above its panel already
    tabs_around: defaultdict[Element, list[Element]] = defaultdict(list)  # by what may hold their group
    for tab in found[_TAB]:
        holding = list(_around(tab, parents))
        for around in holding if not rows.isdisjoint(holding) else ():
            tabs_around[around].append(tab)
    panels_in: defaultdict[Element, list[Element]] = defaultdict(list)
    for panel in found[PANEL]:
        if (group := next((each for each in _around(panel, parents) if each in tabs_around), None)) is not None:
            panels_in[group].append(panel)
    labelled: dict[Element, Element] = {}
    for group, panels in panels_in.items():
        labelled |= _labelled(tabs_around[group], panels)
    for parent in {parents[panel] for panel in labelled}:
        parent[:] = [labelled.get(child, child) for child in parent]
    for row in rows:
        row.set("class", "nospeak")


def _around(element: Element, parents: Mapping[Element, Element]) -> Iterator[Element]:
    """The elements that hold an element, from the inside out, up to a panel, which may hold a group of its own."""
    for _ in range(_MOST_AROUND):
        if (parent := parents.get(element)) is None:
            return
        yield parent
        if parent.get("role") == PANEL:
            return
        element = parent


def _labelled(tabs: Sequence[Element], panels: Sequence[Element]) -> dict[Element, Element]:
    """The panels of one group with their labels before them, by the panels; without those whose tab is not known."""
    by_target = {target: tab for tab in tabs if (target := tab.get("aria-controls") or tab.get("href", "")[1:])}
    by_id = {id_: tab for tab in tabs if (id_ := tab.get("id"))}
    known = {
        panel: tab
        for panel in panels
        for tab in (by_target.get(panel.get("id", "")), by_id.get(panel.get("aria-labelledby", "")))
        if tab is not None
    }
    if not known and len(tabs) == len(panels):
        known = dict(zip(panels, tabs, strict=True))
    labelled = {}
    for panel, tab in known.items():
        label = Element("label", tab.attrib)  # a `<button>` would be silent
        label.text = tab.text
        label.extend(tab)
        labelled[panel] = with_label(label, panel)
        labelled[panel].tail, panel.tail = panel.tail, None
    return labelled
