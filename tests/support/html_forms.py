"""The forms of an HTML page: what a browser would send when one of them is submitted."""

from collections.abc import Mapping
from html.parser import HTMLParser
from urllib.parse import urljoin

import attrs

Fields = tuple[tuple[str, str], ...]
Attributes = dict[str, str | None]


@attrs.frozen
class Form:
    """
    One form, ready to be filled in.

    Attributes:
        name: Its ``name``, or else its ``id``; empty when it has neither.
        action: Where it is sent, absolute.
        method: ``GET`` or ``POST``.
        fields: What is sent when nothing is changed, in the order of the page.
        choices: For radio buttons and selects, the values that are offered.
        buttons: Submit buttons that have a name, with their values.
    """

    name: str
    action: str
    method: str
    fields: Fields
    choices: Mapping[str, tuple[str, ...]]
    buttons: Fields

    def filled(self, overrides: Mapping[str, str | None] | None = None) -> Fields:
        """
        Return what is sent when the user changes fields or presses a certain button.

        Args:
            overrides: New values by name; None leaves the field out.

        Raises:
            ValueError: When the form has no such field, button or choice: no user could do that.
        """
        overrides = dict(overrides or {})
        for name, value in overrides.items():
            self._check(name, value)
        kept = tuple(field for field in self.fields if field[0] not in overrides)
        return kept + tuple((name, value) for name, value in overrides.items() if value is not None)

    def _check(self, name: str, value: str | None) -> None:
        known = {field for field, _ in (*self.fields, *self.buttons)} | set(self.choices)
        if name not in known:
            raise ValueError(f"form {self.name!r} has no field {name!r}; it has {sorted(known)}")
        offered = self.choices.get(name) or tuple(v for key, v in self.buttons if key == name)
        if value is not None and offered and value not in offered:
            raise ValueError(f"form {self.name!r} offers {offered} for {name!r}, not {value!r}")


@attrs.define
class _Draft:
    """A form while its page is being read."""

    name: str
    identifier: str
    action: str
    method: str
    fields: list[tuple[str, str]] = attrs.field(factory=list[tuple[str, str]])
    choices: dict[str, list[str]] = attrs.field(factory=dict[str, list[str]])
    buttons: list[tuple[str, str]] = attrs.field(factory=list[tuple[str, str]])

    def finished(self) -> Form:
        choices = {name: tuple(values) for name, values in self.choices.items()}
        return Form(
            self.name or self.identifier,
            self.action,
            self.method,
            tuple(self.fields),
            choices,
            tuple(self.buttons),
        )


def parse_forms(text: str, url: str) -> tuple[Form, ...]:
    """
    Return the forms of a page in their order.

    Args:
        text: The page's HTML.
        url: The page's own URL, which relative actions are read against.
    """
    parser = _FormParser(url)
    parser.feed(text)
    parser.close()
    return tuple(draft.finished() for draft in parser.drafts)


class _FormParser(HTMLParser):
    """Reads inputs, buttons, selects and text areas, also those tied to a form by its id."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.drafts: list[_Draft] = []
        self._url = url
        self._open: _Draft | None = None
        self._select: tuple[_Draft, str] | None = None
        self._textarea: tuple[_Draft, str, list[str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "form":
            self._start_form(attributes)
        elif tag in {"input", "button", "select", "textarea"} and "disabled" not in attributes:
            draft = self._owner(attributes)
            name = attributes.get("name")
            if draft is not None and name:
                self._start_control(tag, draft, name, attributes)
        elif tag == "option" and self._select is not None:
            self._start_option(*self._select, attributes)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._end_select()
        elif tag == "textarea" and self._textarea is not None:
            draft, name, texts = self._textarea
            draft.fields.append((name, "".join(texts)))
            self._textarea = None

    def handle_data(self, data: str) -> None:
        if self._textarea is not None:
            self._textarea[2].append(data)

    def _start_form(self, attributes: Attributes) -> None:
        self._open = _Draft(
            name=attributes.get("name") or "",
            identifier=attributes.get("id") or "",
            action=urljoin(self._url, attributes.get("action") or self._url),
            method=(attributes.get("method") or "get").upper(),
        )
        self.drafts.append(self._open)

    def _owner(self, attributes: Attributes) -> _Draft | None:
        identifier = attributes.get("form")
        if identifier is None:
            return self._open
        return next((draft for draft in self.drafts if draft.identifier == identifier), None)

    def _start_control(self, tag: str, draft: _Draft, name: str, attributes: Attributes) -> None:
        if tag == "select":
            self._select = (draft, name)
            draft.choices[name] = []
        elif tag == "textarea":
            self._textarea = (draft, name, [])
        elif tag == "button":
            if (attributes.get("type") or "submit") == "submit":
                draft.buttons.append((name, attributes.get("value") or ""))
        else:
            _add_input(draft, name, attributes)

    def _start_option(self, draft: _Draft, name: str, attributes: Attributes) -> None:
        value = attributes.get("value") or ""
        draft.choices[name].append(value)
        if "selected" in attributes:
            draft.fields.append((name, value))

    def _end_select(self) -> None:
        if self._select is None:
            return
        draft, name = self._select
        self._select = None
        offered = draft.choices[name]
        # A browser shows the first option where none is marked.
        if offered and all(field != name for field, _ in draft.fields):
            draft.fields.append((name, offered[0]))


def _add_input(draft: _Draft, name: str, attributes: Attributes) -> None:
    kind = (attributes.get("type") or "text").lower()
    value = attributes.get("value")
    if kind == "submit":
        draft.buttons.append((name, value or ""))
    elif kind in {"radio", "checkbox"}:
        if kind == "radio":
            draft.choices.setdefault(name, []).append(value or "on")
        if "checked" in attributes:
            draft.fields.append((name, value or "on"))
    elif kind not in {"button", "reset", "image", "file"}:
        draft.fields.append((name, value or ""))
