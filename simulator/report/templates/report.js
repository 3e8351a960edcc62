"use strict";
// Tables can be sorted by a column. Without this script they stand in the order of the file.
for (const table of document.querySelectorAll("table")) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  if (body.rows.length < 3) continue;
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-label", `Sort by ${head.textContent}`);
    head.append(" ", button);
    head.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = [...body.rows].map((row) => {
        const cell = row.cells[column];
        if (!cell.classList.contains("n")) return [cell.textContent, row];
        const value = Number(cell.dataset.v ?? cell.textContent);
        return [Number.isNaN(value) ? undefined : value, row];
      });
      rows.sort(([a], [b]) => {
        if (a === undefined || b === undefined) return (a === undefined) - (b === undefined);
        const words = (typeof a === "string") - (typeof b === "string"); // after numbers
        const order = words || (typeof a === "string" ? a.localeCompare(b) : a - b);
        return down ? -order : order;
      });
      body.append(...rows.map(([, row]) => row));
    });
  });
}
// What is folded but belongs to the text is printed too, also by browsers that style cannot unfold.
const folded = () => document.querySelectorAll("details.kept");
addEventListener("beforeprint", () => folded().forEach((part) => {
  part.dataset.open = part.open;
  part.open = true;
}));
addEventListener("afterprint", () => folded().forEach((part) => {
  part.open = part.dataset.open === "true";
}));
