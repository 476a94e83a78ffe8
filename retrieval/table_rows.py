"""Rows of tables, said with the header that tells what their cells mean."""


def row_in_words(header: str, row: str) -> str:
    """The cells of a row, each with the name of its column: "Ticket: Bicycle; One way: 25".

    Where header and row do not have the same number of cells, the header and the row.
    """
    names, cells = _cells(header.split("\n")[0]), _cells(row)
    if len(names) != len(cells):
        return f"{_on_one_line(header)}. {_on_one_line(row)}"
    named = (f"{name}: {cell}" if name else cell for name, cell in zip(names, cells, strict=True) if cell)
    return "; ".join(named) or _on_one_line(row)


def _cells(line: str) -> list[str]:
    if "|" in line:
        return [cell.strip() for cell in line.strip().removeprefix("|").removesuffix("|").split("|")]
    return [cell.strip() for cell in line.strip("\n").split("\t")]


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
