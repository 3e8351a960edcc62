// On a phone only the answer is open at first; on paper everything is.
const folding = [...document.querySelectorAll("details[data-folds]")];
const narrow = matchMedia("(max-width: 600px)");
function fold() { for (const one of folding) one.open = !narrow.matches; }
narrow.addEventListener("change", fold);
addEventListener("beforeprint", () => { for (const one of folding) one.open = true; });
fold();
