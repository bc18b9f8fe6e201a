"""Reading the tenant's own pages: the title, the text, and the one form on them."""

from html.parser import HTMLParser

from attrs import define, field, frozen

__all__ = ["Choice", "Form", "Page", "parse_page"]


@define
class Choice:
    """A radio button with what its label says."""

    name: str
    value: str
    labels: list[str] = field(factory=list[str])

    def is_called(self, name: str) -> bool:
        """Tell whether the value or one part of the label is this name."""
        return name == self.value or name in self.labels


@define
class Form:
    """A form and what it would send."""

    action: str
    fields: dict[str, str] = field(factory=dict[str, str])
    choices: list[Choice] = field(factory=list[Choice])
    buttons: list[str] = field(factory=list[str])


@frozen
class Page:
    """A page of the tenant."""

    url: str
    status: int
    title: str
    text: str
    forms: tuple[Form, ...]

    @property
    def form(self) -> Form | None:
        """The page's form, if it has one."""
        return self.forms[0] if self.forms else None


def parse_page(url: str, status: int, html: str) -> Page:
    """Read a page."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    text = " ".join(" ".join(reader.text).split())
    return Page(url, status, "".join(reader.title).strip(), text, tuple(reader.forms))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.title: list[str] = []
        self.text: list[str] = []
        self._inside: list[str] = []
        self._choice: Choice | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(action=values.get("action", "")))
        elif tag == "input" and self.forms:
            self._add_input(self.forms[-1], values)
        elif tag == "button" and self.forms:
            self.forms[-1].buttons.append(values.get("value", ""))
        elif tag in ("title", "label"):
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "label":
            self._choice = None
        if tag in self._inside:
            self._inside.remove(tag)

    def handle_data(self, data: str) -> None:
        if "title" in self._inside:
            self.title.append(data)
            return
        self.text.append(data)
        if self._choice is not None and data.strip():
            self._choice.labels.append(data.strip())

    def _add_input(self, form: Form, values: dict[str, str]) -> None:
        name, value = values.get("name", ""), values.get("value", "")
        if values.get("type") == "radio":
            self._choice = Choice(name, value)
            form.choices.append(self._choice)
            if "checked" not in values:
                return
        form.fields[name] = value
